import type { FrameDecoder } from '../../codecs/frame-decoder.ts';
import type { ChosenTiles } from '../../series/header-pass/header-pass.ts';
import { membersOf } from '../../series/members.ts';
import type { OpenedSeries } from '../../series/opened-series.ts';
import { type OrderedMember, type OrderedSeries, orderMembers } from '../../series/order.ts';
import type { Selection } from '../../series/select.ts';
import { labelSelections, slideLevels, withoutLabels } from '../../series/slide.ts';
import type { DecodedMember } from '../../tiles/decode-members.ts';
import type { Contrast } from '../../tiles/render-tile.ts';
import { planSlide, type SlidePlan } from '../../tiles/slide-plan.ts';
import type { ScannedInstance } from '../../types/members.ts';
import type { PictureSettings } from '../../types/settings.ts';

/** The grid of a picture, and which members its tiles show. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** Tiles at most; undefined for as many as there are cells. */
  readonly count?: number | undefined;
  /** Chooses at most `count` members. `first` are those that come before all others: a slide's overview and labels. */
  readonly select: (
    ordered: readonly OrderedMember[],
    count: number,
    first: readonly Selection[],
  ) => readonly Selection[];
  /** Makes the tiles of the decoded members, where it is not one tile a member. */
  readonly arrange?: ((decoded: readonly DecodedMember[]) => Arrangement) | undefined;
}

/** Tiles, and what they are drawn with. */
export interface Arrangement {
  /** One entry a tile. Each has a selection of its own. */
  readonly tiles: readonly DecodedMember[];
  /** One entry a tile: what it is drawn with, as the caller named it. Absent where all have one contrast. */
  readonly contrastNames?: readonly string[] | undefined;
  readonly contrast: Contrast;
}

/** What a picture will show. */
export interface PicturePlan {
  readonly instances: readonly ScannedInstance[];
  readonly ordered: OrderedSeries;
  readonly chosen: ChosenTiles;
  /** Members that are still to be read. */
  readonly unread: readonly Selection[];
  /** A slide's overview, which was read to choose the other tiles. */
  readonly read: readonly DecodedMember[];
  readonly readBytes: number;
  readonly warnings: readonly string[];
}

/**
 * Puts the members in order and chooses those to show. Of a slide the overview is read first, because it tells where
 * the tissue lies.
 *
 * @throws UsageError where nothing can be chosen
 */
export async function planPicture(
  { pass, instances: all, located }: OpenedSeries,
  grid: Grid,
  settings: PictureSettings,
  decoder: FrameDecoder,
  signal: AbortSignal | undefined,
): Promise<PicturePlan> {
  const { instances, leftOut } = settings.includeLabel ? { instances: all, leftOut: 0 } : withoutLabels(all);
  const levels = pass.sampledOrder === undefined ? slideLevels(instances) : undefined;
  const slide: SlidePlan | undefined =
    levels === undefined ? undefined : await planSlide(levels, located, decoder, settings, signal);
  const ordered = slide?.ordered ?? pass.sampledOrder ?? orderMembers(membersOf(instances, located.limits));
  const first = slide === undefined ? [] : [slide.overview.selection, ...labelSelections(instances)];
  const chosen = pass.choose(grid.count ?? grid.rows * grid.columns, (count) =>
    grid.select(ordered.members, count, first),
  );
  const unread = chosen.selections.filter((selection) => selection !== slide?.overview.selection);
  const hasOverview = unread.length < chosen.selections.length;
  return {
    ...{ instances, ordered, chosen, unread },
    read: slide !== undefined && hasOverview ? [slide.overview] : [],
    readBytes: slide?.pixelBytes ?? 0,
    warnings: leftOut === 0 ? [] : [`${leftOut} LABEL or OVERVIEW images are left out, since they show patient data.`],
  };
}
