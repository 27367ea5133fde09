import { counted } from '../base/counted.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import { type Selection, selectEvenly, selectNearest } from '../series/select.ts';
import type { RunOptions } from '../types/options.ts';
import type { Preview } from '../types/report.ts';
import type { MosaicSettings } from '../types/settings.ts';
import type { Grid, VolumeRows } from './picture/choose-tiles.ts';
import { drawPicture } from './picture/draw-picture.ts';

/**
 * A tiled mosaic: members evenly spaced over their order.
 *
 * @throws UsageError where no member lies between start and end, and the errors of reading, decoding and encoding
 */
export async function mosaic(
  series: OpenedSeries,
  settings: MosaicSettings,
  decoder: FrameDecoder,
  options: RunOptions,
): Promise<Preview> {
  const { tileWidth, tileHeight, samples, isSquare, start, end, rowsBy } = settings;
  const page = settings.isPage ? (await import('./page/mosaic-page.ts')).pageOf(settings) : {};
  const grid: Grid = {
    ...page,
    rows: tileHeight,
    columns: tileWidth,
    count: samples,
    isSquare,
    select: (ordered, count, first) => {
      const left = count - first.length;
      return left < 1 ? first.slice(0, count) : [...first, ...selectEvenly(ordered, { count: left, start, end })];
    },
    ...(rowsBy === undefined ? {} : { selectRows: (volumes) => selectRows(volumes, settings) }),
  };
  return drawPicture(series, grid, settings, decoder, options);
}

/** A row a volume: the places of the fullest volume, evenly chosen, and of each volume the images nearest to them. */
function selectRows(
  volumes: readonly (readonly Selection[])[],
  { tileWidth, tileHeight, start, end }: MosaicSettings,
): VolumeRows {
  const fullest = volumes.reduce((most, each) => (each.length > most.length ? each : most), volumes[0] ?? []);
  const places = selectEvenly(
    fullest.map(({ ordered }) => ordered),
    { count: tileWidth, start, end },
  );
  const shown = evenlySpaced(volumes.length, tileHeight);
  let displaced = 0;
  const tiles = shown.flatMap((row) => {
    const volume = volumes[row] ?? [];
    const members = volume.map(({ ordered }) => ordered);
    return places.flatMap(({ ordered: { position } }) => {
      const { index, ordered } = selectNearest(members, { position, offset: 0 });
      if (Math.abs(ordered.position - position) > samePosition) displaced++;
      return volume[index] ?? [];
    });
  });
  const their = displaced === 1 ? 'its' : 'their';
  const warning = `${counted(displaced, 'of the tiles shows', 'of the tiles show')} the place nearest to that of ${their} column, where ${their} volume has no image.`;
  return { rows: shown.length, columns: places.length, tiles, warnings: displaced === 0 ? [] : [warning] };
}

/** Positions (0..1) that differ by less are one place: header values are rounded. */
const samePosition = 1e-3;

function evenlySpaced(length: number, count: number): readonly number[] {
  if (length <= count) return Array.from({ length }, (_, index) => index);
  if (count === 1) return [0];
  return Array.from({ length: count }, (_, index) => Math.round((index * (length - 1)) / (count - 1)));
}
