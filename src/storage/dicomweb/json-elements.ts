import { ByteCollector } from '../../base/bytes.ts';
import { StorageError } from '../../base/errors.ts';
import { encodingsOf, parseMediaType } from '../../http/content-headers.ts';
import { documentSink } from '../../http/documents.ts';
import { TransientFailure } from '../../http/retry.ts';
import type { BodySink, HttpHead } from '../../http/types.ts';

/** JSON that is not an array of objects, ends too early, or is too large or too deeply nested. */
export class JsonElementsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonElementsError';
  }
}

const maxDepth = 128;
const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Takes an array of JSON objects (RFC 8259) apart as it arrives, so that a long one is never in memory as a whole.
 * `onElement` gets the bytes of one object after the other, unparsed. A single object counts as an array of one. Throws
 * a JsonElementsError, and what `onElement` throws.
 */
export class JsonElements {
  readonly #onElement: (bytes: Uint8Array) => void;
  readonly #largest: number;
  #collector = new ByteCollector();
  /** How many brackets and braces are open within the element; 0 between elements. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  #state: 'start' | 'array' | 'end' = 'start';
  #single = false;
  /** A comma must come before the next element. */
  #afterElement = false;

  constructor(onElement: (bytes: Uint8Array) => void, largestElement: number) {
    this.#onElement = onElement;
    this.#largest = largestElement;
  }

  write(chunk: Uint8Array): void {
    let from = this.#depth > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inString = false;
      } else if (this.#depth === 0) {
        if (this.#between(byte)) from = at;
      } else if (byte === quote) {
        this.#inString = true;
      } else if (byte === openBrace || byte === openBracket) {
        this.#depth += 1;
        if (this.#depth > maxDepth) throw new JsonElementsError(`JSON nested more than ${maxDepth} levels deep`);
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth -= 1;
        if (this.#depth > 0) continue;
        this.#emit(chunk.subarray(from, at + 1));
        from = -1;
      }
    }
    if (from >= 0) this.#collect(chunk.subarray(from));
  }

  /** At the end of the text. */
  finish(): void {
    if (this.#state !== 'end') throw new JsonElementsError('JSON that was cut off');
  }

  /** Takes a byte outside all elements; true where an element begins. */
  #between(byte: number): boolean {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return false;
    if (this.#state === 'start') {
      // A byte order mark is skipped.
      if (byte === 0xef || byte === 0xbb || byte === 0xbf) return false;
      if (byte === openBracket) {
        this.#state = 'array';
        return false;
      }
      if (byte === openBrace) {
        this.#single = true;
        this.#depth = 1;
        return true;
      }
    } else if (this.#state === 'array') {
      if (byte === openBrace && !this.#afterElement) {
        this.#depth = 1;
        return true;
      }
      if (byte === comma && this.#afterElement) {
        this.#afterElement = false;
        return false;
      }
      if (byte === closeBracket) {
        this.#state = 'end';
        return false;
      }
    }
    throw new JsonElementsError('something other than an array of JSON objects');
  }

  #collect(bytes: Uint8Array): void {
    if (this.#collector.byteLength + bytes.length > this.#largest) {
      throw new JsonElementsError(`a JSON object of more than ${this.#largest} bytes`);
    }
    this.#collector.add(bytes);
  }

  #emit(last: Uint8Array): void {
    this.#state = this.#single ? 'end' : 'array';
    this.#afterElement = true;
    if (this.#collector.byteLength === 0 && last.length <= this.#largest) {
      this.#onElement(last);
      return;
    }
    this.#collect(last);
    const element = this.#collector.take();
    this.#collector = new ByteCollector();
    this.#onElement(element);
  }
}

const maxElementByteLength = 256 * 1024 * 1024;
/** For encoded replies, which are gathered before they are decoded. */
const maxEncodedByteLength = 2 ** 31;

/**
 * Takes a reply with an array of JSON objects as it arrives; `take` gets the bytes of each. A reply without content
 * counts as an empty array. Throws a StorageError for another media type; a reply that is cut off or broken is a
 * transient failure.
 */
export function elementsSink(head: HttpHead, location: string, take: (json: Uint8Array) => void): BodySink<void> {
  const { name } = parseMediaType(head.headers['content-type']);
  const isEmpty = head.status === 204 || head.headers['content-length'] === '0';
  if (!isEmpty && !/^(application\/(dicom\+)?json|text\/plain)?$/.test(name)) {
    throw new StorageError(
      `${location}: expected DICOM JSON (application/dicom+json) but the server sent ${name}. Does the root name the DICOMweb service?`,
      { location, status: head.status },
    );
  }
  const elements = new JsonElements(take, maxElementByteLength);
  const guard = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof JsonElementsError)) throw error;
      throw new TransientFailure(
        new StorageError(
          `${location}: expected an array of DICOM JSON but the server sent ${error.message}, every time.`,
          { location, status: head.status },
        ),
      );
    }
  };
  const isEncoded = encodingsOf(head.headers).length > 0;
  const encoded = isEncoded ? documentSink(head, maxEncodedByteLength, location) : undefined;
  return {
    write(chunk): boolean {
      if (encoded !== undefined) encoded.write(chunk);
      else if (!isEmpty) guard(() => elements.write(chunk));
      return true;
    },
    finish(): void {
      if (isEmpty) return;
      guard(() => {
        if (encoded !== undefined) elements.write(encoded.finish().bytes);
        elements.finish();
      });
    },
  };
}
