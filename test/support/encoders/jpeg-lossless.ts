// Lossless JPEG (ITU-T T.81 Annex H) with one fixed Huffman table, written from the standard for the tests alone.

export interface LosslessOptions {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly precision: number;
  /** 1..7 */
  readonly selection: number;
  readonly pointTransform?: number;
  /** Rows between restarts. */
  readonly restartRows?: number;
  /** One scan for each component instead of one for all. */
  readonly separateScans?: boolean;
  /** The slope of predictors 5 and 6 overflows 16 bits, as with some encoders in the wild. */
  readonly overflows?: boolean;
}

/** All 17 categories get codes of 4 or 5 bits (and one of 12 and 13, to go the slow way): shorter would leave no room. */
const LENGTHS: readonly number[] = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 12, 13];

/** @param values samples by pixel */
export function encodeJpegLossless(values: ArrayLike<number>, options: LosslessOptions): Uint8Array {
  const {
    rows,
    columns,
    components,
    precision,
    selection,
    pointTransform = 0,
    restartRows = 0,
    separateScans,
  } = options;
  const out: number[] = [0xff, 0xd8];
  const word = (value: number): number[] => [value >> 8, value & 255];
  out.push(0xff, 0xc3, ...word(8 + 3 * components), precision, ...word(rows), ...word(columns), components);
  for (let c = 0; c < components; c++) out.push(c + 1, 0x11, 0);
  const counts = Array.from({ length: 16 }, (_, i) => LENGTHS.filter((length) => length === i + 1).length);
  out.push(0xff, 0xc4, ...word(19 + 17), 0, ...counts, ...LENGTHS.keys());
  if (restartRows > 0) out.push(0xff, 0xdd, 0, 4, ...word(restartRows * columns));
  const all = Array.from({ length: components }, (_, c) => c);
  for (const scan of separateScans === true ? all.map((c) => [c]) : [all]) {
    out.push(0xff, 0xda, ...word(6 + 2 * scan.length), scan.length);
    for (const c of scan) out.push(c + 1, 0);
    out.push(selection, 0, pointTransform);
    encodeScan(values, options, scan, out);
  }
  out.push(0xff, 0xd9);
  return Uint8Array.from(out);
}

function encodeScan(values: ArrayLike<number>, options: LosslessOptions, scan: readonly number[], out: number[]): void {
  const { rows, columns, components, precision, selection, pointTransform = 0, restartRows = 0 } = options;
  const at = (x: number, y: number, c: number): number =>
    (values[(y * columns + x) * components + c] ?? 0) >> pointTransform;
  const codes = codesOf(LENGTHS);
  let bits = '';
  const flush = (): void => {
    while (bits.length % 8 !== 0) bits += '1';
    for (let i = 0; i < bits.length; i += 8) {
      const byte = Number.parseInt(bits.slice(i, i + 8), 2);
      out.push(byte);
      if (byte === 0xff) out.push(0);
    }
    bits = '';
  };
  let restarts = 0;
  for (let y = 0; y < rows; y++) {
    const fresh = y === 0 || (restartRows > 0 && y % restartRows === 0);
    if (fresh && y > 0) {
      flush();
      out.push(0xff, 0xd0 + (restarts++ % 8));
    }
    for (let x = 0; x < columns; x++) {
      for (const c of scan) {
        const a = x > 0 ? at(x - 1, y, c) : 0;
        const b = y > 0 ? at(x, y - 1, c) : 0;
        const d = x > 0 && y > 0 ? at(x - 1, y - 1, c) : 0;
        const half = (slope: number): number => (options.overflows === true ? (slope << 16) >> 17 : slope >> 1);
        const plain = [0, a, b, d, a + b - d, a + half(b - d), b + half(a - d), (a + b) >> 1];
        const prediction = fresh
          ? x === 0
            ? 1 << (precision - pointTransform - 1)
            : a
          : x === 0
            ? b
            : (plain[selection] ?? 0);
        let difference = (at(x, y, c) - prediction) & 0xffff;
        if (difference > 32768) difference -= 65536;
        const size = difference === 0 ? 0 : 32 - Math.clz32(Math.abs(difference));
        bits += codes[size] ?? '';
        if (size > 0 && size < 16) {
          const extra = difference < 0 ? difference + 2 ** size - 1 : difference;
          bits += extra.toString(2).padStart(size, '0');
        }
      }
    }
  }
  flush();
}

function codesOf(lengths: readonly number[]): string[] {
  let code = 0;
  let last = lengths[0] ?? 0;
  return lengths.map((length) => {
    code <<= length - last;
    last = length;
    return (code++).toString(2).padStart(length, '0');
  });
}
