import { counted } from '../base/counted.ts';
import { UsageError } from '../base/errors.ts';
import { sopClassUids } from '../dicom/sop-classes.ts';
import type { Member, ScannedInstance, SlideLevel, SlideTile } from '../types/members.ts';
import type { OrderedSeries } from './order.ts';
import type { Selection } from './select.ts';

const slideSopClass = sopClassUids.wholeSlideMicroscopyImage;

/** An overview is put together from no more frames than this, if possible. */
const maxOverviewFrames = 400;

/**
 * Leaves out LABEL images of a slide, and OVERVIEW images, which show the label too: they tell who the patient is.
 *
 * @throws UsageError where the series has nothing else
 */
export function withoutLabels(instances: readonly ScannedInstance[]): {
  readonly instances: readonly ScannedInstance[];
  /** That some were left out, where some were. */
  readonly warnings: readonly string[];
} {
  const kept = instances.filter(({ header }) => !showsLabel(header.sopClassUid, header.imageType));
  if (kept.length === 0 && instances.length > 0) {
    throw new UsageError(
      'Expected images of a specimen but the series has only LABEL and OVERVIEW images, which show patient data. Ask for them with --include-label.',
    );
  }
  const leftOut = instances.length - kept.length;
  const one = 'LABEL or OVERVIEW image is left out, since it shows';
  const many = 'LABEL or OVERVIEW images are left out, since they show';
  return { instances: kept, warnings: leftOut === 0 ? [] : [`${counted(leftOut, one, many)} patient data.`] };
}

/** Whether an image is of a slide's label, or shows it too. */
export function showsLabel(sopClassUid: string, imageType: readonly string[]): boolean {
  return sopClassUid === slideSopClass && (imageType.includes('LABEL') || imageType.includes('OVERVIEW'));
}

/** The label and overview images of a slide, as selections that come before all others. */
export function labelSelections(instances: readonly ScannedInstance[]): readonly Selection[] {
  return instances
    .filter(({ header }) => showsLabel(header.sopClassUid, header.imageType))
    .map((instance) => ({
      index: 0,
      ordered: { member: { instance, frameIndex: 0 }, positionMm: undefined, position: 0 },
    }));
}

/** The levels of a slide without labels, the finest first; undefined where the series is not a slide. */
export function slideLevels(instances: readonly ScannedInstance[]): readonly SlideLevel[] | undefined {
  const specimen = instances.filter(({ header }) => !showsLabel(header.sopClassUid, header.imageType));
  const levels = specimen.flatMap((instance) => slideLevel(instance) ?? []);
  if (levels.length === 0 || levels.length < specimen.length) return undefined;
  return levels.sort((a, b) => b.columns * b.rows - a.columns * a.rows || compareKeys(a, b));
}

function compareKeys(a: SlideLevel, b: SlideLevel): number {
  return a.instance.key < b.instance.key ? -1 : 1;
}

function slideLevel(instance: ScannedInstance): SlideLevel | undefined {
  const { header } = instance;
  const { pixels, totalPixelMatrix: matrix } = header;
  if (header.sopClassUid !== slideSopClass || pixels === undefined) return undefined;
  const { rows, columns } = matrix ?? pixels;
  return { instance, rows, columns, tiles: tilesOf(instance, rows, columns) };
}

/**
 * The tiles of a level: where each frame tells its position, by that; else row by row (TILED_FULL, PS3.3 C.7.6.17.3).
 */
function tilesOf(instance: ScannedInstance, rows: number, columns: number): readonly SlideTile[] {
  const { header } = instance;
  const { pixels, frames, numberOfFrames } = header;
  if (pixels === undefined) return [];
  const seen = new Set<string>();
  const told = frames.flatMap(({ tilePosition }, frameIndex): readonly SlideTile[] => {
    if (tilePosition === undefined || frames.length !== numberOfFrames) return [];
    const [row, column] = tilePosition;
    // Other focal planes and optical paths have the same position.
    if (seen.has(`${row} ${column}`)) return [];
    seen.add(`${row} ${column}`);
    return [{ frameIndex, row: row - 1, column: column - 1 }];
  });
  if (told.length > 0) return told.sort((a, b) => a.row - b.row || a.column - b.column);
  const across = Math.ceil(columns / pixels.columns);
  const count = Math.min(numberOfFrames, across * Math.ceil(rows / pixels.rows));
  return Array.from({ length: count }, (_, frameIndex) => ({
    frameIndex,
    row: Math.trunc(frameIndex / across) * pixels.rows,
    column: (frameIndex % across) * pixels.columns,
  }));
}

/**
 * The level to make an overview of `width` pixels from: the smallest that is as wide, else the widest with few enough
 * frames.
 */
export function overviewLevel(levels: readonly SlideLevel[], width: number | 'native'): SlideLevel | undefined {
  const affordable = levels.filter(({ tiles }) => tiles.length <= maxOverviewFrames);
  const candidates = affordable.length > 0 ? affordable : levels.slice(-1);
  if (width === 'native') return candidates.at(-1);
  return candidates.findLast(({ columns }) => columns >= width) ?? candidates[0];
}

/** The member that shows a whole level. */
export function overviewMember(level: SlideLevel): Member {
  return { instance: level.instance, frameIndex: level.tiles[0]?.frameIndex ?? 0, level };
}

/** The tiles of a level as an ordered series. */
export function orderTiles(level: SlideLevel, tiles: readonly SlideTile[]): OrderedSeries {
  const last = Math.max(1, tiles.length - 1);
  const members = tiles.map(({ frameIndex }, index) => ({
    member: { instance: level.instance, frameIndex },
    positionMm: undefined,
    position: index / last,
  }));
  return { members, orientation: 'none', orderedBy: 'tile-position' };
}
