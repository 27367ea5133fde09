import { looksLikeJpegXl } from '../codestream-kind.ts';

/** What a JPEG XL codestream says of itself (ISO/IEC 18181-1 Annex D). */
export interface JpegXlHeaders {
  readonly rows: number;
  readonly columns: number;
  /** Bits of a sample; undefined for floating point samples. */
  readonly precision: number | undefined;
  readonly animated: boolean;
}

/**
 * Reads the size and the sample format.
 *
 * @returns undefined where there is no codestream, or where its header ends too early
 */
export function readJpegXlHeaders(bytes: Uint8Array): JpegXlHeaders | undefined {
  const codestream = findCodestream(bytes);
  if (codestream === undefined || codestream[0] !== 0xff || codestream[1] !== 0x0a) return undefined;
  const bits = new HeaderBits(codestream.subarray(2));
  const size = readSize(bits);
  let columns = size.columns;
  let rows = size.rows;
  let precision: number | undefined = 8;
  let animated = false;
  if (!bits.flag()) {
    if (bits.flag()) {
      const orientation = bits.take(3) + 1;
      if (orientation > 4) [columns, rows] = [rows, columns];
      if (bits.flag()) readSize(bits);
      if (bits.flag()) skipPreview(bits);
      animated = bits.flag();
      if (animated) return bits.exhausted ? undefined : { rows, columns, precision: undefined, animated };
    }
    const float = bits.flag();
    precision = float ? undefined : bits.select([8, 0], [10, 0], [12, 0], [1, 6]);
  }
  return bits.exhausted ? undefined : { rows, columns, precision, animated };
}

/** Width to height (18181-1 D.2), by the number that stands for it. */
const ratios: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
];

function readSize(bits: HeaderBits): { readonly rows: number; readonly columns: number } {
  const small = bits.flag();
  const side = (): number => (small ? (bits.take(5) + 1) * 8 : bits.select([1, 9], [1, 13], [1, 18], [1, 30]));
  const rows = side();
  const ratio = bits.take(3);
  const [numerator, denominator] = ratios[ratio] ?? [1, 1];
  const columns = ratio === 0 ? side() : Math.floor((rows * numerator) / denominator);
  return { rows, columns };
}

/** Steps over the PreviewHeader: nothing in it is needed here. */
function skipPreview(bits: HeaderBits): void {
  const eights = bits.flag();
  const side = (): number =>
    eights ? bits.select([16, 0], [32, 0], [1, 5], [33, 9]) : bits.select([1, 6], [65, 8], [321, 10], [1345, 12]);
  side();
  if (bits.take(3) === 0) side();
}

/** The codestream: all bytes, or the content of the container's jxlc box or first jxlp box. */
function findCodestream(bytes: Uint8Array): Uint8Array | undefined {
  if (!looksLikeJpegXl(bytes)) return undefined;
  if (bytes[0] === 0xff) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at);
    const type = view.getUint32(at + 4);
    const header = length === 1 ? 16 : 8;
    if (header === 16 && at + 16 > bytes.length) return undefined;
    const whole = length === 1 ? view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12) : length;
    const end = whole === 0 ? bytes.length : at + whole;
    if (whole !== 0 && whole < header) return undefined;
    if (type === 0x6a786c63) return bytes.subarray(at + header, end);
    if (type === 0x6a786c70) return bytes.subarray(at + header + 4, end);
    at = end;
  }
  return undefined;
}

/** Reads bits, the least significant first. */
class HeaderBits {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get exhausted(): boolean {
    return this.#position > this.#bytes.length * 8;
  }

  take(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++, this.#position++) {
      const byte = this.#bytes[this.#position >> 3] ?? 0;
      if (((byte >> (this.#position & 7)) & 1) === 1) value += 2 ** bit;
    }
    return value;
  }

  flag(): boolean {
    return this.take(1) === 1;
  }

  /** Reads a U32 (18181-1 B.2.1): two bits choose one of four pairs of an offset and a number of bits. */
  select(...choices: readonly (readonly [offset: number, bits: number])[]): number {
    const [offset, count] = choices[this.take(2)] ?? [0, 0];
    return offset + this.take(count);
  }
}
