import { counted } from '../../base/counted.ts';
import { minShownPart } from '../cut-frame.ts';
import type { CutRows } from './jpeg-dct.ts';
import type { JpegHeaders } from './jpeg-headers.ts';
import { BrokenScanError, extend, findLongCode, type HuffmanTable, JpegSyntaxError, need } from './jpeg-huffman.ts';
import { overflowingSelection, predictRows, roughness } from './jpeg-predictors.ts';
import { type JpegScan, readScans } from './jpeg-scans.ts';

/** Bits that one look into the table resolves: a code and, where there is room, the difference after it. */
const lookupBits = 12;

/** Reads at the end of the data touch at most so many bytes after them. */
const slackByteLength = 8;

/**
 * A Huffman table for differences. Entries are difference << 8 | bits used, or 0 where the table has not enough bits.
 */
interface DifferenceTable {
  readonly lookup: Int32Array;
  readonly huffman: HuffmanTable;
}

/** A decoded picture. */
export interface LosslessPicture {
  /** By pixel, length = rows * columns * components; bytes for up to 8 bits, else 16-bit words. */
  readonly samples: Uint8Array | Uint16Array;
  /** What was noticed, in sentences. */
  readonly notes: readonly string[];
  /** Set where the codestream breaks: what is behind the rows that are there is no picture. */
  readonly cut?: CutRows;
}

/**
 * Decodes lossless JPEG with Huffman coding (ITU-T T.81 Annex H; process 14): every selection value, point transform, 2
 * to 16 bits, 1 to 4 components in one scan or in several.
 *
 * Some encoders let selection values 5 and 6 overflow (DCMTK knows a workaround for 6, too). That cannot be told from the
 * codestream: where it makes a difference, both ways are tried and the smoother picture is taken.
 *
 * A codestream that breaks gives the rows before that, where these are half of the picture or more.
 *
 * @throws {JpegSyntaxError} broken or cut off
 */
export function decodeJpegLossless(bytes: Uint8Array, headers: JpegHeaders, rows: number): LosslessPicture {
  const { columns, components, precision } = headers;
  if (components.some((component) => component.horizontal !== 1 || component.vertical !== 1)) {
    throw new JpegSyntaxError('Its components are subsampled, which lossless images are not.');
  }
  if (precision < 2 || precision > 16)
    throw new JpegSyntaxError(`Its precision is ${precision} bits; expected 2 to 16.`);
  const { scans } = readScans(
    bytes,
    headers.start,
    components.map((component) => component.id),
  );
  const planes: (Uint16Array | undefined)[] = components.map(() => undefined);
  const notes: string[] = [];
  let broken: BrokenScanError | undefined;
  for (const scan of scans) {
    const right = decodeScan(scan, precision, rows, columns, scan.spectralStart);
    if (right.broken !== undefined) {
      if (right.broken.wholeRows < rows * minShownPart) throw right.broken;
      if (broken === undefined || right.broken.wholeRows < broken.wholeRows) broken = right.broken;
    }
    const { planes: decoded, note } = withoutOverflow(scan, precision, rows, columns, right.planes);
    if (note !== undefined) notes.push(note);
    scan.components.forEach((component, position) => {
      planes[component.index] = decoded[position];
    });
  }
  const picture = { samples: interleave(planes, rows * columns, precision), notes };
  return broken === undefined ? picture : { ...picture, cut: { rows: broken.wholeRows, why: broken.message } };
}

/** What is decoded with an overflow must be so smooth to be believed, and by so much smoother than without. */
const maxRoughness = 2 ** 13;
const maxSmoothPart = 0.8;

/** Decodes again with the overflow that the encoder may have let happen, and takes what is smoother by far. */
function withoutOverflow(
  scan: JpegScan,
  precision: number,
  rows: number,
  columns: number,
  right: readonly Uint16Array[],
): { readonly planes: readonly Uint16Array[]; readonly note?: string } {
  if (precision !== 16 || scan.approximationLow !== 0) return { planes: right };
  const selection = right
    .map((plane) => overflowingSelection(plane, columns, scan.spectralStart))
    .find((found) => found !== undefined);
  if (selection === undefined) return { planes: right };
  const other = decodeScan(scan, precision, rows, columns, selection).planes;
  const roughest = (planes: readonly Uint16Array[], others: readonly Uint16Array[]): number =>
    Math.max(...planes.map((plane, index) => roughness(plane, others[index] ?? plane)));
  const what = `let predictor ${scan.spectralStart} overflow`;
  const [before, after] = [roughest(right, other), roughest(other, right)];
  if (after < maxRoughness && after < before * maxSmoothPart) {
    return { planes: other, note: `The encoder of its lossless JPEG ${what}: this is undone.` };
  }
  // Garbage either way, or noise.
  if (after < before)
    return { planes: right, note: `The encoder of its lossless JPEG may have ${what}: it may be wrong.` };
  return { planes: right };
}

interface DecodedScan {
  /** One a component of the scan. */
  readonly planes: readonly Uint16Array[];
  /** Where the scan breaks. The rows before that are decoded. */
  readonly broken: BrokenScanError | undefined;
}

/** @throws {JpegSyntaxError} its header is wrong */
function decodeScan(scan: JpegScan, precision: number, rows: number, columns: number, selection: number): DecodedScan {
  const pointTransform = scan.approximationLow;
  if (scan.spectralStart < 1 || scan.spectralStart > 7)
    throw new JpegSyntaxError(`Selection value ${scan.spectralStart} is not a predictor (1 to 7).`);
  if (pointTransform >= precision) throw new JpegSyntaxError('The point transform leaves no bits.');
  if (scan.restartInterval % columns !== 0) {
    throw new JpegSyntaxError('The restart interval is not a whole number of rows.');
  }
  const intervalRows = scan.restartInterval === 0 ? rows : scan.restartInterval / columns;
  const tables = scan.components.map(({ dcTable }) => buildDifferenceTable(need(dcTable)));
  const planes = tables.map(() => new Uint16Array(rows * columns));
  const differences = tables.map(() => new Int32Array(columns));
  const initial = 1 << (precision - pointTransform - 1);
  let broken: BrokenScanError | undefined;
  for (let first = 0, index = 0; first < rows && broken === undefined; first += intervalRows, index++) {
    broken = decodeInterval(scan.intervals[index], {
      planes,
      differences,
      tables,
      columns,
      first,
      last: Math.min(first + intervalRows, rows),
      selection,
      initial,
    });
  }
  if (pointTransform > 0) {
    for (const plane of planes) for (let i = 0; i < plane.length; i++) plane[i] = (plane[i] ?? 0) << pointTransform;
  }
  return { planes, broken };
}

interface Interval {
  readonly planes: readonly Uint16Array[];
  readonly differences: readonly Int32Array[];
  readonly tables: readonly DifferenceTable[];
  readonly columns: number;
  readonly first: number;
  readonly last: number;
  readonly selection: number;
  readonly initial: number;
}

/** Decodes the rows of an interval; where that breaks, returns the error. */
function decodeInterval(data: Uint8Array | undefined, interval: Interval): BrokenScanError | undefined {
  const { planes, differences, tables, columns, first, last, selection, initial } = interval;
  if (data === undefined) return new BrokenScanError(`It ends after ${counted(first, 'row')}.`, first);
  // A row reads at most 32 bits a sample. With so many bytes after the data no read can leave the memory.
  const padded = new Uint8Array(data.length + 4 * columns * planes.length + slackByteLength);
  padded.set(data);
  const view = new DataView(padded.buffer);
  const available = data.length * 8;
  let position = 0;
  const [table] = tables;
  const [plane] = planes;
  // By far the most usual case, prediction from the left in one component, takes one pass.
  const isInOnePass = tables.length === 1 && selection === 1 && table !== undefined && plane !== undefined;
  let row = first;
  try {
    for (; row < last; row++) {
      const start = row * columns;
      if (isInOnePass) {
        const above = row === first ? initial : (plane[start - columns] ?? 0);
        position = readRowFromLeft(view, position, table, plane, start, columns, above);
      } else if (tables.length === 1) position = readRow(view, position, table, differences[0], columns);
      else position = readInterleavedRow(view, position, tables, differences, columns);
      if (position > available) return new BrokenScanError(`It ends after ${counted(row, 'row')}.`, row);
      if (isInOnePass) continue;
      planes.forEach((each, index) => {
        const rowDifferences = differences[index] ?? new Int32Array(0);
        predictRows(each, start, columns, rowDifferences, row === first ? 0 : selection, initial);
      });
    }
  } catch (error) {
    if (!(error instanceof JpegSyntaxError)) throw error;
    return new BrokenScanError(error.message, row);
  }
  return undefined;
}

/**
 * Reads a row of samples. The first is predicted from `above`, each other one from its left neighbour. Returns the
 * position (in bits) after them.
 */
function readRowFromLeft(
  view: DataView,
  from: number,
  { lookup, huffman }: DifferenceTable,
  plane: Uint16Array,
  start: number,
  columns: number,
  above: number,
): number {
  let position = from;
  let left = above;
  for (let at = start; at < start + columns; at++) {
    const bits = view.getInt32(position >>> 3) << (position & 7);
    let entry = lookup[bits >>> (32 - lookupBits)] as number;
    if (entry === 0) entry = entryOfLongCode(view, position, bits, huffman);
    position += entry & 0xff;
    left = (left + (entry >> 8)) & 0xffff;
    plane[at] = left;
  }
  return position;
}

/** Reads the differences of one row. Returns the position (in bits) after them. */
function readRow(
  view: DataView,
  start: number,
  table: DifferenceTable | undefined,
  target: Int32Array | undefined,
  columns: number,
): number {
  if (table === undefined || target === undefined) return start;
  const { lookup, huffman } = table;
  let position = start;
  for (let x = 0; x < columns; x++) {
    const bits = view.getInt32(position >>> 3) << (position & 7);
    let entry = lookup[bits >>> (32 - lookupBits)] as number;
    if (entry === 0) entry = entryOfLongCode(view, position, bits, huffman);
    position += entry & 0xff;
    target[x] = entry >> 8;
  }
  return position;
}

/** The entry of a difference that has more bits than the table resolves. */
function entryOfLongCode(view: DataView, position: number, bits: number, huffman: HuffmanTable): number {
  const found = findLongCode(huffman, bits >>> 16);
  if (found === 0) throw new JpegSyntaxError('It holds bits that are no Huffman code.');
  const length = found >> 8;
  const size = found & 0xff;
  const difference = readDifference(view, position + length, size);
  return (difference << 8) | (length + (size < 16 ? size : 0));
}

function readInterleavedRow(
  view: DataView,
  start: number,
  tables: readonly DifferenceTable[],
  targets: readonly Int32Array[],
  columns: number,
): number {
  const single = new Int32Array(1);
  let position = start;
  for (let x = 0; x < columns; x++) {
    for (let index = 0; index < tables.length; index++) {
      position = readRow(view, position, tables[index], single, 1);
      const target = targets[index];
      if (target !== undefined) target[x] = single[0] ?? 0;
    }
  }
  return position;
}

/** The difference of category `size` whose additional bits begin at `position` (ITU-T T.81 H.1.2.2, Table H.2). */
function readDifference(view: DataView, position: number, size: number): number {
  if (size === 0) return 0;
  if (size === 16) return 32768;
  if (size > 16) throw new JpegSyntaxError('It holds a difference of more than 16 bits.');
  const bits = view.getInt32(position >>> 3) << (position & 7);
  return extend(bits >>> (32 - size), size);
}

function buildDifferenceTable(huffman: HuffmanTable): DifferenceTable {
  const lookup = new Int32Array(1 << lookupBits);
  for (let prefix = 0; prefix < lookup.length; prefix++) {
    const found = findLongCode(huffman, prefix << (16 - lookupBits));
    const length = found >> 8;
    const size = found & 0xff;
    if (found === 0 || length > lookupBits) continue;
    if (size === 0 || size === 16) lookup[prefix] = ((size === 0 ? 0 : 32768) << 8) | length;
    else if (length + size <= lookupBits) {
      const bits = (prefix >>> (lookupBits - length - size)) & ((1 << size) - 1);
      lookup[prefix] = (extend(bits, size) << 8) | (length + size);
    }
  }
  return { lookup, huffman };
}

function interleave(
  planes: readonly (Uint16Array | undefined)[],
  pixels: number,
  precision: number,
): Uint8Array | Uint16Array {
  const count = planes.length;
  const [only] = planes;
  if (count === 1 && precision > 8 && only !== undefined) return only;
  const result = precision > 8 ? new Uint16Array(pixels * count) : new Uint8Array(pixels * count);
  planes.forEach((plane, index) => {
    if (plane === undefined) throw new JpegSyntaxError(`Component ${index + 1} has no scan.`);
    for (let i = 0, to = index; i < pixels; i++, to += count) result[to] = plane[i] ?? 0;
  });
  return result;
}
