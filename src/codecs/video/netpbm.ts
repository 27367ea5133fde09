/** One picture of a PPM or PGM stream (binary: P6, P5). */
export interface NetpbmPicture {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: 1 | 3;
  /** The greatest sample that is possible: up to 255 for bytes, more for big endian words. */
  readonly maxValue: number;
  /** Samples as stored, length = rows * columns * samplesPerPixel * (1 or 2) bytes. */
  readonly bytes: Uint8Array;
  /** Bytes of header and samples. */
  readonly byteLength: number;
}

/**
 * Reads the picture that `bytes` begin with.
 *
 * @returns undefined as long as the picture is not whole
 * @throws {Error} the bytes are not a binary PPM or PGM
 */
export function readNetpbm(bytes: Uint8Array): NetpbmPicture | undefined {
  if (bytes.length < 2) return undefined;
  const kind = bytes[1];
  if (bytes[0] !== 0x50 || (kind !== 0x35 && kind !== 0x36)) throw new Error('Expected a PPM or PGM picture.');
  const numbers: number[] = [];
  let at = 2;
  while (numbers.length < 3) {
    while (isSpace(bytes[at])) at += 1;
    const start = at;
    let value = 0;
    for (let digit = bytes[at]; digit !== undefined && digit >= 0x30 && digit <= 0x39; digit = bytes[at]) {
      value = value * 10 + digit - 0x30;
      at += 1;
    }
    if (at >= bytes.length) return undefined;
    if (at === start || at - start > 9) throw new Error('The header of a picture is malformed.');
    numbers.push(value);
  }
  const [columns = 0, rows = 0, maxValue = 0] = numbers;
  const samplesPerPixel = kind === 0x36 ? 3 : 1;
  const start = at + 1;
  const length = rows * columns * samplesPerPixel * (maxValue > 255 ? 2 : 1);
  if (bytes.length < start + length) return undefined;
  const samples = bytes.subarray(start, start + length);
  return { rows, columns, samplesPerPixel, maxValue, bytes: samples, byteLength: start + length };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}
