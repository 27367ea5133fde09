import { UsageError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import type { OrderedMember } from '../series/order.ts';
import { type Selection, selectNearest } from '../series/select.ts';
import type { RunOptions } from '../types/options.ts';
import type { Preview } from '../types/report.ts';
import type { ImageSettings } from '../types/settings.ts';
import type { Grid } from './picture/choose-tiles.ts';
import { drawPicture } from './picture/draw-picture.ts';

/**
 * One image: the member nearest to a position, or another frame of its instance.
 *
 * @throws UsageError for a slice offset or a frame that is not there, and the errors of reading, decoding and encoding
 */
export function image(
  series: OpenedSeries,
  settings: ImageSettings,
  decoder: FrameDecoder,
  options: RunOptions,
): Promise<Preview> {
  const { position, sliceOffset, frame } = settings;
  const grid: Grid = {
    rows: 1,
    columns: 1,
    isAlone: true,
    select: (ordered, _count, first) => {
      if (first.length > 0 && frame === undefined) return first.slice(0, 1);
      const nearest = selectNearest(ordered, { position, offset: sliceOffset });
      return [frame === undefined ? nearest : frameOf(ordered, nearest, frame)];
    },
  };
  return drawPicture(series, grid, settings, decoder, options);
}

/** Another frame (from 1) of the chosen instance. */
function frameOf(ordered: readonly OrderedMember[], chosen: Selection, frame: number): Selection {
  const { instance } = chosen.ordered.member;
  const index = ordered.findIndex(({ member }) => member.instance === instance && member.frameIndex === frame - 1);
  const found = ordered[index];
  if (found !== undefined) return { index, ordered: found };
  const { numberOfFrames } = instance.header;
  throw new UsageError(
    `Expected a frame from 1 to ${numberOfFrames} of '${printable(instance.key)}' but received ${frame}.`,
  );
}
