import type { LookupTable, Palette } from '../types/pixels.ts';
import type { DataSet } from './data-set.ts';

export function readLookupTable(_item: DataSet, _signed: boolean): LookupTable | undefined {
  return undefined;
}
export function readPalette(_dataSet: DataSet, _signed: boolean): Palette | undefined {
  return undefined;
}
