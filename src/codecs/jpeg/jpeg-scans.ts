import { buildHuffmanTable, type HuffmanTable, JpegSyntaxError } from './jpeg-huffman.ts';

/** A component's part in a scan. */
export interface ScanComponent {
  /** Index among the frame's components. */
  readonly index: number;
  readonly dcTable: HuffmanTable | undefined;
  readonly acTable: HuffmanTable | undefined;
}

/** One scan of a JPEG codestream (ITU-T T.81 B.2.3), with its tables and without byte stuffing. */
export interface JpegScan {
  readonly components: readonly ScanComponent[];
  /** Ss: the first coefficient; in lossless JPEG the selection value of the predictor. */
  readonly spectralStart: number;
  readonly spectralEnd: number;
  /** Ah. */
  readonly approximationHigh: number;
  /** Al; in lossless JPEG the point transform. */
  readonly approximationLow: number;
  /** MCUs between restarts; 0 for none. */
  readonly restartInterval: number;
  /** Entropy-coded bytes, from restart to restart. */
  readonly intervals: readonly Uint8Array[];
}

/** All scans of a codestream, and the quantization tables (in zigzag order) as they are at its end. */
export interface JpegScans {
  readonly scans: readonly JpegScan[];
  readonly quantizationTables: readonly (Uint16Array | undefined)[];
  /** From a DNL marker, where there is one. */
  readonly rows: number | undefined;
  /** It ends within the tables or the header of one more scan. */
  readonly isCut: boolean;
}

/** Far more than any real progressive image has. Each scan costs a pass over the picture. */
const maxScans = 200;

/**
 * Reads all scans of a Huffman-coded codestream.
 *
 * @param start offset of SOI
 * @throws {JpegSyntaxError} broken or cut off before the first scan
 */
export function readScans(bytes: Uint8Array, start: number, componentIds: readonly number[]): JpegScans {
  const dcTables: (HuffmanTable | undefined)[] = [];
  const acTables: (HuffmanTable | undefined)[] = [];
  const quantizationTables: (Uint16Array | undefined)[] = [];
  const scans: JpegScan[] = [];
  let restartInterval = 0;
  let rows: number | undefined;
  let at = start + 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) {
      if (scans.length > 0) break;
      throw new JpegSyntaxError(`A marker was expected at byte ${at}.`);
    }
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === 0xd9) break;
    const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    if (length < 2 || at + 2 + length > bytes.length) {
      if (scans.length > 0) break;
      throw new JpegSyntaxError(`The marker segment at byte ${at} runs over the end.`);
    }
    const segment = bytes.subarray(at + 4, at + 2 + length);
    at += 2 + length;
    if (marker === 0xc4) readHuffmanTables(segment, dcTables, acTables);
    else if (marker === 0xdb) readQuantizationTables(segment, quantizationTables);
    else if (marker === 0xdd) restartInterval = (segment[0] ?? 0) * 256 + (segment[1] ?? 0);
    else if (marker === 0xdc) rows = (segment[0] ?? 0) * 256 + (segment[1] ?? 0);
    else if (marker === 0xda) {
      if (scans.length === maxScans) throw new JpegSyntaxError(`It has more than ${maxScans} scans.`);
      const data = readEntropyCodedData(bytes, at);
      at = data.end;
      scans.push({
        ...readScanHeader(segment, componentIds, dcTables, acTables),
        restartInterval,
        intervals: data.intervals,
      });
    }
  }
  if (scans.length === 0) throw new JpegSyntaxError('It has no scan.');
  const next = bytes[at] === 0xff ? bytes[at + 1] : undefined;
  return { scans, quantizationTables, rows, isCut: next === 0xc4 || next === 0xda };
}

function readScanHeader(
  segment: Uint8Array,
  componentIds: readonly number[],
  dcTables: readonly (HuffmanTable | undefined)[],
  acTables: readonly (HuffmanTable | undefined)[],
): Omit<JpegScan, 'restartInterval' | 'intervals'> {
  const count = segment[0] ?? 0;
  if (count < 1 || count > 4 || segment.length < 4 + 2 * count)
    throw new JpegSyntaxError('A scan header is malformed.');
  const components = Array.from({ length: count }, (_, position): ScanComponent => {
    const id = segment[1 + 2 * position] ?? 0;
    const tables = segment[2 + 2 * position] ?? 0;
    const index = componentIds.indexOf(id);
    if (index < 0) throw new JpegSyntaxError(`A scan names component ${id}, which the frame does not have.`);
    return { index, dcTable: dcTables[tables >> 4], acTable: acTables[tables & 15] };
  });
  const approximation = segment[3 + 2 * count] ?? 0;
  return {
    components,
    spectralStart: segment[1 + 2 * count] ?? 0,
    spectralEnd: segment[2 + 2 * count] ?? 0,
    approximationHigh: approximation >> 4,
    approximationLow: approximation & 15,
  };
}

function readHuffmanTables(
  segment: Uint8Array,
  dcTables: (HuffmanTable | undefined)[],
  acTables: (HuffmanTable | undefined)[],
): void {
  let at = 0;
  while (at + 17 <= segment.length) {
    const selector = segment[at] ?? 0;
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const table = buildHuffmanTable(counts, segment.slice(at + 17, at + 17 + total));
    if (table === undefined || (selector & 15) > 3 || selector >> 4 > 1) {
      throw new JpegSyntaxError('A Huffman table is malformed.');
    }
    if (selector >> 4 === 0) dcTables[selector & 15] = table;
    else acTables[selector & 15] = table;
    at += 17 + total;
  }
}

function readQuantizationTables(segment: Uint8Array, tables: (Uint16Array | undefined)[]): void {
  let at = 0;
  while (at < segment.length) {
    const selector = segment[at] ?? 0;
    const wide = selector >> 4 === 1;
    const size = wide ? 2 : 1;
    if ((selector & 15) > 3 || at + 1 + 64 * size > segment.length) {
      throw new JpegSyntaxError('A quantization table is malformed.');
    }
    const table = new Uint16Array(64);
    for (let i = 0; i < 64; i++) {
      const from = at + 1 + i * size;
      table[i] = wide ? (segment[from] ?? 0) * 256 + (segment[from + 1] ?? 0) : (segment[from] ?? 0);
    }
    tables[selector & 15] = table;
    at += 1 + 64 * size;
  }
}

/** The bytes up to the next marker (except restarts), without byte stuffing (ITU-T T.81 B.1.1.5), cut at restarts. */
function readEntropyCodedData(
  bytes: Uint8Array,
  start: number,
): { readonly intervals: readonly Uint8Array[]; readonly end: number } {
  const clean = new Uint8Array(bytes.length - start);
  const intervals: Uint8Array[] = [];
  let from = start;
  let to = 0;
  let intervalStart = 0;
  for (;;) {
    const mark = bytes.indexOf(0xff, from);
    const end = mark < 0 ? bytes.length : mark;
    clean.set(bytes.subarray(from, end), to);
    to += end - from;
    const next = bytes[end + 1];
    if (mark >= 0 && next === 0x00) {
      clean[to++] = 0xff;
      from = end + 2;
    } else if (mark >= 0 && next === 0xff) {
      from = end + 1;
    } else if (mark >= 0 && next !== undefined && next >= 0xd0 && next <= 0xd7) {
      intervals.push(clean.subarray(intervalStart, to));
      intervalStart = to;
      from = end + 2;
    } else {
      intervals.push(clean.subarray(intervalStart, to));
      return { intervals, end };
    }
  }
}
