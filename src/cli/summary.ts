import { counted } from '../base/counted.ts';
import { printable } from '../base/printable.ts';
import type { PreviewReport, ReadingPlan, TileReport } from '../index.ts';

/**
 * One line: what was written, from what, and how long it took.
 *
 * @param place where the picture went that was not written to a file
 */
export function summaryOf(report: PreviewReport, place = 'standard output'): string {
  const { output, series, tiles, timingsMs } = report;
  const { planes } = report;
  const shown =
    planes === undefined
      ? new Set(tiles.filter((tile) => tile.error === undefined).map(({ index }) => index)).size
      : planes.slicesRead - planes.slicesFailed;
  const about =
    report.draft !== undefined && report.draft.sampledInstances < report.draft.listedInstances ? 'about ' : '';
  const of =
    series.frames === series.instances ? counted(series.instances, 'instance') : counted(series.frames, 'frame');
  const draft = report.draft?.outcome === 'draft' ? ' DRAFT' : '';
  return `${printable(output.path ?? place)}: ${output.width} x ${output.height} ${output.format}${draft}${filmText(report)}, ${bytes(output.byteLength)}, ${shown} of ${about}${of} (${series.modality || 'no modality'}, ${series.orientation}), ${milliseconds(timingsMs.total)}`;
}

/** What --dry-run prints: tiles, and what reading takes. */
export function linesOfPlan({ series, tiles, read, toRead }: ReadingPlan): readonly string[] {
  return [
    `Would show ${counted(tiles.length, 'image')} of ${counted(series.frames, 'frame')} (${series.modality || 'no modality'}, ${series.orientation}):`,
    ...tiles.map((tile) => {
      const where = tile.positionMm === null ? '' : ` (${tile.positionMm.toFixed(1)} mm)`;
      return `  ${tile.address}: ${tile.key} frame ${tile.frame}, position ${tile.position.toFixed(3)}${where}, about ${bytes(tile.byteLength)}`;
    }),
    `Would read about ${bytes(toRead.byteLength)} of pixel data in ${counted(toRead.requests, 'request')}`,
    `Read ${bytes(read.byteLength)} of headers in ${counted(read.requests, 'request')}, listing included, to learn this`,
  ];
}

/** Lines for --verbose: what was listed, ordered, chosen and read, and how long it took. No patient attributes. */
export function detailsOf(report: PreviewReport): readonly string[] {
  const { series, io, timingsMs, tiles } = report;
  return [
    `Series ${series.seriesInstanceUid || 'without a UID'}: ${series.modality || 'no modality'}, ${counted(series.instances, 'instance')}, ${counted(series.frames, 'frame')}, orientation ${series.orientation}, ordered by ${series.orderedBy}`,
    ...(report.planes === undefined ? [`Chosen ${counted(tiles.length, 'tile')}:`] : []),
    ...tiles.map(tileLine),
    ...planesLines(report),
    `Read ${bytes(io.headerBytes)} of headers and ${bytes(io.pixelBytes)} of pixel data in ${counted(io.requests, 'request')}`,
    ...indexLine(report),
    ...draftLine(report),
    `Time: list ${milliseconds(timingsMs.list)}, headers ${milliseconds(timingsMs.headers)}, pixels ${milliseconds(timingsMs.pixels)}, render ${milliseconds(timingsMs.render)}, encode ${milliseconds(timingsMs.encode)}, total ${milliseconds(timingsMs.total)}`,
  ];
}

function tileLine(tile: TileReport): string {
  const place = `row ${tile.row + 1} column ${tile.column + 1}`;
  const where = tile.positionMm === null ? '' : ` (${tile.positionMm.toFixed(1)} mm)`;
  const shown =
    tile.error !== undefined
      ? `not shown: ${tile.error.message}`
      : tile.window === null
        ? 'no window'
        : `window ${Number(tile.window.width.toFixed(2))}/${Number(tile.window.center.toFixed(2))} ${tile.window.function} from ${tile.window.source}`;
  return `  ${place}: ${tile.key} frame ${tile.frame}, index ${tile.index}, position ${tile.position.toFixed(3)}${where}, ${shown}`;
}

function filmText({ film }: PreviewReport): string {
  return film === undefined
    ? ''
    : `, ${counted(film.frames, 'frame')} along ${film.along} at ${film.framesPerSecond} a second`;
}

function planesLines({ planes }: PreviewReport): readonly string[] {
  if (planes === undefined) return [];
  const { slices, slicesRead, spacingMm, tiltDegrees, gaps, pixelMm } = planes;
  return [
    `Stack of ${counted(slices, 'slice')} every ${spacingMm} mm, ${slicesRead} read, tilt ${tiltDegrees} degrees, ${counted(gaps.length, 'gap')}, ${pixelMm} mm a pixel`,
    ...planes.shown.map(
      ({ plane, oblique, position, positionMm }) =>
        `  ${oblique ? 'oblique ' : ''}${plane} at ${position.toFixed(3)} (${positionMm.toFixed(1)} mm)`,
    ),
  ];
}

function indexLine({ index }: PreviewReport): readonly string[] {
  if (index === undefined) return [];
  const problem = index.problem === undefined ? '' : `, which could not be kept: ${index.problem}`;
  const kept = index.kept ? ', kept for the next time' : problem;
  return [`Index: ${counted(index.recalled, 'object')} known from an earlier run${kept}`];
}

function draftLine({ draft }: PreviewReport): readonly string[] {
  if (draft === undefined) return [];
  const { outcome, reason, sampledInstances, listedInstances, positionsFrom, expectedPositionError } = draft;
  return [
    `Draft came out ${outcome}: ${reason} ${sampledInstances} of ${counted(listedInstances, 'object')} known, places from ${positionsFrom}, expected error ${(expectedPositionError * 100).toFixed(2)} % of the extent`,
  ];
}

function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  if (count < 1_000_000) return `${(count / 1_000).toFixed(count < 10_000 ? 1 : 0)} kB`;
  return `${(count / 1_000_000).toFixed(count < 10_000_000 ? 1 : 0)} MB`;
}

function milliseconds(count: number): string {
  return count < 1_000 ? `${Math.round(count)} ms` : `${(count / 1_000).toFixed(1)} s`;
}
