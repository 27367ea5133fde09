import { ByteCollector, outOfMemory } from '../base/bytes.ts';
import { StorageError } from '../base/errors.ts';
import {
  contentLengthOf,
  decodeBody,
  encodingsOf,
  isFramed,
  type MediaType,
  parseMediaType,
} from './content-headers.ts';
import { MultipartError, MultipartParser, type PartHandler } from './multipart.ts';
import { TransientFailure } from './retry.ts';
import type { BodySink, HttpHead } from './types.ts';

/** A part of a multipart body, or the whole body of another reply. */
export interface Part {
  readonly mediaType: MediaType;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** All parts of a reply. */
export interface Parts {
  /** The media type of the reply as a whole. */
  readonly mediaType: MediaType;
  readonly parts: readonly Part[];
}

/** Takes parts as they arrive, and makes a result of them in the end. */
export interface PartReader<T> extends PartHandler {
  /** `complete`: the whole body has come, not only as much as the reader wanted. */
  result(complete: boolean): T;
}

/** No answer to a request for a frame or an instance has more parts. */
const maxParts = 1024;

/** Gathers all parts. */
export function partsReader(mediaType: MediaType): PartReader<Parts> {
  const parts: Part[] = [];
  let current = new ByteCollector();
  let currentType = mediaType;
  return {
    begin(headers): void {
      current = new ByteCollector();
      currentType = parseMediaType(headers['content-type']);
      current.expect(contentLengthOf(headers) ?? 0);
    },
    data(bytes): boolean {
      current.add(bytes);
      return true;
    },
    end(): void {
      if (parts.length >= maxParts) throw new MultipartError(`more than ${maxParts} parts`);
      parts.push({ mediaType: currentType, bytes: current.take() });
    },
    result: () => ({ mediaType, parts }),
  };
}

export interface RangeOfPart {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Size of the whole part, where it is known. */
  readonly partByteLength: number | undefined;
}

/** Takes `length` bytes from `offset` of the first part, and not more. */
export function rangeReader(offset: number, length: number): PartReader<RangeOfPart | undefined> {
  const collector = new ByteCollector();
  let parts = 0;
  let seen = 0;
  let declared: number | undefined;
  let ended = false;
  return {
    begin(headers): void {
      parts += 1;
      if (parts === 1) declared = contentLengthOf(headers);
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
  /** What was asked for, for messages. */
  readonly location: string;
  /** Bounds an encoded body once it is decoded. */
  readonly maxByteLength: number;
}

/**
 * A sink that hands the parts of a multipart reply to a reader while they arrive. A reply of another type counts as one
 * part with the headers of the reply. A body that came encoded, although plain bytes were asked for, is decoded first.
 * A body that was cut off or is broken is a transient failure, after which the transport asks again.
 */
export function partsSink<T>(head: HttpHead, reader: PartReader<T>, options: PartsSinkOptions): BodySink<T> {
  const { location } = options;
  const encoded = isEncoded(head) ? new ByteCollector() : undefined;
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
      throw outOfMemory(location, error);
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
          stopped = !body.write(decodeBody(encoded.take(), head.headers, options.maxByteLength, location));
        }
        if (!stopped && !body.finish()) throw broken('a reply that does not say how long it is');
        return reader.result(!stopped);
      }),
  };
}

function isEncoded({ headers }: HttpHead): boolean {
  return encodingsOf(headers).length > 0;
}

interface BodyParser {
  write(bytes: Uint8Array): boolean;
  /** Whether the end of the body can be trusted. Throws a MultipartError where the body has not ended. */
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
  // The length of an encoded body is not that of its content.
  const { 'content-length': _length, ...others } = head.headers;
  reader.begin(isEncoded(head) ? others : head.headers);
  return {
    write: (bytes) => reader.data(bytes),
    finish(): boolean {
      reader.end();
      return isFramed(head.headers);
    },
  };
}
