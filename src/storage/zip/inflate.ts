import { constants, crc32, createInflateRaw, inflateRaw, inflateRawSync } from 'node:zlib';

/** Deflate makes no more than this of a byte (RFC 1951: 258 bytes of a two-bit code, and then some). */
const GREATEST_RATIO = 1032;
const SMALLEST_STEP = 512;
const LARGEST_STEP = 64 * 1024;

/** A deflate stream that is damaged, or holds another number of bytes than its archive says. */
export class InflateError extends Error {}

/**
 * The first bytes of a raw deflate stream (RFC 1951): at least `wanted` where the given beginning of it holds them,
 * often more. Inflates in growing steps, so that a stream that begins with little and goes on with a megabyte of zeros a
 * kilobyte costs no more than it must.
 */
export function inflateBeginning(compressed: Uint8Array, wanted: number): Uint8Array<ArrayBuffer> {
  let step = Math.min(LARGEST_STEP, Math.max(SMALLEST_STEP, wanted >> 2));
  for (;;) {
    const part = compressed.subarray(0, step);
    let inflated: Uint8Array<ArrayBuffer>;
    try {
      inflated = new Uint8Array(inflateRawSync(part, { finishFlush: constants.Z_SYNC_FLUSH }));
    } catch (cause) {
      throw new InflateError('its compressed data are damaged', { cause });
    }
    if (inflated.length >= wanted || step >= compressed.length) return inflated;
    step *= 2;
  }
}

/** Inflates a whole stream off the main thread; it must hold `length` bytes with that CRC-32. */
export function inflateWhole(
  compressed: Uint8Array,
  length: number,
  checksum: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    // One byte more than there should be tells a stream that goes on; in one piece, so that nothing is joined.
    const options = { maxOutputLength: length + 1, chunkSize: Math.max(64, length + 1) };
    inflateRaw(compressed, options, (cause, inflated) => {
      if (cause !== null) {
        const tooLong = 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
        reject(new InflateError(tooLong ? longerThan(length) : 'its compressed data are damaged', { cause }));
        return;
      }
      try {
        checkWhole(inflated, length, checksum);
        resolve(new Uint8Array(inflated.buffer, inflated.byteOffset, inflated.length));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Throws an InflateError unless these are all bytes of a file as its archive describes it. */
export function checkWhole(bytes: Uint8Array, length: number, checksum: number): void {
  if (bytes.length > length) throw new InflateError(longerThan(length));
  if (bytes.length < length) throw new InflateError(`it holds ${bytes.length} bytes and should hold ${length}`);
  if (crc32(bytes) !== checksum) throw new InflateError('its checksum (CRC-32) is wrong: it is damaged');
}

function longerThan(length: number): string {
  return `it holds more than the ${length} bytes that the archive says`;
}

/** Whether a file's sizes can be true: deflate has a greatest ratio, and stored data have none. */
export function sizesArePossible(method: number, compressedLength: number, length: number): boolean {
  if (method === 0) return compressedLength === length;
  return length <= compressedLength * GREATEST_RATIO;
}

/** Compressed bytes inflated at once: with the greatest ratio these are 64 MiB. */
const LARGEST_PIECE = 64 * 1024;

/** Inflates a stream piece by piece, in memory that does not grow with it. */
export interface StreamInflater {
  /** Hands on what a part of the stream inflates to; `take` returns false when it needs no more of it. */
  push(compressed: Uint8Array, take: (inflated: Uint8Array) => boolean): Promise<void>;
  close(): void;
}

/** A StreamInflater from a stream's beginning. Its promises are rejected with an InflateError for damaged data. */
export function createStreamInflater(): StreamInflater {
  const stream = createInflateRaw({ chunkSize: 256 * 1024, finishFlush: constants.Z_SYNC_FLUSH });
  let output: Uint8Array[] = [];
  stream.on('data', (piece: Uint8Array) => output.push(piece));
  // Every write reports its own failure.
  stream.on('error', () => {});
  const inflate = (piece: Uint8Array): Promise<readonly Uint8Array[]> =>
    new Promise((resolve, reject) => {
      // All output of a piece has been handed to 'data' by the time its write is done.
      stream.write(piece, (cause) => {
        const inflated = output;
        output = [];
        if (cause === null || cause === undefined) resolve(inflated);
        else reject(new InflateError('its compressed data are damaged', { cause }));
      });
    });
  return {
    async push(compressed, take): Promise<void> {
      for (let at = 0; at < compressed.length; at += LARGEST_PIECE) {
        for (const inflated of await inflate(compressed.subarray(at, at + LARGEST_PIECE))) {
          if (!take(inflated)) return;
        }
      }
    },
    close: () => {
      stream.destroy();
    },
  };
}
