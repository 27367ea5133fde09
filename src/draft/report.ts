import { round } from '../base/numbers.ts';
import { samePlaceMm } from '../series/order.ts';
import type { DraftReport } from '../types/report.ts';
import type { DraftSettings } from '../types/settings.ts';
import type { DraftHeaders } from './headers.ts';

/** What the report of a draft is made of. */
export interface DraftReportParts {
  readonly headers: DraftHeaders;
  readonly listed: number;
  /** Mean distance of the tiles from where they should be, as estimated: a fraction of the extent. */
  readonly expectedError: number;
  /** Tiles that there would be without a budget. */
  readonly wantedTiles: number;
  readonly shownTiles: number;
  readonly budget: DraftSettings;
  /** What reading took. */
  readonly readBytes: number;
  readonly readMs: number;
}

/** Reads under way at the deadline may end after it: a warning comes only above this. */
const timeTolerance = 1.25;
const timeToleranceMs = 100;

/** How a draft came out, for programs. */
export function draftReport(parts: DraftReportParts): DraftReport {
  const { headers, listed, expectedError, budget } = parts;
  const { sampled } = headers;
  const extent = sampled?.places.extent;
  const extentMm = extent === undefined ? null : extent.endMm - extent.startMm;
  const read = headers.scan.indexed.length;
  const skippedTiles = parts.wantedTiles - parts.shownTiles;
  return {
    outcome: sampled === undefined && skippedTiles === 0 ? 'exact' : 'draft',
    reason: reasonOf(parts, skippedTiles),
    listedInstances: listed,
    sampledInstances: read,
    positionsFrom: sampled?.places.from ?? 'all-headers',
    expectedPositionError: round(expectedError, 1e6),
    expectedPositionErrorMm:
      sampled === undefined ? 0 : extentMm === null ? null : round(expectedError * extentMm, 1e4),
    extentMm: extentMm === null ? null : round(extentMm, 1e4),
    beyondSampleMm: beyondSample(headers),
    skipped: { headers: listed - read, tiles: skippedTiles },
    budget: isLimited(budget) ? { byteLength: finite(budget.byteLength), timeMs: finite(budget.timeMs) } : null,
  };
}

function isLimited({ byteLength, timeMs }: DraftSettings): boolean {
  return finite(byteLength) !== null || finite(timeMs) !== null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function beyondSample({ sampled }: DraftHeaders): readonly [number, number] | null {
  const extent = sampled?.places.extent;
  if (sampled === undefined || extent === undefined) return null;
  const { members } = sampled.sample;
  const [first, last] = [members[0]?.positionMm ?? 0, members.at(-1)?.positionMm ?? 0];
  return [round(first - extent.startMm, 1e4), round(extent.endMm - last, 1e4)];
}

function reasonOf({ headers, shownTiles, wantedTiles }: DraftReportParts, skippedTiles: number): string {
  const { sampled, reason } = headers;
  const fewer =
    skippedTiles === 0 ? '' : ` The budget allowed for ${shownTiles} of ${wantedTiles} tiles, spread over the series.`;
  if (sampled === undefined) return `All headers were read or known: ${reason}.${fewer}`;
  if (reason === undefined) return `A sample of the headers tells where the tiles lie.${fewer}`;
  return `The budget did not allow for reading all headers, as would have been right here: ${reason}.${fewer}`;
}

/** What a reader of a draft cannot see in the picture, in sentences. */
export function draftWarnings(report: DraftReport, parts: DraftReportParts): readonly string[] {
  const warnings: string[] = [];
  const { sampled } = parts.headers;
  if (report.outcome === 'draft') warnings.push(`This is a draft. ${report.reason}`);
  if (sampled !== undefined) {
    const { sampledInstances, listedInstances, skipped } = report;
    warnings.push(
      `Draft: the headers of ${sampledInstances} of ${listedInstances} objects were read, so tiles lie ${distanceOf(report)} from where they should be, in the mean; that the other ${skipped.headers} belong to this series too was not checked.`,
    );
    const ends = endsOf(report);
    if (ends !== undefined) warnings.push(ends);
    if (hasRepeats(sampled.sample.members.map(({ positionMm }) => positionMm))) {
      warnings.push(
        'Draft: positions repeat (several volumes, echoes or phases): which of them a tile shows was not chosen.',
      );
    }
  }
  return [...warnings, ...overBudget(parts)];
}

function distanceOf({ expectedPositionError, expectedPositionErrorMm }: DraftReport): string {
  const percent = `${(expectedPositionError * 100).toFixed(1)} % of the extent`;
  return expectedPositionErrorMm === null
    ? `about ${percent}`
    : `about ${expectedPositionErrorMm.toFixed(1)} mm (${percent})`;
}

function endsOf({ beyondSampleMm, extentMm }: DraftReport): string | undefined {
  if (beyondSampleMm === null || extentMm === null) {
    return 'Draft: the first and the last image of the series may not be among the tiles.';
  }
  const [before, after] = beyondSampleMm;
  if (before + after < 1e-3) return undefined;
  return `Draft: the series is thought to reach ${before.toFixed(1)} mm before the first and ${after.toFixed(1)} mm after the last image that was found (extent ${extentMm.toFixed(1)} mm).`;
}

/** Whether more than a few members of the sample lie where the one before lies. */
function hasRepeats(positions: readonly (number | undefined)[]): boolean {
  const known = positions.flatMap((position) => position ?? []);
  const repeated = known.filter(
    (position, index) => index > 0 && position - (known[index - 1] ?? 0) < samePlaceMm,
  ).length;
  return repeated > known.length / 20;
}

function overBudget({ budget, readBytes, readMs }: DraftReportParts): readonly string[] {
  const warnings: string[] = [];
  if (readBytes > budget.byteLength) {
    warnings.push(`The budget of ${budget.byteLength} bytes did not suffice: ${readBytes} were read.`);
  }
  if (readMs > budget.timeMs * timeTolerance + timeToleranceMs) {
    warnings.push(
      `The budget of ${budget.timeMs} ms did not suffice: listing and reading took ${Math.round(readMs)} ms.`,
    );
  }
  return warnings;
}
