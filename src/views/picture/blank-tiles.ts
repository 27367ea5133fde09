import { counted } from '../../base/counted.ts';
import { sizeInCell } from '../../compose/cell-size.ts';
import { blankOutlierShare, maxBlankSpread } from '../../pixels/look-at-tile.ts';
import type { Selection } from '../../series/select.ts';
import type { DecodedMembers } from '../../tiles/decode-members.ts';
import { type DecodedMember, isVisible } from '../../tiles/decoded-member.ts';
import { chooseContrast, renderTile } from '../../tiles/render-tile.ts';
import type { SharedWindows } from '../../tiles/shared-windows.ts';
import type { PictureSettings } from '../../types/settings.ts';
import { type Grid, type PicturePlan, selectFrom } from './choose-tiles.ts';

/** Images are looked at in this width. */
const lookWidth = 64;

/**
 * Leaves out images that show nothing, and reads others in their place.
 *
 * @param decode reads and decodes
 */
export async function replaceBlank(
  plan: PicturePlan,
  decoded: DecodedMembers,
  grid: Grid,
  settings: PictureSettings,
  decode: (selections: readonly Selection[]) => Promise<DecodedMembers>,
): Promise<{ readonly plan: PicturePlan; readonly decoded: DecodedMembers; readonly warnings: readonly string[] }> {
  const blank = blankSelections(decoded.frames, settings, plan.windows);
  if (blank.size === 0 || plan.candidates === undefined) return { plan, decoded, warnings: [] };
  const rest = withoutBlank(plan.candidates(), plan.unread, blank);
  if (rest.length === 0) return { plan, decoded, warnings: ['All images looked at are blank.'] };
  const known = new Map(decoded.frames.map((item) => [item.selection.ordered, item]));
  const wanted = selectFrom(rest, grid, plan.count);
  const more = await decode(wanted.filter(({ ordered }) => !known.has(ordered)));
  for (const item of more.frames) known.set(item.selection.ordered, item);
  const looked = wanted.flatMap(({ ordered }) => known.get(ordered) ?? []);
  const alsoBlank = blankSelections(looked, settings, plan.windows);
  const frames =
    alsoBlank.size === looked.length ? looked : looked.filter(({ selection }) => !alsoBlank.has(selection));
  const selections = frames.map(({ selection }) => selection);
  const leftOut = blank.size + looked.length - frames.length;
  return {
    plan: { ...plan, unread: selections, chosen: { ...plan.chosen, selections } },
    decoded: { frames, pixelBytes: decoded.pixelBytes + more.pixelBytes },
    warnings: [
      `${counted(leftOut, 'of the images looked at is', 'of the images looked at are')} blank and left out; others are shown in their place.`,
    ],
  };
}

/** The selections whose images show nothing: next to all pixels come out in one grey. */
function blankSelections(
  shown: readonly DecodedMember[],
  settings: PictureSettings,
  windows: SharedWindows,
): ReadonlySet<Selection> {
  const visible = shown.filter(isVisible);
  const contrast = chooseContrast(visible, settings, windows);
  const blank = new Set<Selection>();
  for (const member of visible) {
    const size = sizeInCell(member.naturalSize, { width: lookWidth, height: lookWidth }, lookWidth);
    const style = { filter: 'area', colourMap: 'grey' } as const;
    const { data } = renderTile(member, contrast.frames.get(member.selection), size, style);
    const sorted = data.slice().sort();
    const left = Math.floor(sorted.length * blankOutlierShare);
    const spread = (sorted[sorted.length - 1 - left] ?? 0) - (sorted[left] ?? 0);
    if (spread <= maxBlankSpread) blank.add(member.selection);
  }
  return blank;
}

/**
 * The members that may be shown instead: not those that are known to be blank, nor those between two blank ones, nor
 * those beyond a blank one at an end.
 */
function withoutBlank(
  candidates: readonly Selection[],
  chosen: readonly Selection[],
  blank: ReadonlySet<Selection>,
): readonly Selection[] {
  const looked = [...chosen].sort((one, other) => one.index - other.index);
  const isBlankAt = (at: number): boolean => {
    const selection = looked[at];
    return selection === undefined || blank.has(selection);
  };
  const kept: Selection[] = [];
  let next = 0;
  for (const candidate of candidates) {
    while (next < looked.length && (looked[next]?.index ?? 0) < candidate.index) next++;
    const isLooked = looked[next]?.index === candidate.index;
    const isLeftOut = isLooked ? isBlankAt(next) : isBlankAt(next - 1) && isBlankAt(next);
    if (!isLeftOut) kept.push(candidate);
  }
  return kept;
}
