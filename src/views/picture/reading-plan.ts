import { round } from '../../base/numbers.ts';
import { printable, printableLines } from '../../base/printable.ts';
import { pixelCost, pixelReads } from '../../draft/budget.ts';
import type { OpenedSeries } from '../../series/opened-series.ts';
import type { Selection } from '../../series/select.ts';
import type { PlannedTile, ReadingPlan } from '../../types/reading-plan.ts';
import type { Grid, PicturePlan } from './choose-tiles.ts';
import { addressOf } from './label-texts.ts';
import { reportSeries } from './report.ts';

/** What a picture would show and read. */
export function planOf(series: OpenedSeries, plan: PicturePlan, grid: Grid): ReadingPlan {
  const { pass, warnings } = series;
  const { headerBytes, wholeBytes } = pass.scan;
  // A row of a contrast sheet shows one image.
  const columns = grid.arrange === undefined ? plan.grid.columns : 1;
  const isEstimated = pass.estimated !== undefined;
  return {
    schema: 1,
    series: reportSeries(plan, pass.estimated),
    tiles: plan.chosen.selections.map((selection, tile) => tileOf(selection, tile, columns, isEstimated)),
    read: { requests: series.statistics.requests, byteLength: headerBytes + wholeBytes + plan.readBytes },
    toRead: { requests: pixelReads(plan.unread), byteLength: Math.round(pixelCost(plan.unread)) },
    warnings: [...warnings, ...plan.warnings].map(printableLines),
  };
}

function tileOf(selection: Selection, tile: number, columns: number, isEstimated: boolean): PlannedTile {
  const { index, ordered } = selection;
  const { instance, frameIndex } = ordered.member;
  return {
    ...{ index, address: addressOf(tile, columns), row: Math.trunc(tile / columns), column: tile % columns },
    key: printable(instance.key),
    instanceNumber: instance.header.instanceNumber ?? null,
    frame: frameIndex + 1,
    positionMm: ordered.positionMm === undefined ? null : round(ordered.positionMm, 1e4),
    position: round(ordered.position, 1e6),
    ...(isEstimated ? { estimated: true as const } : {}),
    byteLength: Math.round(pixelCost([selection])),
  };
}
