import { ByteCollector } from '../../base/bytes.ts';

/** JSON that is no array of objects, ended too early, or is nested or large beyond all measure. */
export class JsonElementsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonElementsError';
  }
}

const DEEPEST_NESTING = 128;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Takes an array of JSON objects (RFC 8259) apart as it arrives, so that a long one is never held whole: `onElement` gets
 * the bytes of one object after the other, unparsed. A single object counts as an array of one. Throws a
 * JsonElementsError, and what `onElement` throws.
 */
export class JsonElements {
  readonly #onElement: (bytes: Uint8Array) => void;
  readonly #largest: number;
  #collector = new ByteCollector();
  /** Brackets and braces open within the element; 0 between elements. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  #state: 'start' | 'array' | 'end' = 'start';
  #single = false;
  /** A comma is due before the next element. */
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
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (this.#depth === 0) {
        if (this.#between(byte)) from = at;
      } else if (byte === QUOTE) {
        this.#inString = true;
      } else if (byte === 0x7b || byte === 0x5b) {
        this.#depth += 1;
        if (this.#depth > DEEPEST_NESTING) throw new JsonElementsError('JSON nested beyond all measure');
      } else if (byte === 0x7d || byte === 0x5d) {
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

  /** A byte outside all elements; true where an element begins. */
  #between(byte: number): boolean {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return false;
    if (this.#state === 'start') {
      // A byte order mark is passed over.
      if (byte === 0xef || byte === 0xbb || byte === 0xbf) return false;
      if (byte === 0x5b) {
        this.#state = 'array';
        return false;
      }
      if (byte === 0x7b) {
        this.#single = true;
        this.#depth = 1;
        return true;
      }
    } else if (this.#state === 'array') {
      if (byte === 0x7b && !this.#afterElement) {
        this.#depth = 1;
        return true;
      }
      if (byte === 0x2c && this.#afterElement) {
        this.#afterElement = false;
        return false;
      }
      if (byte === 0x5d) {
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
