import { crc32 } from 'node:zlib';
import { abortable } from '../../base/abort.ts';
import { AbortedError, throwIfAborted } from '../../base/errors.ts';
import type { ZipEntryData } from './entry-data.ts';
import { createStreamInflater, InflateError, type StreamInflater } from './inflate.ts';

/** How many compressed bytes are read at a time. */
const chunkLength = 1024 * 1024;

/** A range that a caller waits for. */
interface Waiting {
  readonly start: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  filled: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: unknown) => void;
}

/** The state of a pass over the file. */
interface Pass {
  readonly inflater: StreamInflater;
  /** How many compressed bytes have been read. */
  readOffset: number;
  /** The offset of `rest` in the file. */
  position: number;
  checksum: number;
  /** The last inflated bytes. They are kept, because they may reach beyond what was wanted. */
  rest: Uint8Array;
}

/**
 * Reads ranges of a large deflated file in little memory. Deflate has no places to jump to, so the file is inflated
 * from its beginning. One pass serves all ranges that are wanted and lie ahead of it; a range behind it needs another
 * pass. When no range is wanted, the pass waits where it is.
 */
export class ZipStream {
  readonly #data: ZipEntryData;
  #waiting: Waiting[] = [];
  #pass: Pass | undefined;
  #running = false;

  constructor(data: ZipEntryData) {
    this.#data = data;
  }

  read(start: number, length: number, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const served = new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      throwIfAborted(signal);
      this.#waiting.push({ start, bytes: new Uint8Array(length), filled: 0, signal, resolve, reject });
      if (!this.#running) void this.#run();
    });
    return signal === undefined ? served : abortable(served, signal);
  }

  close(): void {
    this.#pass?.inflater.close();
    this.#pass = undefined;
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#waiting.length > 0) await this.#step();
    } catch (error) {
      this.close();
      const failed = this.#waiting;
      this.#waiting = [];
      const reason = error instanceof InflateError ? this.#data.damaged(error.message, error.cause) : error;
      for (const each of failed) each.reject(reason);
    } finally {
      this.#running = false;
    }
  }

  /** Serves the ranges that can be served, or goes on by one chunk. */
  async #step(): Promise<void> {
    this.#dropAborted();
    const pass = this.#pass ?? this.#begin();
    this.#hand(pass.position, pass.rest);
    if (this.#waiting.length === 0) return;
    const end = pass.position + pass.rest.length;
    if (this.#waiting.every((each) => each.start + each.filled < end)) {
      // All wanted ranges lie behind, so the next step begins another pass.
      this.close();
      return;
    }
    await this.#advance(pass);
  }

  #begin(): Pass {
    const none = new Uint8Array(0);
    this.#pass = { inflater: createStreamInflater(), readOffset: 0, position: 0, checksum: 0, rest: none };
    return this.#pass;
  }

  async #advance(pass: Pass): Promise<void> {
    const { entry } = this.#data;
    pass.position += pass.rest.length;
    pass.rest = new Uint8Array(0);
    if (pass.readOffset >= entry.compressedLength) {
      throw new InflateError(`it holds ${pass.position} bytes and should hold ${entry.length}`);
    }
    const compressed = await this.#data.read(pass.readOffset, chunkLength, undefined);
    pass.readOffset += compressed.length;
    await pass.inflater.push(compressed, (inflated) => {
      pass.position += pass.rest.length;
      pass.rest = inflated;
      const end = pass.position + inflated.length;
      if (end > entry.length)
        throw new InflateError(`it holds more than the ${entry.length} bytes that the archive says`);
      pass.checksum = crc32(inflated, pass.checksum);
      if (end === entry.length && pass.checksum !== entry.crc32) {
        throw new InflateError('its checksum (CRC-32) is wrong: it is damaged');
      }
      this.#hand(pass.position, inflated);
      return true;
    });
  }

  /** Copies inflated bytes into the ranges that want them. */
  #hand(position: number, inflated: Uint8Array): void {
    const still: Waiting[] = [];
    for (const each of this.#waiting) {
      const from = each.start + each.filled - position;
      if (from >= 0 && from < inflated.length) {
        const part = inflated.subarray(from, from + each.bytes.length - each.filled);
        each.bytes.set(part, each.filled);
        each.filled += part.length;
      }
      if (each.filled === each.bytes.length) each.resolve(each.bytes);
      else still.push(each);
    }
    this.#waiting = still;
  }

  #dropAborted(): void {
    this.#waiting = this.#waiting.filter((each) => {
      if (each.signal?.aborted !== true) return true;
      each.reject(new AbortedError({ cause: each.signal.reason }));
      return false;
    });
  }
}
