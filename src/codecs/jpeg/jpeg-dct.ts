import { minShownPart } from '../cut-frame.ts';
import { invertDct, type SamplePlane } from './inverse-dct.ts';
import { decodeDctScan, layOutPlanes } from './jpeg-coefficients.ts';
import type { JpegHeaders } from './jpeg-headers.ts';
import { BrokenScanError, JpegSyntaxError } from './jpeg-huffman.ts';
import { readScans } from './jpeg-scans.ts';

/** A decoded JPEG picture, possibly reduced. */
export interface JpegPicture {
  readonly rows: number;
  readonly columns: number;
  /** By pixel, length = rows * columns * components. */
  readonly samples: Uint8Array | Uint16Array;
  /** Set where the codestream breaks: what is behind the rows that are there is no picture. */
  readonly cut?: CutRows;
}

/** The part of a picture that is there. */
export interface CutRows {
  /** Rows of the picture, which may be reduced. */
  readonly rows: number;
  /** Why there are no more, in a sentence. */
  readonly why: string;
}

/**
 * Decodes JPEG with DCT and Huffman coding, sequential (SOF0, SOF1) or progressive (SOF2), of 8 or 12 bits (ITU-T
 * T.81). The samples of subsampled components are repeated. No colour conversion.
 *
 * A sequential codestream that breaks gives the rows before that, where these are half of the picture or more. What a
 * damaged codestream gives may be wrong some rows before the break: not every wrong bit breaks it at once.
 *
 * @param reduce rows and columns are divided by it and rounded up
 * @throws {JpegSyntaxError} broken or cut off
 */
export function decodeJpegDct(
  bytes: Uint8Array,
  headers: JpegHeaders,
  rows: number,
  reduce: 1 | 2 | 4 | 8,
): JpegPicture {
  const { components, columns, precision, process, start } = headers;
  if (precision !== 8 && precision !== 12)
    throw new JpegSyntaxError(`Its precision is ${precision} bits; expected 8 or 12.`);
  const { scans, quantizationTables, isCut } = readScans(
    bytes,
    start,
    components.map((component) => component.id),
  );
  if (process === 2 && isCut) throw new JpegSyntaxError(`It ends after ${scans.length} scans.`);
  const blockSize = reduce === 1 ? 8 : reduce === 2 ? 4 : reduce === 4 ? 2 : 1;
  const planes = layOutPlanes(headers, rows, process === 2 ? 8 : blockSize);
  const seen = new Set<number>();
  let broken: BrokenScanError | undefined;
  for (const scan of scans) {
    try {
      decodeDctScan(scan, planes, process === 2);
    } catch (error) {
      // The scans of a progressive picture refine all of it: no row is whole before the last of them.
      if (!(error instanceof BrokenScanError) || process === 2 || error.wholeRows < rows * minShownPart) throw error;
      if (broken === undefined || error.wholeRows < broken.wholeRows) broken = error;
    }
    if (scan.spectralStart === 0) for (const component of scan.components) seen.add(component.index);
  }
  if (seen.size < components.length) throw new JpegSyntaxError('A component has no scan.');
  const decoded = planes.map((plane) => {
    const table = quantizationTables[plane.quantizationTable];
    if (table === undefined) throw new JpegSyntaxError('A quantization table is missing.');
    return { ...plane, ...invertDct(plane, table, precision, blockSize) };
  });
  const size = { rows: Math.ceil(rows / reduce), columns: Math.ceil(columns / reduce) };
  const picture = { ...size, samples: assemble(decoded, size.rows, size.columns, precision) };
  if (broken === undefined || broken.wholeRows >= rows) return picture;
  return { ...picture, cut: { rows: Math.floor(broken.wholeRows / reduce), why: broken.message } };
}

/** Components -> samples by pixel; the samples of components with a lower resolution are repeated. */
function assemble(
  planes: readonly (SamplePlane & { readonly horizontal: number; readonly vertical: number })[],
  rows: number,
  columns: number,
  precision: number,
): Uint8Array | Uint16Array {
  const count = planes.length;
  const result = precision > 8 ? new Uint16Array(rows * columns * count) : new Uint8Array(rows * columns * count);
  const widest = Math.max(...planes.map((plane) => plane.horizontal));
  const tallest = Math.max(...planes.map((plane) => plane.vertical));
  planes.forEach(({ samples, stride, horizontal, vertical }, component) => {
    for (let y = 0; y < rows; y++) {
      const from = Math.floor((y * vertical) / tallest) * stride;
      let to = y * columns * count + component;
      if (horizontal === widest) {
        for (let x = 0; x < columns; x++, to += count) result[to] = samples[from + x] ?? 0;
      } else {
        for (let x = 0; x < columns; x++, to += count) {
          result[to] = samples[from + Math.floor((x * horizontal) / widest)] ?? 0;
        }
      }
    }
  });
  return result;
}
