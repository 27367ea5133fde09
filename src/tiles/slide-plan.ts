import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import { tissueShare } from '../pixels/tissue.ts';
import type { OrderedMember, OrderedSeries } from '../series/order.ts';
import type { Selection } from '../series/select.ts';
import { orderTiles, overviewLevel, overviewMember } from '../series/slide.ts';
import type { Limits } from '../types/limits.ts';
import type { SlideLevel, SlideTile } from '../types/members.ts';
import type { DisplayImage } from '../types/pixels.ts';
import type { PictureSettings } from '../types/settings.ts';
import type { Store } from '../types/storage.ts';
import { decodeMembers } from './decode-members.ts';
import { type DecodedMember, isVisible } from './decoded-member.ts';
import { chooseContrast, renderTile } from './render-tile.ts';

/** What a picture of a slide shows: the overview, then regions of the finest level where there is tissue. */
export interface SlidePlan {
  readonly overview: DecodedMember;
  readonly pixelBytes: number;
  /** The tiles of the finest level that show tissue, from top to bottom and left to right. */
  readonly ordered: OrderedSeries;
}

/** A tile with less tissue than this is glass. */
const minTissue = 0.25;
const thumbnailSize = { width: 256, height: 256 };

/** Puts the overview together and finds the tiles that show tissue. */
export async function planSlide(
  levels: readonly SlideLevel[],
  { store, limits }: { readonly store: Store; readonly limits?: Limits | undefined },
  decoder: FrameDecoder,
  settings: PictureSettings,
  signal: AbortSignal | undefined,
): Promise<SlidePlan> {
  const [finest] = levels;
  const level = overviewLevel(levels, settings.imageWidth);
  if (finest === undefined || level === undefined) throw new RangeError('Expected at least one level.');
  const ordered: OrderedMember = { member: overviewMember(level), positionMm: undefined, position: 0 };
  const selection: Selection = { index: 0, ordered };
  const { imageWidth, overlays } = settings;
  const options = { imageWidth, overlays, signal, limits, onProgress: () => {} };
  const { frames, pixelBytes } = await decodeMembers(store, decoder, [selection], options);
  const [overview] = frames;
  if (overview === undefined) throw new RangeError('Expected one decoded overview.');
  if (!isVisible(overview)) return { overview, pixelBytes, ordered: orderTiles(finest, finest.tiles) };
  const contrast = chooseContrast([overview], settings).frames.get(overview.selection);
  const tiles = tilesWithTissue(finest, renderTile(overview, contrast, thumbnailSize, settings));
  return { overview, pixelBytes, ordered: orderTiles(finest, tiles) };
}

/** Tiles that show tissue; all of them where none does. */
function tilesWithTissue(level: SlideLevel, overview: DisplayImage): readonly SlideTile[] {
  const { pixels } = level.instance.header;
  const { rows = 1, columns = 1 } = pixels ?? {};
  const found = level.tiles.filter(({ row, column }) => {
    const part = {
      left: column / level.columns,
      top: row / level.rows,
      right: (column + columns) / level.columns,
      bottom: (row + rows) / level.rows,
    };
    return tissueShare(overview, part) >= minTissue;
  });
  return found.length > 0 ? found : level.tiles;
}
