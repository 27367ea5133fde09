import type { LookupTable, ModalityTransform } from '../types/pixels.ts';

/** The transform where modality values are the stored values. */
export const identity: ModalityTransform = { kind: 'linear', slope: 1, intercept: 0 };

/**
 * The transform, or undefined where it makes no sense: a Rescale Slope of 0, or one that is not a finite number, would
 * make all values the same.
 */
export function usableModality(transform: ModalityTransform): ModalityTransform | undefined {
  if (transform.kind === 'table') return transform.table.entries.length > 0 ? transform : undefined;
  const usable = Number.isFinite(transform.slope) && Number.isFinite(transform.intercept) && transform.slope !== 0;
  return usable ? transform : undefined;
}

/**
 * The transform to display with. Where it is not usable, stored values are displayed. They are also displayed in X-ray
 * angiography and fluoroscopy (XA, RF) with a Modality LUT: that LUT gives X-ray intensity, which is for measuring and
 * not for display (PS3.3 C.8.7.1.1.2); DCMTK ignores it too.
 *
 * @param modality Modality (0008,0060)
 */
export function displayModality(transform: ModalityTransform, modality: string): ModalityTransform {
  if (transform.kind === 'table' && (modality === 'XA' || modality === 'RF')) return identity;
  return usableModality(transform) ?? identity;
}

/** Stored value -> modality value (PS3.3 C.11.1): `stored * slope + intercept`, or the Modality LUT's entry. */
export function modalityFunction(transform: ModalityTransform): (stored: number) => number {
  if (transform.kind === 'table') return (stored) => lookUp(transform.table, stored);
  const { slope, intercept } = transform;
  return (stored) => stored * slope + intercept;
}

/**
 * The entry of a LUT for an input value (PS3.3 C.11.1.1, C.11.2.1.1). Values below the first mapped one have the first
 * entry, values above the last mapped one the last entry. Values between two whole numbers are rounded half up.
 */
export function lookUp(table: LookupTable, value: number): number {
  const index = Math.floor(value + 0.5) - table.firstMapped;
  return table.entries[Math.min(Math.max(index, 0), table.entries.length - 1)] ?? 0;
}

export function sameModality(one: ModalityTransform, other: ModalityTransform): boolean {
  if (one.kind === 'table' || other.kind === 'table') {
    return one.kind === 'table' && other.kind === 'table' && one.table === other.table;
  }
  return one.slope === other.slope && one.intercept === other.intercept;
}
