import { UsageError } from '../../base/errors.ts';
import type { FrameDecoder } from '../../codecs/frame-decoder.ts';
import {
  chooseVolumes,
  type SeriesVolumes,
  selectionsOfEach,
  selectionsOfPart,
  volumeNotes,
  volumesOf,
} from '../../series/choose-volumes.ts';
import type { ChosenTiles } from '../../series/header-pass/header-pass.ts';
import { membersOf } from '../../series/members.ts';
import type { OpenedSeries } from '../../series/opened-series.ts';
import { type OrderedMember, type OrderedSeries, orderMembers } from '../../series/order.ts';
import type { Selection } from '../../series/select.ts';
import { labelSelections, slideLevels, withoutLabels } from '../../series/slide.ts';
import type { DecodedMember } from '../../tiles/decoded-member.ts';
import type { Contrast } from '../../tiles/render-tile.ts';
import { SharedWindows } from '../../tiles/shared-windows.ts';
import { planSlide, type SlidePlan } from '../../tiles/slide-plan.ts';
import type { ScannedInstance } from '../../types/members.ts';
import type { GridReport, TileWindow } from '../../types/report.ts';
import type { PictureSettings, VolumeChoice } from '../../types/settings.ts';
import type { GridCount } from './layout.ts';

/** The grid of a picture, and which members its tiles show. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** Tiles at most; undefined for as many as there are cells. */
  readonly count?: number | undefined;
  /** About square, and smaller where there are fewer tiles. */
  readonly isSquare?: boolean;
  /** Chooses at most `count` members. `first` are those that come before all others: a slide's overview and labels. */
  readonly select: (
    ordered: readonly OrderedMember[],
    count: number,
    first: readonly Selection[],
  ) => readonly Selection[];
  /** Each tile is judged alone: it has its own window, not that of the series. */
  readonly isAlone?: boolean;
  /** In place of `select`, where a row of the grid is a volume. */
  readonly selectRows?: (volumes: readonly (readonly Selection[])[]) => VolumeRows;
  /** Makes the tiles of the decoded members, where it is not one tile a member. */
  readonly arrange?: ((decoded: readonly DecodedMember[], shared: SharedWindows) => Arrangement) | undefined;
  /** Makes a page of the tiles in place of a picture. */
  readonly encodePage?: ((parts: PageParts) => Promise<Uint8Array>) | undefined;
}

/** What a page is made of. */
export interface PageParts {
  /** One entry a tile; those that could not be drawn with their error. */
  readonly tiles: readonly DecodedMember[];
  /** One entry a tile. */
  readonly windows: readonly (TileWindow | null)[];
  readonly grid: GridReport;
  /** Members of the series. */
  readonly members: number;
  readonly isDraft: boolean;
  readonly shared: SharedWindows;
  readonly warnings: readonly string[];
}

/** The selections of a grid, row by row. */
export interface VolumeRows {
  readonly rows: number;
  readonly columns: number;
  /** As many as the grid has tiles. */
  readonly tiles: readonly Selection[];
  readonly warnings: readonly string[];
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
  /** Of a series that repeats places. */
  readonly volumes: SeriesVolumes | undefined;
  /** Rows and columns, in tiles. */
  readonly grid: GridCount;
  /** Tiles at most. */
  readonly count: number;
  /** The members that tiles were chosen of; undefined where each tile has a place of its own. */
  readonly candidates: (() => readonly Selection[]) | undefined;
  readonly windows: SharedWindows;
  readonly chosen: ChosenTiles;
  /** Members that are still to be read. */
  readonly unread: readonly Selection[];
  /** A slide's overview, which was read to choose the other tiles. */
  readonly read: readonly DecodedMember[];
  readonly readBytes: number;
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
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
  const { instances, warnings } = settings.includeLabel ? { instances: all, warnings: [] } : withoutLabels(all);
  const levels = pass.sampledOrder === undefined ? slideLevels(instances) : undefined;
  const slide: SlidePlan | undefined =
    levels === undefined ? undefined : await planSlide(levels, located, decoder, settings, signal);
  const ordered = slide?.ordered ?? pass.sampledOrder ?? orderMembers(membersOf(instances, located.limits));
  const first = slide === undefined ? [] : [slide.overview.selection, ...labelSelections(instances)];
  const { volumeChoice } = settings;
  const isByVolume = volumeChoice !== undefined || grid.selectRows !== undefined;
  const volumes = volumesOf(ordered, isByVolume);
  if (isByVolume && (volumes === undefined || volumes.volumes.length === 0)) throw noVolumes();
  const tiles = tilesOf(grid, ordered, volumes, volumeChoice);
  const chosen = pass.choose(tiles.count, (count) => tiles.select(count, first));
  // A sample of the headers does not tell how many volumes there are.
  const isSplit =
    pass.sampledOrder === undefined && volumes?.stacks.some(({ repeatedPlaces }) => repeatedPlaces > 0) === true;
  const unread = chosen.selections.filter((selection) => selection !== slide?.overview.selection);
  const hasOverview = unread.length < chosen.selections.length;
  return {
    ...{ instances, ordered, chosen, unread },
    volumes: isSplit ? volumes : undefined,
    grid:
      grid.isSquare === true && chosen.selections.length < tiles.count
        ? squareGrid(chosen.selections.length)
        : { rows: tiles.rows, columns: tiles.columns },
    count: tiles.count,
    candidates: tiles.candidates,
    windows: new SharedWindows(
      grid.isAlone === true ? undefined : ordered.members,
      (member) => volumes?.volumeOf(member)?.kind ?? '',
      settings,
    ),
    read: slide !== undefined && hasOverview ? [slide.overview] : [],
    readBytes: slide?.pixelBytes ?? 0,
    warnings: [...warnings, ...tiles.warnings],
    notes: volumes === undefined || !isSplit || isByVolume ? tiles.notes : volumeNotes(volumes),
  };
}

function squareGrid(tiles: number): GridCount {
  const columns = Math.max(1, Math.ceil(Math.sqrt(tiles)));
  return { columns, rows: Math.max(1, Math.ceil(tiles / columns)) };
}

function noVolumes(): UsageError {
  return new UsageError(
    'Expected no choice of a volume: the images of this series (a slide) have no places that repeat.',
  );
}

interface Tiles extends GridCount {
  /** Tiles at most. */
  readonly count: number;
  readonly candidates: PicturePlan['candidates'];
  readonly select: (count: number, first: readonly Selection[]) => readonly Selection[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** The grid, and how its tiles are chosen: of all members, of some volumes, or a row a volume. */
function tilesOf(
  grid: Grid,
  ordered: OrderedSeries,
  volumes: SeriesVolumes | undefined,
  choice: VolumeChoice | undefined,
): Tiles {
  const { rows, columns } = grid;
  const count = grid.count ?? rows * columns;
  const wanted = volumes === undefined || choice === undefined ? undefined : chooseVolumes(volumes, choice);
  const { shown, fitting } = wanted ?? { shown: volumes?.volumes ?? [], fitting: volumes?.volumes.length ?? 0 };
  const notes =
    shown.length === fitting
      ? []
      : [`${fitting} volumes fit: volume ${shown[0]?.info.number} is shown. --volumes all shows all.`];
  if (volumes !== undefined && grid.selectRows !== undefined) {
    const found = grid.selectRows(selectionsOfEach(ordered, shown));
    return { ...found, count: found.tiles.length, notes, candidates: undefined, select: () => found.tiles };
  }
  const plain = { rows, columns, count, warnings: [], notes };
  if (wanted === undefined) {
    const candidates = (): readonly Selection[] => ordered.members.map((member, index) => ({ index, ordered: member }));
    return { ...plain, candidates, select: (most, first) => grid.select(ordered.members, most, first) };
  }
  const part = selectionsOfPart(ordered, shown);
  const select: Tiles['select'] = (most) => selectFrom(part, grid, most);
  return { ...plain, candidates: () => part, select };
}

/** Chooses as the grid does, of some members. */
export function selectFrom(
  candidates: readonly Selection[],
  grid: Pick<Grid, 'select'>,
  count: number,
): readonly Selection[] {
  const members = candidates.map(({ ordered }) => ordered);
  return grid.select(members, count, []).flatMap(({ index }) => candidates[index] ?? []);
}
