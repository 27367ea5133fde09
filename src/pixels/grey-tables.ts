import type { Voi } from './contrast/voi.ts';
import { sameWindow } from './contrast/windows.ts';
import { type GreyMapping, greyTable, type ShortValues } from './grey.ts';
import { sameModality } from './modality.ts';

/** Keeps the table made last: frames of one series mostly share their mapping. */
export class GreyTables {
  private last: { readonly kind: unknown; readonly mapping: GreyMapping; readonly table: Uint8Array } | undefined;

  /** As `greyTable`; not to be changed by the caller. */
  table(values: ShortValues, mapping: GreyMapping): Uint8Array {
    const kind = values.constructor;
    if (this.last?.kind === kind && sameMapping(this.last.mapping, mapping)) return this.last.table;
    const table = greyTable(values, mapping);
    this.last = { kind, mapping, table };
    return table;
  }
}

function sameMapping(one: GreyMapping, other: GreyMapping): boolean {
  return (
    one.inverted === other.inverted &&
    one.padding?.low === other.padding?.low &&
    one.padding?.high === other.padding?.high &&
    sameModality(one.modality, other.modality) &&
    sameVoi(one.voi, other.voi)
  );
}

function sameVoi(one: Voi, other: Voi): boolean {
  if (one.kind === 'window') return other.kind === 'window' && sameWindow(one.window, other.window);
  return other.kind === 'table' && one.table === other.table;
}
