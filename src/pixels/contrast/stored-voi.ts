import { UsageError } from '../../base/errors.ts';
import type { LookupTable, VoiWindow } from '../../types/pixels.ts';
import { usableWindow, type Voi } from './voi.ts';

/** A frame's own windows and VOI LUTs. */
export interface StoredViews {
  readonly windows: readonly VoiWindow[];
  readonly voiTables: readonly LookupTable[];
}

/** Projection radiography: the VOI LUT holds the maker's curve, and a window beside it is its rough substitute. */
const TABLE_FIRST = new Set(['CR', 'DX', 'MG', 'IO', 'PX', 'RG']);

/**
 * A frame's alternative views in order of preference (PS3.3 C.11.2.1.2: any one of them may be applied, no two). Windows
 * come first, in stored order, then VOI LUTs; in projection radiography (CR, DX, MG, IO, PX, RG) VOI LUTs come first.
 * Views that cannot be applied (a width of 0, say) stay in the list, as undefined, so that numbers keep their meaning.
 */
function alternativeViews(stored: StoredViews, modality: string): readonly (Voi | undefined)[] {
  const windows = stored.windows.map((raw): Voi | undefined => {
    const window = usableWindow(raw);
    return window && { kind: 'window', window };
  });
  const tables = stored.voiTables.map((table): Voi | undefined =>
    table.entries.length > 0 && table.bits > 0 ? { kind: 'table', table } : undefined,
  );
  return TABLE_FIRST.has(modality) ? [...tables, ...windows] : [...windows, ...tables];
}

/**
 * Each frame's stored view: the preferred one that can be applied, or the one with the given index, from 0. A frame that
 * has fewer takes its preferred one, and a warning says so.
 *
 * @throws UsageError where no frame has so many.
 */
export function storedViews(
  frames: readonly StoredViews[],
  modality: string,
  index: number | undefined,
): { readonly views: readonly (Voi | undefined)[]; readonly warnings: readonly string[] } {
  const alternatives = frames.map((frame) => alternativeViews(frame, modality));
  const preferred = alternatives.map((views) => views.find((view) => view !== undefined));
  if (index === undefined || frames.length === 0) return { views: preferred, warnings: [] };
  const most = Math.max(...alternatives.map((views) => views.length));
  if (!Number.isInteger(index) || index < 0 || index >= most) {
    // Callers count from 1.
    const range = most === 0 ? 'none is stored' : `1 to ${most} are stored`;
    throw new UsageError(`Expected the number of a stored window or VOI LUT (${range}) but received ${index + 1}.`);
  }
  const missing = alternatives.filter((views) => views[index] === undefined).length;
  return {
    views: alternatives.map((views, frame) => views[index] ?? preferred[frame]),
    warnings:
      missing === 0 ? [] : [`${missing} of the shown images have no usable window ${index + 1}; theirs is the first.`],
  };
}
