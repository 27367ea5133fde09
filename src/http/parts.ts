import { ByteCollector } from '../base/bytes.ts';
import { StorageError } from '../base/errors.ts';
import { decodeBody } from './body-decoding.ts';
import { type MediaType, parseMediaType } from './media-type.ts';
import { MultipartError, MultipartParser, type PartHandler } from './multipart.ts';
import { TransientFailure } from './retry.ts';
import type { BodySink, HttpHead, HttpHeaders } from './types.ts';

/** One representation out of a reply: a part of a multipart body, or the whole of any other. */
export interface Part {
  readonly mediaType: MediaType;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a reply held. */
export interface Parts {
  /** Of the reply as a whole. */
  readonly mediaType: MediaType;
  readonly parts: readonly Part[];
}

/** Takes parts as they arrive and makes something of them in the end. */
export interface PartReader<T> extends PartHandler {
  /** `complete`: the whole body came, not only as much as the reader wanted. */
  result(complete: boolean): T;
}

/** More parts are no answer to a request for a frame or an instance. */
const MOST_PARTS = 1024;

/** Gathers all parts. */
export function partsReader(mediaType: MediaType): PartReader<Parts> {
  const parts: Part[] = [];
  let current = new ByteCollector();
  let currentType = mediaType;
  return {
    begin(headers): void {
      current = new ByteCollector();
      currentType = parseMediaType(headers['content-type']);
      const length = Number(headers['content-length']);
      if (Number.isSafeInteger(length)) current.expect(length);
    },
    data(bytes): boolean {
      current.add(bytes);
      return true;
    },
    end(): void {
      if (parts.length >= MOST_PARTS) throw new MultipartError(`more than ${MOST_PARTS} parts`);
      parts.push({ mediaType: currentType, bytes: current.take() });
    },
    result: () => ({ mediaType, parts }),
  };
}

export interface RangeOfPart {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Size of the whole part, where that is known. */
  readonly partByteLength: number | undefined;
}

/** Takes `length` bytes from `offset` of the first part, and no more than that. */
export function rangeReader(offset: number, length: number): PartReader<RangeOfPart | undefined> {
  const collector = new ByteCollector();
  let parts = 0;
  let seen = 0;
  let declared: number | undefined;
  let ended = false;
  return {
    begin(headers): void {
      parts += 1;
      const value = headers['content-length'];
      if (parts === 1 && value !== undefined && /^\d{1,15}$/.test(value)) declared = Number(value);
    },
    data(bytes): boolean {
      if (parts > 1) return false;
      const from = Math.max(0, offset - seen);
      seen += bytes.length;
      const wanted = bytes.subarray(from, from + length - collector.byteLength);
      collector.add(wanted);
      return collector.byteLength < length;
    },
    end(): void {
      ended = true;
    },
    result: () =>
      parts === 0 ? undefined : { bytes: collector.take(), partByteLength: ended && parts === 1 ? seen : declared },
  };
}

export interface PartsSinkOptions {
  /** What messages call the thing asked for. */
  readonly location: string;
  /** Of an encoded body once decoded. */
  readonly maximumByteLength: number;
}

/**
 * A sink that hands the parts of a multipart reply to a reader while they arrive; a reply of any other type counts as
 * one part with the reply's own headers. A body that is encoded although it should not be is decoded first. What is cut
 * off or broken is a transient failure, for which the transport asks again.
 */
export function partsSink<T>(head: HttpHead, reader: PartReader<T>, options: PartsSinkOptions): BodySink<T> {
  const { location } = options;
  const encoding = encodingOf(head.headers);
  const encoded = encoding === undefined ? undefined : new ByteCollector();
  const broken = (what: string): TransientFailure =>
    new TransientFailure(
      new StorageError(`${location}: the server sent ${what}, and nothing better at any attempt.`, {
        location,
        status: head.status,
      }),
    );
  const guard = <R>(action: () => R): R => {
    try {
      return action();
    } catch (error) {
      if (error instanceof MultipartError) throw broken(error.message);
      if (!(error instanceof RangeError)) throw error;
      throw new StorageError(`${location} is too large to be held in memory.`, { location, cause: error });
    }
  };
  const body = guard(() => bodyParser(head, reader));
  let stopped = false;
  return {
    write: (chunk) =>
      guard(() => {
        if (encoded === undefined) stopped = !body.write(chunk);
        else encoded.add(chunk);
        return !stopped;
      }),
    finish: () =>
      guard(() => {
        if (encoded !== undefined) {
          stopped = !body.write(decodeBody(encoded.take(), encoding, options.maximumByteLength, location));
        }
        if (!stopped && !body.finish()) throw broken('a reply that does not say how long it is');
        return reader.result(!stopped);
      }),
  };
}

function encodingOf(headers: HttpHeaders): string | undefined {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  return encoding === '' || encoding === 'identity' ? undefined : encoding;
}

interface BodyParser {
  write(bytes: Uint8Array): boolean;
  /** Whether the body's end can be trusted. Throws a MultipartError where it is not the end. */
  finish(): boolean;
}

function bodyParser(head: HttpHead, reader: PartHandler): BodyParser {
  const mediaType = parseMediaType(head.headers['content-type']);
  if (mediaType.name.startsWith('multipart/')) {
    const parser = new MultipartParser(mediaType.parameters.get('boundary') ?? '', reader);
    return {
      write: (bytes) => parser.write(bytes),
      finish(): boolean {
        parser.finish();
        return true;
      },
    };
  }
  // The length of an encoded body is not that of what is in it.
  const { 'content-length': _length, ...others } = head.headers;
  reader.begin(encodingOf(head.headers) === undefined ? head.headers : others);
  return {
    write: (bytes) => reader.data(bytes),
    finish(): boolean {
      reader.end();
      return head.headers['content-length'] !== undefined || head.headers['transfer-encoding'] !== undefined;
    },
  };
}
