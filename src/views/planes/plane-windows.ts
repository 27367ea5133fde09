import { type ChosenContrast, chooseWindows } from '../../pixels/contrast/choose-window.ts';
import { storedViews } from '../../pixels/contrast/stored-voi.ts';
import { medianWindow, sameWindow } from '../../pixels/contrast/voi.ts';
import { identity } from '../../pixels/modality.ts';
import type { ResampledPlane } from '../../pixels/reslice/resample-lines.ts';
import type { VisibleMember } from '../../tiles/decoded-member.ts';
import type { DecodedFrame, VoiWindow } from '../../types/pixels.ts';
import type { PlanesSettings } from '../../types/view-settings.ts';

/** The frame of modality values that a plane is drawn from. */
export function frameOfPlane({ rows, columns, values }: ResampledPlane, like: VisibleMember): DecodedFrame {
  const { photometricInterpretation } = like.frame;
  return { rows, columns, samplesPerPixel: 1, values, photometricInterpretation };
}

/**
 * One contrast for all planes: as for the tiles of a mosaic of all slices.
 *
 * @param like the slice whose VOI LUT holds where no slice has a window
 * @param slices those that are shown, for their stored windows
 */
export function windowOfPlanes(
  planes: readonly ResampledPlane[],
  like: VisibleMember,
  slices: readonly VisibleMember[],
  { contrast, windowIndex }: Pick<PlanesSettings, 'contrast' | 'windowIndex'>,
): ChosenContrast {
  const stored = storedViews(
    slices.map(({ attributes }) => attributes),
    like.header.modality,
    windowIndex,
  );
  const windows = stored.views.flatMap((view): readonly VoiWindow[] => (view?.kind === 'window' ? [view.window] : []));
  const [first] = windows;
  const isShared = first !== undefined && windows.every((window) => sameWindow(window, first));
  const window = first === undefined || isShared ? first : medianWindow(windows);
  const shown = planes.map((plane) => ({
    frame: frameOfPlane(plane, like),
    bitsStored: like.description.bitsStored,
    modality: identity,
    windows: window === undefined ? [] : [window],
    voiTables: window === undefined ? like.attributes.voiTables : [],
    padding: undefined,
    unit: like.attributes.unit,
  }));
  const chosen = chooseWindows(shown, { contrast, modality: like.header.modality });
  if (isShared || first === undefined) return chosen;
  const frames = chosen.frames.map((frame) =>
    frame.window?.source === 'instance'
      ? { ...frame, window: { ...frame.window, source: 'series-median' as const } }
      : frame,
  );
  return { ...chosen, frames };
}
