import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import { selectEvenly } from '../series/select.ts';
import type { RunOptions } from '../types/options.ts';
import type { Preview } from '../types/report.ts';
import type { MosaicSettings } from '../types/settings.ts';
import type { Grid } from './picture/choose-tiles.ts';
import { drawPicture } from './picture/draw-picture.ts';

/**
 * A tiled mosaic: members evenly spaced over their order.
 *
 * @throws UsageError where no member lies between start and end, and the errors of reading, decoding and encoding
 */
export function mosaic(
  series: OpenedSeries,
  settings: MosaicSettings,
  decoder: FrameDecoder,
  options: RunOptions,
): Promise<Preview> {
  const { tileWidth, tileHeight, samples, start, end } = settings;
  const grid: Grid = {
    rows: tileHeight,
    columns: tileWidth,
    count: samples,
    select: (ordered, count, first) => {
      const left = count - first.length;
      return left < 1 ? first.slice(0, count) : [...first, ...selectEvenly(ordered, { count: left, start, end })];
    },
  };
  return drawPicture(series, grid, settings, decoder, options);
}
