import { createRequire } from 'node:module';
import type * as zlib from 'node:zlib';
import { InvalidDicomError } from '../../base/errors.ts';

/** A deflate stream makes at most this many bytes of one: RFC 1951 has a code of two bits for up to 258 bytes. */
export const maxInflateRatio = 1032;
const minStep = 512;

/** Parts that are tried between one that is too short and one that is too long. */
const maxTries = 8;

/** The first bytes of a deflate stream, inflated. */
export interface InflatedPart {
  readonly bytes: Buffer;
  /** How many bytes of the stream they come from. */
  readonly deflatedLength: number;
  /** Whether these are all bytes that the given part of the stream holds. */
  readonly isAll: boolean;
}

/**
 * Inflates the beginning of a raw deflate stream (RFC 1951) that may be cut off: about `wanted` bytes or more, or all
 * where there are fewer. It inflates longer and longer parts, since a kilobyte may inflate to a megabyte that nobody
 * wants.
 *
 * @param before what was inflated last, which did not suffice: it tells how long a part to try
 * @param maxLength the result is never longer, and shorter than `wanted` where no part of the stream fits in between
 * @throws InvalidDicomError where the stream is damaged
 */
export function inflateSome(
  deflated: Uint8Array,
  wanted: number,
  maxLength: number,
  before?: InflatedPart,
): InflatedPart {
  let known = before ?? { bytes: Buffer.alloc(0), deflatedLength: 0, isAll: false };
  const ratio = known.bytes.length === 0 ? 4 : known.bytes.length / known.deflatedLength;
  let step = Math.max(minStep, Math.ceil(wanted / ratio));
  /** So many bytes are known to inflate to more than `maxLength`. */
  let tooMany: number | undefined;
  for (let tries = 0; tries < maxTries; ) {
    const length = Math.min(step, deflated.length);
    const bytes = inflatePart(deflated.subarray(0, length), wanted, maxLength);
    if (bytes === undefined) tooMany = length;
    else {
      known = { bytes, deflatedLength: length, isAll: length === deflated.length };
      if (known.isAll || bytes.length >= wanted) return known;
    }
    if (tooMany === undefined) step = length * 2;
    else {
      tries++;
      step = (known.deflatedLength + tooMany) >> 1;
    }
  }
  return known;
}

/**
 * How long the zlib header (RFC 1950) is that stands before a deflate stream: 2, or 0 where there is none. PS3.5 A.5 wants
 * none, but some writers have one.
 */
export function zlibHeaderLength(bytes: Uint8Array, at: number): number {
  const [method = 0, flags = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 5);
  const isZlib = (method & 0x8f) === 8 && (flags & 0x20) === 0 && ((method << 8) | flags) % 31 === 0;
  // A raw stream that begins so has a stored block: its length, and the complement of that.
  const isStored = (flags ^ c) === 0xff && (b ^ d) === 0xff;
  return isZlib && !isStored ? 2 : 0;
}

/** Undefined where it inflates to more than `maxLength`. */
function inflatePart(deflated: Uint8Array, wanted: number, maxLength: number): Buffer | undefined {
  // Z_SYNC_FLUSH: a stream that is cut off gives what there is of it, not an error.
  const finishFlush = 2;
  // Loaded only for the few objects that are deflated: it takes longer than parsing a hundred headers.
  const { inflateRawSync }: typeof zlib = createRequire(import.meta.url)('node:zlib');
  try {
    // A chunk as large as the result: no chunks must be joined then.
    return inflateRawSync(deflated, { finishFlush, maxOutputLength: maxLength, chunkSize: wanted + minStep });
  } catch (cause) {
    if (isTooLong(cause)) return undefined;
    throw new InvalidDicomError(
      'Expected a deflated data set (RFC 1951) but its bytes do not inflate. The object is damaged.',
      { cause },
    );
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
