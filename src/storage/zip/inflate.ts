import { constants, crc32, createInflateRaw, inflateRaw, inflateRawSync } from 'node:zlib';

/** Deflate makes at most this many bytes of one (RFC 1951: a code of two bits stands for at most 258 bytes). */
const maxRatio = 1032;
const minStep = 512;
const maxStep = 64 * 1024;

/** A deflate stream that is damaged, or that holds more or fewer bytes than its archive says. */
export class InflateError extends Error {}

/**
 * Inflates the beginning of a raw deflate stream (RFC 1951) to at least `wanted` bytes, often more; to fewer where
 * `compressed` holds fewer. It inflates in growing steps, because a kilobyte of a stream may inflate to a megabyte that
 * nobody wants.
 */
export function inflateBeginning(compressed: Uint8Array, wanted: number): Uint8Array<ArrayBuffer> {
  let step = Math.min(maxStep, Math.max(minStep, wanted >> 2));
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

/** Inflates a whole stream off the main thread. It must hold `length` bytes with that CRC-32. */
export function inflateWhole(
  compressed: Uint8Array,
  length: number,
  checksum: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    // Room for one byte more shows a stream that goes on. One large chunk, so that no chunks must be joined.
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

/** Throws an InflateError unless the bytes have the length and the CRC-32 that the archive says. */
export function checkWhole(bytes: Uint8Array, length: number, checksum: number): void {
  if (bytes.length > length) throw new InflateError(longerThan(length));
  if (bytes.length < length) throw new InflateError(`it holds ${bytes.length} bytes and should hold ${length}`);
  if (crc32(bytes) !== checksum) throw new InflateError('its checksum (CRC-32) is wrong: it is damaged');
}

function longerThan(length: number): string {
  return `it holds more than the ${length} bytes that the archive says`;
}

/** Whether the sizes of a file can be right: stored data stay as they are, and deflate has a greatest ratio. */
export function sizesArePossible(method: number, compressedLength: number, length: number): boolean {
  if (method === 0) return compressedLength === length;
  return length <= compressedLength * maxRatio;
}

/** How many compressed bytes are inflated at a time. They inflate to 64 MiB at most. */
const maxPieceLength = 64 * 1024;

/** Inflates a stream piece by piece, in memory that does not grow with it. */
export interface StreamInflater {
  /** Inflates a part of the stream and hands it to `take`, which returns false when it needs no more of it. */
  push(compressed: Uint8Array, take: (inflated: Uint8Array) => boolean): Promise<void>;
  close(): void;
}

/** Makes a StreamInflater for a new stream. Its promises are rejected with an InflateError for damaged data. */
export function createStreamInflater(): StreamInflater {
  const stream = createInflateRaw({ chunkSize: 256 * 1024, finishFlush: constants.Z_SYNC_FLUSH });
  let output: Uint8Array[] = [];
  stream.on('data', (piece: Uint8Array) => output.push(piece));
  // Failures are reported by the writes.
  stream.on('error', () => {});
  const inflate = (piece: Uint8Array): Promise<readonly Uint8Array[]> =>
    new Promise((resolve, reject) => {
      // When a write is done, 'data' has been called with all output of its piece.
      stream.write(piece, (cause) => {
        const inflated = output;
        output = [];
        if (cause === null || cause === undefined) resolve(inflated);
        else reject(new InflateError('its compressed data are damaged', { cause }));
      });
    });
  return {
    async push(compressed, take): Promise<void> {
      for (let at = 0; at < compressed.length; at += maxPieceLength) {
        for (const inflated of await inflate(compressed.subarray(at, at + maxPieceLength))) {
          if (!take(inflated)) return;
        }
      }
    },
    close: () => {
      stream.destroy();
    },
  };
}
