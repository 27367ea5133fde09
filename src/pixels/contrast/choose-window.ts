import { counted } from '../../base/counted.ts';
import type { DecodedFrame, ModalityTransform, VoiWindow } from '../../types/pixels.ts';
import type { TileWindow } from '../../types/report.ts';
import type { ContrastChoice } from '../../types/settings.ts';
import { displayModality, usableModality } from '../modality.ts';
import { defaultWindows } from './default-window.ts';
import { type GreyFrame, pooledAuto, type ShownFrame, type SourcedVoi, shownFault } from './grey-frame.ts';
import { storedViews } from './stored-voi.ts';
import type { Voi } from './voi.ts';

export type { ShownFrame } from './grey-frame.ts';

export interface ContrastPolicy {
  readonly contrast: ContrastChoice;
  /** Which one of several stored windows and VOI LUTs, from 0; undefined for the preferred one. */
  readonly windowIndex?: number | undefined;
  /** The Modality (0008,0060) of the series. */
  readonly modality: string;
  /**
   * The stored windows of all frames of the series that have one kind and one unit, shown or not; undefined where they are not
   * known, or where those of the shown frames are meant.
   */
  readonly seriesWindows?: ((kind: string, unit: string | undefined) => readonly VoiWindow[] | undefined) | undefined;
}

/** How to draw one frame. */
export interface FrameContrast {
  /** The modality transform to display with. It is not always the stored one, see `displayModality`. */
  readonly modality: ModalityTransform;
  /** undefined for colour that is shown as it is. */
  readonly voi: Voi | undefined;
  /** For the report; of a VOI LUT, the range of values that it maps. */
  readonly window: TileWindow | null;
  /** Frames of one group got their windows together. */
  readonly group: string;
}

/** In the order of the frames. */
export interface ChosenContrast {
  readonly frames: readonly FrameContrast[];
  readonly warnings: readonly string[];
}

/**
 * Chooses the contrast of all tiles of a picture.
 *
 * - Where the caller asked for nothing: see `defaultWindows`.
 * - `auto`: one window from the values of all frames together.
 * - `embedded`: each frame has its own window or VOI LUT; frames without one share an `auto` window.
 * - A preset or a window: that one. It is LINEAR, the default of the standard; but LINEAR_EXACT where modality values
 *   may lie closer together than 1 (floats, or a slope below 1), because the `w - 1` of LINEAR is not meant for them.
 *
 * Only frames of one kind whose modality values have the same unit share a window. Colour is left as it is: only a window in
 * numbers is applied to it, and never to palette indices.
 *
 * @throws UsageError where no frame has a stored window or VOI LUT with the asked index
 */
export function chooseWindows(frames: readonly ShownFrame[], policy: ContrastPolicy): ChosenContrast {
  const warnings: string[] = [];
  const shown = frames.filter((frame) => isGrey(frame.frame));
  const usesStored = policy.contrast.kind === 'default' || policy.contrast.kind === 'embedded';
  const stored = storedViews(shown, policy.modality, usesStored ? policy.windowIndex : undefined);
  const grey = shown.map(
    (frame, index): GreyFrame => ({
      shown: frame,
      modality: displayModality(frame.modality, policy.modality),
      view: stored.views[index],
    }),
  );
  const unusable = shown.filter((frame) => usableModality(frame.modality) === undefined).length;
  if (unusable > 0)
    warnings.push(
      `${counted(unusable, 'of the shown images has', 'of the shown images have')} an unusable rescale, which is left out.`,
    );
  if (usesStored) warnings.push(...stored.warnings);
  const chosen = greyContrast(grey, policy, warnings);
  const byFrame = new Map(
    grey.map(({ shown: frame, modality }, index) => [frame, { modality, chosen: chosen[index] }]),
  );
  const isAsked = policy.contrast.kind === 'preset' || policy.contrast.kind === 'window';
  const results = frames.map((frame): FrameContrast => {
    const found = byFrame.get(frame);
    if (found?.chosen === undefined) return colourContrast(frame, policy.contrast);
    const { voi, source } = found.chosen;
    return {
      modality: found.modality,
      voi,
      window: { ...windowOf(voi), source },
      group: isAsked ? '' : groupOf(frame, found.modality),
    };
  });
  const untouched = results.filter(({ voi }) => voi === undefined).length;
  if (untouched > 0 && isAsked) {
    warnings.push(
      `${untouched === 1 ? '1 colour image is shown as it is' : `${untouched} colour images are shown as they are`}: the contrast does not apply to ${untouched === 1 ? 'it' : 'them'}.`,
    );
  }
  return { frames: results, warnings };
}

function greyContrast(
  frames: readonly GreyFrame[],
  { contrast, modality, windowIndex, seriesWindows }: ContrastPolicy,
  warnings: string[],
): readonly SourcedVoi[] {
  switch (contrast.kind) {
    case 'preset': {
      const { preset } = contrast;
      if (frames.length > 0 && modality !== '' && modality !== preset.modality) {
        warnings.push(
          `The contrast '${preset.name}' is made for ${preset.modality}; the series' modality is ${modality}.`,
        );
      }
      return asked(frames, preset, 'preset', warnings);
    }
    case 'window':
      return asked(frames, contrast, 'option', warnings);
    case 'auto':
      return byUnit(frames, (group) => pooledAuto(group, 'auto', warnings));
    case 'embedded':
      return byUnit(frames, (group) => embedded(group, warnings));
    case 'default':
      return byUnit(frames, (group) => {
        const { kind = '', unit } = group[0]?.shown ?? {};
        const stored = seriesWindows?.(kind, unit);
        const found = defaultWindows(group, { modality, asked: windowIndex !== undefined, stored });
        warnings.push(...found.warnings);
        return found.chosen;
      });
  }
}

function asked(
  frames: readonly GreyFrame[],
  { center, width }: { readonly center: number; readonly width: number },
  source: 'preset' | 'option',
  warnings: string[],
): readonly SourcedVoi[] {
  const chosen = frames.map((frame): SourcedVoi => {
    const linear = width >= 1 && isStepAtLeastOne(frame);
    return { voi: { kind: 'window', window: { center, width, function: linear ? 'LINEAR' : 'LINEAR_EXACT' } }, source };
  });
  const fault = shownFault(frames, chosen);
  if (fault !== undefined) warnings.push(`The window ${width},${center} shows ${fault} Try 'auto'.`);
  return chosen;
}

/** Whether different modality values are at least 1 apart. */
function isStepAtLeastOne({ shown, modality }: GreyFrame): boolean {
  const { values } = shown.frame;
  if (values instanceof Float32Array || values instanceof Float64Array) return false;
  return modality.kind === 'table' || Math.abs(modality.slope) >= 1;
}

function embedded(frames: readonly GreyFrame[], warnings: string[]): readonly SourcedVoi[] {
  const without = frames.filter(({ view }) => view === undefined);
  const auto = without.length === 0 ? [] : pooledAuto(without, 'auto', warnings);
  const chosen = frames.flatMap((frame): readonly SourcedVoi[] => {
    const { view } = frame;
    if (view !== undefined) return [{ voi: view, source: view.kind === 'table' ? 'voi-lut' : 'instance' }];
    const found = auto[without.indexOf(frame)];
    return found === undefined ? [] : [found];
  });
  const fault = without.length === frames.length ? undefined : shownFault(frames, chosen);
  if (fault !== undefined) warnings.push(`The stored window shows ${fault} Try 'auto'.`);
  return chosen;
}

/** Chooses for each group of frames with the same kind and unit; the results are in the order of the frames. */
function byUnit(
  frames: readonly GreyFrame[],
  choose: (group: readonly GreyFrame[]) => readonly SourcedVoi[],
): readonly SourcedVoi[] {
  const groups = new Map<string, GreyFrame[]>();
  for (const frame of frames) {
    const key = groupOf(frame.shown, frame.modality);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [frame]);
    else group.push(frame);
  }
  const found = new Map<GreyFrame, SourcedVoi>();
  for (const group of groups.values()) {
    const chosen = choose(group);
    group.forEach((frame, index) => {
      const one = chosen[index];
      if (one !== undefined) found.set(frame, one);
    });
  }
  return frames.flatMap((frame) => found.get(frame) ?? []);
}

function groupOf({ kind = '', unit = '' }: ShownFrame, modality: ModalityTransform): string {
  return `${modality.kind} ${unit} ${kind}`;
}

function colourContrast(shown: ShownFrame, contrast: ContrastChoice): FrameContrast {
  const { modality, frame } = shown;
  if (contrast.kind !== 'window' || frame.samplesPerPixel === 1)
    return { modality, voi: undefined, window: null, group: '' };
  const window = { center: contrast.center, width: contrast.width } as const;
  const linear = { ...window, function: contrast.width >= 1 ? 'LINEAR' : 'LINEAR_EXACT' } as const;
  return { modality, voi: { kind: 'window', window: linear }, window: { ...linear, source: 'option' }, group: '' };
}

function isGrey(frame: DecodedFrame): boolean {
  return frame.samplesPerPixel === 1 && frame.photometricInterpretation !== 'PALETTE COLOR';
}

/** The numbers of a window; of a table, those of the range of values that it maps. */
function windowOf(voi: Voi): Omit<TileWindow, 'source'> {
  if (voi.kind === 'window') return voi.window;
  const { firstMapped, entries } = voi.table;
  return { center: firstMapped + entries.length / 2, width: entries.length, function: 'LINEAR' };
}
