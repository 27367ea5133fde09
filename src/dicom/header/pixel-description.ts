import type { PixelDescription } from '../../types/pixels.ts';
import type { DataSet } from '../elements/data-set.ts';
import { tags } from '../tags.ts';

/**
 * The Image Pixel module (PS3.3 C.7.6.3), or undefined where Rows and Columns have not been read or are not there.
 * Absent attributes get the value that the others imply.
 */
export function readPixelDescription(
  dataSet: DataSet,
  kind: 'integer' | 'float' | 'double',
): PixelDescription | undefined {
  const rows = dataSet.uint16(tags.rows);
  const columns = dataSet.uint16(tags.columns);
  if (rows === undefined || columns === undefined || rows === 0 || columns === 0) return undefined;
  const samplesPerPixel = dataSet.uint16(tags.samplesPerPixel) ?? 1;
  const bitsAllocated = dataSet.uint16(tags.bitsAllocated) ?? { integer: 8, float: 32, double: 64 }[kind];
  const bitsStored = dataSet.uint16(tags.bitsStored) ?? bitsAllocated;
  return {
    rows,
    columns,
    samplesPerPixel,
    photometricInterpretation: readPhotometricInterpretation(dataSet, samplesPerPixel),
    planarConfiguration: dataSet.uint16(tags.planarConfiguration) === 1 ? 1 : 0,
    bitsAllocated,
    bitsStored,
    highBit: dataSet.uint16(tags.highBit) ?? bitsStored - 1,
    pixelRepresentation: dataSet.uint16(tags.pixelRepresentation) === 1 ? 1 : 0,
    kind,
  };
}

function readPhotometricInterpretation(dataSet: DataSet, samplesPerPixel: number): string {
  const text = dataSet.text(tags.photometricInterpretation)?.toUpperCase();
  if (text !== undefined && text !== '') return text;
  return samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2';
}
