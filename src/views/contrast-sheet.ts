import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import { selectEvenly, selectNearest } from '../series/select.ts';
import { type DecodedMember, isVisible } from '../tiles/decoded-member.ts';
import { chooseContrast, type TileContrast } from '../tiles/render-tile.ts';
import type { SharedWindows } from '../tiles/shared-windows.ts';
import type { RunOptions } from '../types/options.ts';
import type { Preview } from '../types/report.ts';
import type { ContrastSheetSettings } from '../types/view-settings.ts';
import type { Arrangement, Grid } from './picture/choose-tiles.ts';
import { drawPicture } from './picture/draw-picture.ts';

/**
 * The same images in several contrasts: a row an image, a column a contrast. Each image is read and decoded once.
 *
 * @throws UsageError where no member lies between start and end, and the errors of reading, decoding and encoding
 */
export function contrastSheet(
  series: OpenedSeries,
  settings: ContrastSheetSettings,
  decoder: FrameDecoder,
  options: RunOptions,
): Promise<Preview> {
  const { positions, samples, start, end, contrasts } = settings;
  const rows = positions?.length ?? samples;
  const grid: Grid = {
    rows,
    columns: contrasts.length,
    count: rows,
    select: (ordered, count, first) => {
      if (positions !== undefined) {
        return positions.map((position) => selectNearest(ordered, { position, offset: 0 }));
      }
      const left = count - first.length;
      return left < 1 ? first.slice(0, count) : [...first, ...selectEvenly(ordered, { count: left, start, end })];
    },
    arrange: (decoded, shared) => inAllContrasts(decoded, settings, shared),
  };
  return drawPicture(series, grid, settings, decoder, options);
}

/** A tile for each member and contrast, row by row. The members of a column share what one picture of them would share. */
function inAllContrasts(
  decoded: readonly DecodedMember[],
  settings: ContrastSheetSettings,
  shared: SharedWindows,
): Arrangement {
  const { contrasts } = settings;
  const frames = new Map<DecodedMember['selection'], TileContrast>();
  const warnings: string[] = [];
  const columns = contrasts.map(({ name, choice }) => {
    // A selection stands for one tile.
    const column = decoded.map((member) => ({ ...member, selection: { ...member.selection } }));
    const chosen = chooseContrast(column.filter(isVisible), { ...settings, contrast: choice }, shared);
    for (const [selection, contrast] of chosen.frames) frames.set(selection, contrast);
    for (const warning of chosen.warnings) warnings.push(contrasts.length === 1 ? warning : `${name}: ${warning}`);
    return column;
  });
  const tiles = decoded.flatMap((_, row) => columns.flatMap((column) => column[row] ?? []));
  const contrastNames = decoded.flatMap(() => contrasts.map(({ name }) => name));
  return { tiles, contrastNames, contrast: { frames, warnings } };
}
