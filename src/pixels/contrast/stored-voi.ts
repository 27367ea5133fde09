import { counted } from '../../base/counted.ts';
import { UsageError } from '../../base/errors.ts';
import type { LookupTable, VoiWindow } from '../../types/pixels.ts';
import { usableWindow, type Voi } from './voi.ts';

/** The stored windows and VOI LUTs of a frame. */
export interface StoredViews {
  readonly windows: readonly VoiWindow[];
  readonly voiTables: readonly LookupTable[];
}

/** Projection radiography: the VOI LUT holds the maker's curve, and a window is only a rough replacement for it. */
const tableFirst = new Set(['CR', 'DX', 'MG', 'IO', 'PX', 'RG']);

/**
 * The windows and VOI LUTs of a frame in order of preference: only one of them may be applied (PS3.3 C.11.2.1.2).
 * Windows come first, in stored order, then VOI LUTs; in projection radiography (CR, DX, MG, IO, PX, RG) VOI LUTs come
 * first. Those that cannot be applied (for example with a width of 0) are undefined, so that the others keep their
 * numbers.
 */
function alternativeViews(stored: StoredViews, modality: string): readonly (Voi | undefined)[] {
  const windows = stored.windows.map((raw): Voi | undefined => {
    const window = usableWindow(raw);
    return window && { kind: 'window', window };
  });
  const tables = stored.voiTables.map((table): Voi | undefined =>
    table.entries.length > 0 && table.bits > 0 ? { kind: 'table', table } : undefined,
  );
  return tableFirst.has(modality) ? [...tables, ...windows] : [...windows, ...tables];
}

/**
 * The stored window or VOI LUT of each frame: the preferred one that can be applied, or the one with the given index,
 * from 0. A frame that has none with this index takes its preferred one, and a warning says so. Another one tells how
 * many frames prefer one that cannot be applied.
 *
 * @throws UsageError where no frame has so many
 */
export function storedViews(
  frames: readonly StoredViews[],
  modality: string,
  index: number | undefined,
): { readonly views: readonly (Voi | undefined)[]; readonly warnings: readonly string[] } {
  const alternatives = frames.map((frame) => alternativeViews(frame, modality));
  const preferred = alternatives.map((views) => views.find((view) => view !== undefined));
  if (index === undefined || frames.length === 0) {
    const unusable = alternatives.filter((views) => views.length > 0 && views[0] === undefined).length;
    const warning = `${counted(unusable, 'of the shown images has', 'of the shown images have')} a stored window or VOI LUT that cannot be applied; it is left out.`;
    return { views: preferred, warnings: unusable === 0 ? [] : [warning] };
  }
  const maxCount = alternatives.reduce((most, views) => Math.max(most, views.length), 0);
  if (!Number.isInteger(index) || index < 0 || index >= maxCount) {
    // Callers count from 1.
    const range = maxCount < 2 ? `${maxCount === 0 ? 'none' : 'only 1'} is stored` : `1 to ${maxCount} are stored`;
    throw new UsageError(`Expected the number of a stored window or VOI LUT (${range}) but received ${index + 1}.`);
  }
  const missing = alternatives.filter((views) => views[index] === undefined).length;
  return {
    views: alternatives.map((views, frame) => views[index] ?? preferred[frame]),
    warnings:
      missing === 0
        ? []
        : [
            `${counted(missing, 'of the shown images has', 'of the shown images have')} no usable window ${index + 1} and ${missing === 1 ? 'is shown with its' : 'are shown with their'} first one.`,
          ],
  };
}
