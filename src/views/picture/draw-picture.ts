import { withWarnings } from '../../base/with-warnings.ts';
import type { FrameDecoder } from '../../codecs/frame-decoder.ts';
import { preloadEncoder } from '../../compose/encode.ts';
import { type EncodedBounds, type EncodedPicture, encodeWithin } from '../../compose/encode-within.ts';
import type { OpenedSeries } from '../../series/opened-series.ts';
import { privacyWarnings, refuseRisks } from '../../series/privacy.ts';
import type { Selection } from '../../series/select.ts';
import { type DecodedMembers, decodeMembers, roomFor } from '../../tiles/decode-members.ts';
import { notesOfMembers } from '../../tiles/decoded-member.ts';
import { EarlyTiles } from '../../tiles/early-tiles.ts';
import type { RunOptions } from '../../types/options.ts';
import type { Preview } from '../../types/report.ts';
import type { PictureSettings } from '../../types/settings.ts';
import { type Grid, type PicturePlan, planPicture } from './choose-tiles.ts';
import { decodedWidth } from './layout.ts';
import { checkPictureBytes, plannedBytes, valueBytes } from './picture-bytes.ts';
import { renderPicture } from './render-picture.ts';
import { buildReport, scaledGrid } from './report.ts';
import { headersRead, laterNotes, risksOf, stopwatch } from './shown-members.ts';

/** Kept headers are out of date, though their objects should never change: the series must be opened again. */
export class StaleHeadersError extends Error {
  override readonly name = 'StaleHeadersError';
}

/** For a picture that is only planned: nothing is read, decoded or drawn after the plan. */
export interface PictureRun extends RunOptions {
  readonly onPlan?: (plan: PicturePlan, grid: Grid) => void;
}

/** The picture was only to be planned, and its plan was told. */
export class PlannedOnly extends Error {
  override readonly name = 'PlannedOnly';
}

/**
 * Makes a picture of an open series: choose, read and decode, draw, encode, report.
 *
 * @throws PlannedOnly where `onPlan` is there; StaleHeadersError where the series must be opened again; UsageError, and the errors of reading, decoding and
 * encoding
 */
export async function drawPicture(
  series: OpenedSeries,
  grid: Grid,
  settings: PictureSettings,
  decoder: FrameDecoder,
  run: PictureRun,
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
  { signal, onProgress, onPlan }: PictureRun,
  warnings: string[],
): Promise<Preview> {
  const { pass, openingMs } = series;
  const time = stopwatch();
  const first = await planPicture(series, grid, settings, decoder, signal);
  if (onPlan !== undefined) {
    onPlan(first, grid);
    throw new PlannedOnly();
  }
  const headers = openingMs.headers + time();
  warnings.push(...first.warnings);
  if (settings.strictPrivacy) refuseRisks(risksOf(first, []), first.instances.length);

  preloadEncoder(series.located.store.readSync === undefined ? settings.format : undefined);
  const keep = series.keepHeaders();
  const run = { signal, onProgress };
  const found = await decodePlanned(series, first, grid, settings, decoder, run);
  const { plan, decoded, early } = found;
  warnings.push(...(found.warnings ?? []));
  if (await series.isStale(decoded.frames.map(({ error }) => error?.code))) throw new StaleHeadersError();
  const shown = [...plan.read, ...decoded.frames];
  const pixels = time();
  const risks = risksOf(plan, shown);
  if (settings.strictPrivacy) refuseRisks(risks, plan.instances.length);
  warnings.push(...privacyWarnings(risks, plan.instances.length));

  const pixelBytes = decoded.pixelBytes + plan.readBytes + pass.scan.wholeBytes;
  const draft = pass.report(plan.chosen, shown.length, pass.scan.headerBytes + pixelBytes);
  warnings.push(...(draft?.warnings ?? []), ...laterNotes(shown), ...notesOfMembers(shown));
  const members = pass.estimated?.members ?? plan.ordered.members.length;
  const isDraft = draft?.report.outcome === 'draft';
  const instances = pass.estimated?.instances ?? plan.instances.length;
  const counts = { members, instances };
  const { limits } = series.located;
  const arranged = grid.arrange?.(shown, plan.windows);
  const parts = {
    ...{ decoded: arranged?.tiles ?? shown, arranged, ordered: plan.ordered.members, ...counts },
    ...{ isDraft, early, limits, shared: plan.windows },
  };
  const picture = renderPicture(parts, settings, plan.grid);
  const render = time();

  const { format, quality } = settings;
  const { image } = picture;
  const before = [...series.warnings, ...warnings, ...picture.warnings];
  const page = { tiles: picture.shown, ...picture, members, isDraft, warnings: before, shared: plan.windows };
  const encoding =
    grid.encodePage === undefined
      ? encodeWithin(image, { format, quality }, boundsOf(settings))
      : grid.encodePage(page).then((bytes) => ({ bytes, width: image.width, height: image.height, quality }));
  // Meanwhile the encoder works on threads of its own.
  const keeping = keep(headersRead(shown));
  const encoded = await encoding;
  onProgress?.({ stage: 'encode', done: 1, total: 1 });
  const index = await keeping;
  const scale = encoded.width / picture.image.width;
  const report = buildReport({
    ...{ plan, shown: picture.shown, windows: picture.windows, looks: picture.looks, index },
    ...{ picture: encoded, byteLength: encoded.bytes.length, grid: scaledGrid(picture.grid, scale) },
    quality: settings.maxByteLength === undefined ? undefined : encoded.quality,
    colourMap: settings.colourMap,
    contrastNames: arranged?.contrastNames,
    ...{ format: grid.encodePage === undefined ? format : ('html' as const) },
    ...{ draft: draft?.report, estimated: pass.estimated },
    io: { requests: series.statistics.requests, headerBytes: pass.scan.headerBytes, pixelBytes },
    timings: { list: openingMs.list, headers, pixels, render, encode: time() },
    unreadable: pass.scan.unreadable,
    privacy: risks,
    warnings: [...before, ...sizeWarning(encoded, scale)],
  });
  return { bytes: encoded.bytes, report };
}

/** What the encoded picture must not exceed. */
export function boundsOf({ maxByteLength, layout }: PictureSettings): EncodedBounds {
  return { maxByteLength, maxSide: layout.maxSide };
}

export function sizeWarning({ width, bytes }: EncodedPicture, scale: number): readonly string[] {
  if (scale === 1) return [];
  const drawn = Math.round(width / scale);
  return [`The picture was made ${width} pixels wide in place of ${drawn}, so that it has only ${bytes.length} bytes.`];
}

/** What was read, and the plan after which it was. */
interface Decoded {
  readonly plan: PicturePlan;
  readonly decoded: DecodedMembers;
  readonly early?: EarlyTiles | undefined;
  readonly warnings?: readonly string[];
}

/**
 * Reads and decodes what was chosen; with a deadline, as much as there is time for. Where headers tell what the tiles
 * look like, they are drawn as they arrive; what proves wrong then is read again.
 */
async function decodePlanned(
  { located, pass }: OpenedSeries,
  plan: PicturePlan,
  grid: Grid,
  settings: PictureSettings,
  decoder: FrameDecoder,
  { signal, onProgress }: RunOptions,
): Promise<Decoded> {
  const { unread, read, chosen, windows } = plan;
  const { overlays, layout } = settings;
  const imageWidth = decodedWidth(chosen.selections, plan.grid, settings);
  const options = {
    ...{ imageWidth, overlays, signal, limits: located.limits },
    onProgress: (done: number) => onProgress?.({ stage: 'pixels', done, total: chosen.selections.length }),
  };
  const reservedBytes = valueBytes(read);
  const toDraw = plannedBytes(chosen.selections, plan.grid, settings);
  /** What the frames take; the whole picture fits, too. */
  const roomOf = (drawing: EarlyTiles | undefined, besides = reservedBytes): ReturnType<typeof roomFor> => {
    const room = roomFor(unread, { ...options, drawing, reservedBytes: besides + (drawing?.byteLength ?? 0) });
    const { keptBytes, largestKept } = room.plan;
    checkPictureBytes(besides + keptBytes + largestKept + toDraw, chosen.selections.length, located.limits);
    return room;
  };
  if (pass.deadline !== undefined) {
    const { decodeUntil } = await import('../../draft/decode.ts');
    const inTime = { ...options, room: roomOf(undefined) };
    return { plan, decoded: await decodeUntil(pass.deadline, located.store, decoder, unread, inTime) };
  }
  const isPlain = read.length === 0 && grid.arrange === undefined;
  const early = isPlain ? EarlyTiles.plan(unread, { ...settings, imageWidth }, windows) : undefined;
  const room = roomOf(early);
  const decoded = await decodeMembers(located.store, decoder, unread, { ...options, drawing: early, room });
  if (early === undefined) {
    if (!layout.skipBlank || read.length > 0 || pass.sampledOrder !== undefined) return { plan, decoded };
    const { replaceBlank } = await import('./blank-tiles.ts');
    const decode = (selections: readonly Selection[]): Promise<DecodedMembers> =>
      decodeMembers(located.store, decoder, selections, { ...options, reservedBytes: valueBytes(decoded.frames) });
    return replaceBlank(plan, decoded, grid, settings, decode);
  }
  if (!early.isWrong) return { plan, decoded, early };
  const again = await decodeMembers(located.store, decoder, unread, {
    ...options,
    room: roomOf(undefined, reservedBytes + early.byteLength),
  });
  return { plan, decoded: { ...again, pixelBytes: decoded.pixelBytes + again.pixelBytes } };
}
