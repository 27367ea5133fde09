import type { LookupTable, VoiWindow } from '../../types/pixels.ts';
import { identity, sameModality } from '../modality.ts';
import { fullRange, type GreyFrame, measured, pooledAuto, type SourcedVoi, shownFault } from './grey-frame.ts';
import { valueStatistics } from './statistics.ts';
import { medianWindow, sameWindow, windowBetween } from './voi.ts';

/** Modalities whose 8-bit values are meant to be displayed as they are. */
const displayModalities = new Set(['US', 'IVUS', 'ES', 'XC', 'GM', 'SM', 'OP']);

/** What the frames of a group are drawn with where the caller asked for no contrast, and what to tell about it. */
export interface DefaultWindows {
  readonly chosen: readonly SourcedVoi[];
  readonly warnings: readonly string[];
}

interface DefaultWindowPolicy {
  /** Modality (0008,0060). */
  readonly modality: string;
  /** Whether the caller chose the stored window by its index: it is kept then, whatever it shows. */
  readonly asked: boolean;
  /** The windows that count for a common one, if these are not those of the frames: those of the whole series. */
  readonly stored: readonly VoiWindow[] | undefined;
}

/**
 * The stored window. Where frames have different ones, all get one window from the medians of their bounds, and so do
 * frames without a window. Each frame keeps its own VOI LUT. Where nothing is stored, or where what is stored would
 * show nothing or nearly nothing, the window comes from the values; but a VOI LUT that only claims too many bits is
 * scaled.
 *
 * @param frames frames whose modality values have the same unit
 */
export function defaultWindows(
  frames: readonly GreyFrame[],
  { modality, asked, stored }: DefaultWindowPolicy,
): DefaultWindows {
  const common = commonWindow(stored ?? frames.flatMap(({ view }) => (view?.kind === 'window' ? [view.window] : [])));
  const without = frames.filter(({ view }) => view === undefined);
  const warnings: string[] = [];
  // Where no frame has a window: from the values, in the order of `without`.
  const fromValues = common === undefined ? windowsFromValues(without, modality, warnings) : [];
  const chosen = frames.map((frame): SourcedVoi => {
    const { view } = frame;
    if (view?.kind === 'table') return { voi: view, source: 'voi-lut' };
    if (common === undefined) return fromValues[without.indexOf(frame)] ?? fullRange(frame);
    const own = view !== undefined && sameWindow(view.window, common);
    return { voi: { kind: 'window', window: common }, source: own ? 'instance' : 'series-median' };
  });
  if (!chosen.some(isStored)) return { chosen, warnings };
  const fault = shownFault(frames, chosen);
  if (fault === undefined) return { chosen, warnings };
  if (asked) return { chosen, warnings: [`The stored window shows ${fault}`] };
  const scaled = withScaledTables(chosen);
  if (scaled !== undefined && shownFault(frames, scaled) === undefined) {
    const warning = `The stored VOI LUT would show ${fault} Its entries were scaled to the whole range of greys instead.`;
    return { chosen: scaled, warnings: [warning] };
  }
  const warning = `The stored window would show ${fault} The window was chosen from the values instead.`;
  const more: string[] = [];
  return { chosen: pooledAuto(frames, 'auto-fallback', more), warnings: [warning, ...more] };
}

/**
 * Each VOI LUT scaled so that its own least entry is black and its greatest white, for descriptors that tell more bits
 * than the entries have (16 bits with entries to 4095). undefined where there is no VOI LUT, or one whose entries are
 * all the same.
 */
function withScaledTables(chosen: readonly SourcedVoi[]): readonly SourcedVoi[] | undefined {
  const scaled = new Map<LookupTable, LookupTable>();
  for (const { voi } of chosen) {
    if (voi.kind !== 'table' || scaled.has(voi.table)) continue;
    const table = scaledTable(voi.table);
    if (table === undefined) return undefined;
    scaled.set(voi.table, table);
  }
  if (scaled.size === 0) return undefined;
  return chosen.map((one): SourcedVoi => {
    const table = one.voi.kind === 'table' ? scaled.get(one.voi.table) : undefined;
    return table === undefined ? one : { voi: { kind: 'table', table }, source: 'auto-fallback' };
  });
}

function scaledTable(table: LookupTable): LookupTable | undefined {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const entry of table.entries) {
    least = Math.min(least, entry);
    greatest = Math.max(greatest, entry);
  }
  if (!(least < greatest)) return undefined;
  const scale = 65_535 / (greatest - least);
  return {
    ...table,
    bits: 16,
    entries: Uint16Array.from(table.entries, (entry) => Math.round((entry - least) * scale)),
  };
}

function isStored({ source }: SourcedVoi): boolean {
  return source === 'instance' || source === 'series-median' || source === 'voi-lut';
}

function commonWindow(windows: readonly VoiWindow[]): VoiWindow | undefined {
  const [first] = windows;
  if (first === undefined || windows.every((window) => sameWindow(window, first))) return first;
  return medianWindow(windows);
}

/**
 * The windows where none is stored. Ultrasound and visible light with 8 bits and without rescale are display values
 * already; doses go from 0 to their maximum; everything else is `auto`. PET and NM are shown white on black as `auto`
 * makes them: many readers know them black on white, but so the tiles can be compared with those of other tools.
 */
function windowsFromValues(frames: readonly GreyFrame[], modality: string, warnings: string[]): readonly SourcedVoi[] {
  if (frames.length === 0) return [];
  if (displayModalities.has(modality) && frames.every(holdsDisplayValues)) {
    const chosen = frames.map(fullRange);
    if (shownFault(frames, chosen) === undefined) return chosen;
  }
  if (modality === 'RTDOSE') {
    const maximum = valueStatistics(frames.map(measured))?.maximum ?? 0;
    const window = windowBetween(0, maximum);
    if (maximum > 0) return frames.map(() => ({ voi: { kind: 'window', window }, source: 'full-range' }));
  }
  return pooledAuto(frames, 'auto', warnings);
}

function holdsDisplayValues({ shown, modality }: GreyFrame): boolean {
  return shown.frame.values instanceof Uint8Array && shown.bitsStored === 8 && sameModality(modality, identity);
}
