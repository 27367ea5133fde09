// Sequential JPEG with DCT (ITU-T T.81 Annex F) of one component, written from the standard for the tests alone.

/** 226 symbols (runs 0..15 of sizes 1..14, end of block, a run of 16) with codes of 8 bits each. */
const AC_SYMBOLS: readonly number[] = [
  0x00,
  0xf0,
  ...Array.from({ length: 16 * 14 }, (_, i) => (Math.floor(i / 14) << 4) | ((i % 14) + 1)),
];

export interface DctOptions {
  readonly rows: number;
  readonly columns: number;
  readonly precision: 8 | 12;
  /** One quantization step for all coefficients. */
  readonly step?: number;
  /** Blocks between restarts. */
  readonly restartInterval?: number;
  /** The rows come in a DNL marker behind the scan. */
  readonly rowsAtEnd?: boolean;
  /** What SOS says of Ss and Se: writers of sequential images leave zeros there. */
  readonly spectralEnd?: number;
}

export function encodeJpegDct(values: ArrayLike<number>, options: DctOptions): Uint8Array {
  const { rows, columns, precision, step = 1, restartInterval = 0, rowsAtEnd = false, spectralEnd = 63 } = options;
  const word = (value: number): number[] => [value >> 8, value & 255];
  const sizes = Array.from({ length: 16 }, (_, i) => i);
  const out: number[] = [
    ...[0xff, 0xd8, 0xff, 0xdb, ...word(67), 0, ...new Array<number>(64).fill(step)],
    ...[
      0xff,
      precision === 8 ? 0xc0 : 0xc1,
      ...word(11),
      precision,
      ...word(rowsAtEnd ? 0 : rows),
      ...word(columns),
      1,
      1,
      0x11,
      0,
    ],
    ...[0xff, 0xc4, ...word(19 + 16), 0x00, 0, 0, 0, 0, 16, ...new Array<number>(11).fill(0), ...sizes],
    ...[0xff, 0xc4, ...word(19 + AC_SYMBOLS.length), 0x10],
    ...[0, 0, 0, 0, 0, 0, 0, AC_SYMBOLS.length, 0, 0, 0, 0, 0, 0, 0, 0, ...AC_SYMBOLS],
  ];
  if (restartInterval > 0) out.push(0xff, 0xdd, 0, 4, ...word(restartInterval));
  out.push(0xff, 0xda, 0, 8, 1, 1, 0x00, 0, spectralEnd, 0);
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
  const number = (value: number): { readonly size: number; readonly extra: string } => {
    const size = value === 0 ? 0 : 32 - Math.clz32(Math.abs(value));
    const extra = size === 0 ? '' : (value < 0 ? value + 2 ** size - 1 : value).toString(2).padStart(size, '0');
    return { size, extra };
  };
  const ac = (symbol: number): string => AC_SYMBOLS.indexOf(symbol).toString(2).padStart(8, '0');
  let prediction = 0;
  let count = 0;
  for (let y = 0; y < rows; y += 8) {
    for (let x = 0; x < columns; x += 8, count++) {
      if (restartInterval > 0 && count > 0 && count % restartInterval === 0) {
        flush();
        out.push(0xff, 0xd0 + ((count / restartInterval - 1) % 8));
        prediction = 0;
      }
      const block = zigzagCoefficients(values, options, x, y).map((value) => Math.round(value / step));
      const first = number((block[0] ?? 0) - prediction);
      prediction = block[0] ?? 0;
      bits += first.size.toString(2).padStart(5, '0') + first.extra;
      let run = 0;
      let last = 63;
      while (last > 0 && block[last] === 0) last--;
      for (let k = 1; k <= last; k++) {
        if (block[k] === 0) {
          run++;
          continue;
        }
        for (; run > 15; run -= 16) bits += ac(0xf0);
        const { size, extra } = number(block[k] ?? 0);
        bits += ac((run << 4) | size) + extra;
        run = 0;
      }
      if (last < 63) bits += ac(0x00);
    }
  }
  flush();
  if (rowsAtEnd) out.push(0xff, 0xdc, 0, 4, ...word(rows));
  out.push(0xff, 0xd9);
  return Uint8Array.from(out);
}

/** The forward DCT of a block by its definition (T.81 A.3.3); edges are repeated. */
function zigzagCoefficients(
  values: ArrayLike<number>,
  { rows, columns, precision }: DctOptions,
  x0: number,
  y0: number,
): number[] {
  const center = 2 ** (precision - 1);
  const at = (x: number, y: number): number =>
    (values[Math.min(y0 + y, rows - 1) * columns + Math.min(x0 + x, columns - 1)] ?? 0) - center;
  const order: [number, number][] = [];
  for (let d = 0; d < 15; d++) {
    for (let i = 0; i <= d; i++) {
      const [u, v] = d % 2 === 0 ? [i, d - i] : [d - i, i];
      if (u < 8 && v < 8) order.push([u, v]);
    }
  }
  const scale = (k: number): number => (k === 0 ? Math.SQRT1_2 : 1);
  return order.map(([u, v]) => {
    let sum = 0;
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        sum += at(x, y) * Math.cos(((2 * x + 1) * u * Math.PI) / 16) * Math.cos(((2 * y + 1) * v * Math.PI) / 16);
      }
    }
    return (scale(u) * scale(v) * sum) / 4;
  });
}
