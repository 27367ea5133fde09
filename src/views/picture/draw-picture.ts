import { withWarnings } from '../../base/with-warnings.ts';
import type { FrameDecoder } from '../../codecs/frame-decoder.ts';
import { encode, preloadEncoder } from '../../compose/encode.ts';
import { notesOf } from '../../series/header-pass/findings.ts';
import type { ReadInstance } from '../../series/header-pass/keep-headers.ts';
import type { OpenedSeries } from '../../series/opened-series.ts';
import {
  type DecodedMember,
  type DecodedMembers,
  decodeMembers,
  isVisible,
  notesOfMembers,
} from '../../tiles/decode-members.ts';
import { EarlyTiles } from '../../tiles/early-tiles.ts';
import type { RunOptions } from '../../types/options.ts';
import type { Preview } from '../../types/report.ts';
import type { PictureSettings } from '../../types/settings.ts';
import { type Grid, type PicturePlan, planPicture } from './choose-tiles.ts';
import { renderPicture } from './render-picture.ts';
import { buildReport } from './report.ts';

/** Kept headers are out of date, though their objects should never change: the series must be opened again. */
export class StaleHeadersError extends Error {
  override readonly name = 'StaleHeadersError';
}

/**
 * Makes a picture of an open series: choose, read and decode, draw, encode, report.
 *
 * @throws StaleHeadersError where the series must be opened again; UsageError, and the errors of reading, decoding and
 * encoding
 */
export async function drawPicture(
  series: OpenedSeries,
  grid: Grid,
  settings: PictureSettings,
  decoder: FrameDecoder,
  run: RunOptions,
): Promise<Preview> {
  const warnings: string[] = [];
  try {
    return await draw(series, grid, settings, decoder, run, warnings);
  } catch (error) {
    throw withWarnings(error, warnings);
  }
}

/** @param warnings gets those that there are before the picture is drawn */
async function draw(
  series: OpenedSeries,
  grid: Grid,
  settings: PictureSettings,
  decoder: FrameDecoder,
  { signal, onProgress }: RunOptions,
  warnings: string[],
): Promise<Preview> {
  const { pass, openingMs } = series;
  const time = stopwatch();
  const plan = await planPicture(series, grid, settings, decoder, signal);
  const headers = openingMs.headers + time();
  warnings.push(...plan.warnings);

  preloadEncoder();
  const keep = series.keepHeaders();
  const { decoded, early } = await decodePlanned(series, plan, settings, decoder, { signal, onProgress });
  if (await series.isStale(decoded.frames.map(({ error }) => error?.code))) throw new StaleHeadersError();
  const shown = [...plan.read, ...decoded.frames];
  const pixels = time();

  const pixelBytes = decoded.pixelBytes + plan.readBytes + pass.scan.wholeBytes;
  const draft = pass.report(plan.chosen, shown.length, pass.scan.headerBytes + pixelBytes);
  warnings.push(...(draft?.warnings ?? []), ...laterNotes(shown), ...notesOfMembers(shown));
  const members = pass.estimated?.members ?? plan.ordered.members.length;
  const isDraft = draft?.report.outcome === 'draft';
  const picture = renderPicture(shown, members, settings, plan.grid, { isDraft, early, shared: plan.windows });
  const render = time();

  const encoding = encode(picture.image, { format: settings.format, quality: settings.quality });
  // Meanwhile the encoder works on threads of its own.
  const keeping = keep(headersRead(shown));
  const bytes = await encoding;
  onProgress?.({ stage: 'encode', done: 1, total: 1 });
  const index = await keeping;
  const report = buildReport({
    ...{
      plan,
      shown: picture.shown,
      windows: picture.windows,
      columns: plan.grid.columns,
      picture: picture.image,
      index,
    },
    ...{ format: settings.format, byteLength: bytes.length, draft: draft?.report, estimated: pass.estimated },
    io: { requests: series.statistics.requests, headerBytes: pass.scan.headerBytes, pixelBytes },
    timings: { list: openingMs.list, headers, pixels, render, encode: time() },
    unreadable: pass.scan.unreadable,
    warnings: [...series.warnings, ...warnings, ...picture.warnings],
  });
  return { bytes, report };
}

/**
 * Reads and decodes what was chosen; with a deadline, as much as there is time for. Where headers tell what the tiles
 * look like, they are drawn as they arrive; what proves wrong then is read again.
 */
async function decodePlanned(
  { located, pass }: OpenedSeries,
  { unread, read, chosen, windows }: PicturePlan,
  settings: PictureSettings,
  decoder: FrameDecoder,
  { signal, onProgress }: RunOptions,
): Promise<{ readonly decoded: DecodedMembers; readonly early?: EarlyTiles | undefined }> {
  const { imageWidth, overlays } = settings;
  const options = {
    ...{ imageWidth, overlays, signal },
    onProgress: (done: number) => onProgress?.({ stage: 'pixels', done, total: chosen.selections.length }),
  };
  if (pass.deadline !== undefined) {
    const { decodeUntil } = await import('../../draft/decode.ts');
    return { decoded: await decodeUntil(pass.deadline, located.store, decoder, unread, options) };
  }
  const early = read.length === 0 ? EarlyTiles.plan(unread, settings, windows) : undefined;
  const decoded = await decodeMembers(located.store, decoder, unread, { ...options, drawing: early });
  if (early === undefined || !early.isWrong) return { decoded, early };
  const again = await decodeMembers(located.store, decoder, unread, options);
  return { decoded: { ...again, pixelBytes: decoded.pixelBytes + again.pixelBytes } };
}

/** The whole headers, which were read with the pixel data, for the header index. */
function headersRead(shown: readonly DecodedMember[]): readonly ReadInstance[] {
  return shown
    .filter(isVisible)
    .map(({ selection, header }) => ({ instance: selection.ordered.member.instance, header }));
}

/** What instances say of themselves in the part of their header that the header pass did not reach. */
function laterNotes(shown: readonly DecodedMember[]): readonly string[] {
  const headers = new Map(
    shown.filter(isVisible).map(({ selection, header }) => [selection.ordered.member.instance, header]),
  );
  return notesOf(
    [...headers].map(([{ key, header: first }, header]) => ({
      key,
      header: { notes: header.notes.filter((note) => !first.notes.includes(note)) },
    })),
  );
}

/** A function that answers the milliseconds since it was called last. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const elapsed = now - last;
    last = now;
    return elapsed;
  };
}
