import type { StackGeometry } from '../types/series-info.ts';
import { areGaps, medianOf } from './gaps.ts';
import type { OrderedStack } from './order.ts';
import { type SplitStack, splitStack } from './volumes.ts';

/** Where the members of each stack lie, in the order in which stacks are shown. Volumes are numbered through all of them. */
export function stackGeometries(stacks: readonly OrderedStack[]): readonly StackGeometry[] {
  let number = 1;
  return stacks.map((stack) => {
    const split = splitStack(stack, number);
    number += split.volumes.length;
    return stackGeometry(stack, split);
  });
}

function stackGeometry({ orientation, placed, toleranceMm }: OrderedStack, split: SplitStack): StackGeometry {
  const { places, repeatedPlaces, incompletePlaces } = split;
  const volumes = split.volumes.map(({ info }) => info);
  const counts = { orientation, members: placed.length, places, volumes, repeatedPlaces, incompletePlaces };
  const millimetres: number[] = [];
  for (const { mm } of placed) {
    if (mm === undefined) return { ...counts, spacingMm: null, spacingRangeMm: null, extentMm: null, gaps: [] };
    const last = millimetres.at(-1);
    if (last === undefined || mm - last > toleranceMm) millimetres.push(mm);
  }
  const start = millimetres[0] ?? 0;
  const distances = millimetres.slice(1).map((mm, index) => mm - (millimetres[index] ?? mm));
  const isGap = areGaps(distances);
  return {
    ...counts,
    spacingMm: distances.length === 0 ? null : medianOf(distances),
    spacingRangeMm: rangeOf(distances.filter((_, index) => isGap[index] !== true)),
    extentMm: (millimetres.at(-1) ?? start) - start,
    gaps: distances.flatMap((widthMm, index) =>
      isGap[index] === true ? [{ afterMm: (millimetres[index] ?? start) - start, widthMm }] : [],
    ),
  };
}

function rangeOf(values: readonly number[]): readonly [number, number] | null {
  if (values.length === 0) return null;
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}
