/** Control characters (C0, DEL, C1), and those that turn the direction of text: a terminal would obey them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controls = /[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const allControls = new RegExp(controls, 'g');

/** Text that is safe to show: each control character is replaced by U+FFFD. */
export function withoutControls(text: string): string {
  return controls.test(text) ? text.replace(allControls, '\ufffd') : text;
}

/**
 * Bytes as text, one character a byte, without leading spaces, trailing padding (spaces and NULs) and control
 * characters.
 */
export function asciiText(bytes: Buffer, offset: number, length: number): string {
  let start = offset;
  let end = Math.min(offset + length, bytes.length);
  while (end > start && isPadding(bytes[end - 1])) end--;
  while (start < end && bytes[start] === space) start++;
  return withoutControls(bytes.toString('latin1', start, end));
}

const space = 0x20;
const backslash = 0x5c;
const plus = 0x2b;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;

function isPadding(byte: number | undefined): boolean {
  return byte === space || byte === 0;
}

/**
 * A number of so many digits is exact in a double, and so are these powers of ten. Their quotient is rounded only once,
 * so it is the nearest double.
 */
const maxExactDigits = 15;
const powersOfTen: readonly number[] = Array.from({ length: maxExactDigits + 1 }, (_, power) => 10 ** power);

/**
 * The values of a decimal or integer string (PS3.5 6.2 DS, IS). A value that is not a number is NaN, so that the others
 * keep their indices. Nearly all values are plain numbers: these are read from the bytes, without making a string.
 */
export function parseDecimals(bytes: Buffer, offset: number, length: number): readonly number[] {
  let end = Math.min(offset + length, bytes.length);
  while (end > offset && isPadding(bytes[end - 1])) end--;
  const values: number[] = [];
  for (let start = offset; start <= end; ) {
    let stop = start;
    while (stop < end && bytes[stop] !== backslash) stop++;
    const value = parsePlainDecimal(bytes, start, stop);
    values.push(value === undefined ? parseDecimal(bytes.toString('latin1', start, stop)) : value);
    start = stop + 1;
  }
  return values;
}

/** Reads a number of digits and a point only, exactly as `Number` does; undefined for all others. */
function parsePlainDecimal(bytes: Buffer, start: number, end: number): number | undefined {
  let at = start;
  let last = end;
  while (at < last && bytes[at] === space) at++;
  while (at < last && bytes[last - 1] === space) last--;
  const first = bytes[at];
  if (first === minus || first === plus) at++;
  // Leading zeros count as digits here: a number with many of them is left to `Number`.
  if (at === last || last - at > maxExactDigits + 1) return undefined;
  let digits = 0;
  let fraction = 0;
  let hasPoint = false;
  let value = 0;
  for (; at < last; at++) {
    const byte = bytes[at] as number;
    if (byte >= zero && byte <= nine) {
      value = value * 10 + (byte - zero);
      digits++;
      if (hasPoint) fraction++;
    } else if (byte === point && !hasPoint) hasPoint = true;
    else return undefined;
  }
  if (digits === 0 || digits > maxExactDigits) return undefined;
  if (fraction > 0) value /= powersOfTen[fraction] as number;
  return first === minus ? -value : value;
}

/** Fixed or floating point (PS3.5 6.2 DS), and nothing else that JavaScript takes for a number. */
const decimalSyntax = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/**
 * Reads a decimal string (PS3.5 6.2 DS); NaN where it is none, or too large for a number. Accepts a decimal comma, though
 * the standard forbids it.
 */
function parseDecimal(text: string): number {
  const trimmed = text.trim();
  const plain = /^[-+]?\d+,\d+$/.test(trimmed) ? trimmed.replace(',', '.') : trimmed;
  const value = decimalSyntax.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}
