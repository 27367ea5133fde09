import type { SeriesOrientation, StackGeometry } from '../types/series-info.ts';
import type { OrderedStack } from './order.ts';

/** Neighbours further apart than the median times this have something missing between them. */
const gapFactor = 1.5;

export function stackGeometry({ orientation, placed, toleranceMm }: OrderedStack): StackGeometry {
  const counts: { readonly mm: number; members: number }[] = [];
  for (const { mm } of placed) {
    const last = counts.at(-1);
    if (mm === undefined) return withoutPlaces(orientation, placed.length);
    if (last !== undefined && mm - last.mm <= toleranceMm) last.members++;
    else counts.push({ mm, members: 1 });
  }
  const start = counts[0]?.mm ?? 0;
  const distances = counts.slice(1).map(({ mm }, index) => mm - (counts[index]?.mm ?? mm));
  const spacing = median(distances);
  const volumes = Math.max(1, ...counts.map(({ members }) => members));
  return {
    orientation,
    members: placed.length,
    places: counts.length,
    volumes,
    incompletePlaces: counts.filter(({ members }) => members < volumes).length,
    spacingMm: spacing ?? null,
    extentMm: (counts.at(-1)?.mm ?? start) - start,
    gaps: distances.flatMap((widthMm, index) =>
      spacing !== undefined && widthMm > spacing * gapFactor
        ? [{ afterMm: (counts[index]?.mm ?? start) - start, widthMm }]
        : [],
    ),
  };
}

function withoutPlaces(orientation: SeriesOrientation, members: number): StackGeometry {
  return {
    ...{ orientation, members, places: members, volumes: 1, incompletePlaces: 0 },
    ...{ spacingMm: null, extentMm: null, gaps: [] },
  };
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.trunc((values.length - 1) / 2)];
}
