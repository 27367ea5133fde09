import { withWarnings } from '../../base/with-warnings.ts';
import type { FrameDecoder } from '../../codecs/frame-decoder.ts';
import { preloadEncoder } from '../../compose/encode.ts';
import { encodeWithin } from '../../compose/encode-within.ts';
import { notesOf } from '../../series/header-pass/findings.ts';
import type { ReadInstance } from '../../series/header-pass/keep-headers.ts';
import type { OpenedSeries } from '../../series/opened-series.ts';
import { privacyRisks, privacyWarnings, refuseRisks } from '../../series/privacy.ts';
import type { Selection } from '../../series/select.ts';
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
import type { PrivacyRisk } from '../../types/series-info.ts';
import type { PictureSettings } from '../../types/settings.ts';
import { type Grid, type PicturePlan, planPicture } from './choose-tiles.ts';
import { decodedWidth } from './layout.ts';
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
  const first = await planPicture(series, grid, settings, decoder, signal);
  const headers = openingMs.headers + time();
  warnings.push(...first.warnings);
  if (settings.strictPrivacy) refuseRisks(risksOf(first, []), first.instances.length);

  preloadEncoder();
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
  const arranged = grid.arrange?.(shown);
  const parts = {
    ...{ decoded: arranged?.tiles ?? shown, arranged, ordered: plan.ordered.members, ...counts },
    ...{ isDraft, early, limits, shared: plan.windows },
  };
  const picture = renderPicture(parts, settings, plan.grid);
  const render = time();

  const { format, quality } = settings;
  const encoding = encodeWithin(picture.image, { format, quality }, settings.maxByteLength);
  // Meanwhile the encoder works on threads of its own.
  const keeping = keep(headersRead(shown));
  const encoded = await encoding;
  onProgress?.({ stage: 'encode', done: 1, total: 1 });
  const index = await keeping;
  const report = buildReport({
    ...{ plan, shown: picture.shown, windows: picture.windows, grid: picture.grid, index },
    ...{ encoded, drawnWidth: picture.image.width, hasLimit: settings.maxByteLength !== undefined },
    colourMap: settings.colourMap,
    contrastNames: arranged?.contrastNames,
    ...{ format, draft: draft?.report, estimated: pass.estimated },
    io: { requests: series.statistics.requests, headerBytes: pass.scan.headerBytes, pixelBytes },
    timings: { list: openingMs.list, headers, pixels, render, encode: time() },
    unreadable: pass.scan.unreadable,
    privacy: risks,
    warnings: [...series.warnings, ...warnings, ...picture.warnings],
  });
  return { bytes: encoded.bytes, report };
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
  if (pass.deadline !== undefined) {
    const { decodeUntil } = await import('../../draft/decode.ts');
    return { plan, decoded: await decodeUntil(pass.deadline, located.store, decoder, unread, options) };
  }
  const isPlain = read.length === 0 && grid.arrange === undefined;
  const early = isPlain ? EarlyTiles.plan(unread, { ...settings, imageWidth }, windows) : undefined;
  const decoded = await decodeMembers(located.store, decoder, unread, { ...options, drawing: early });
  if (early === undefined) {
    if (!layout.skipBlank || read.length > 0 || pass.sampledOrder !== undefined) return { plan, decoded };
    const { replaceBlank } = await import('./blank-tiles.ts');
    const decode = (selections: readonly Selection[]): Promise<DecodedMembers> =>
      decodeMembers(located.store, decoder, selections, options);
    return replaceBlank(plan, decoded, grid, settings, decode);
  }
  if (!early.isWrong) return { plan, decoded, early };
  const again = await decodeMembers(located.store, decoder, unread, options);
  return { plan, decoded: { ...again, pixelBytes: decoded.pixelBytes + again.pixelBytes } };
}

/** What may tell who the patient is, by the whole headers of what is shown, and what is known of the others. */
function risksOf({ instances }: PicturePlan, shown: readonly DecodedMember[]): readonly PrivacyRisk[] {
  const whole = new Map(headersRead(shown).map(({ instance, header }) => [instance, header]));
  return privacyRisks(instances.map((instance) => whole.get(instance) ?? instance.header));
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
    shown.flatMap(({ selection, header }) =>
      header === undefined ? [] : [[selection.ordered.member.instance, header] as const],
    ),
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
