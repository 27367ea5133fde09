import type { LookupTable, VoiWindow } from '../../types/pixels.ts';
import { lookUp } from '../modality.ts';
import { type DisplayFraction, windowFraction, windowReach } from './windows.ts';

/** Modality value -> display value: a window or a VOI LUT, never both (PS3.3 C.11.2.1.2). */
export type Voi =
  | { readonly kind: 'window'; readonly window: VoiWindow }
  | { readonly kind: 'table'; readonly table: LookupTable };

/** Modality value -> 0 (black) .. 1 (white), before any inversion. */
export function voiFraction(voi: Voi): DisplayFraction {
  if (voi.kind === 'window') return windowFraction(voi.window);
  const { table } = voi;
  const greatest = 2 ** table.bits - 1;
  return (value) => Math.min(lookUp(table, value) / greatest, 1);
}

/** Modality values outside which the displayed byte no longer changes. */
export function voiReach(voi: Voi): readonly [low: number, high: number] {
  if (voi.kind === 'window') return windowReach(voi.window);
  return [voi.table.firstMapped - 1, voi.table.firstMapped + voi.table.entries.length];
}
