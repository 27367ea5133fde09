import { UsageError } from '../base/errors.ts';
import { limitHint } from '../base/limit-hint.ts';
import { withWarnings } from '../base/with-warnings.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import { Canvas } from '../compose/canvas.ts';
import { preloadEncoder } from '../compose/encode.ts';
import { checkFfmpeg, encodeFilm, isVideo } from '../compose/encode-film.ts';
import { filmBytes } from '../compose/picture-bytes.ts';
import { membersOf } from '../series/members.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import { orderMembers } from '../series/order.ts';
import { privacyWarnings, refuseRisks } from '../series/privacy.ts';
import type { Selection } from '../series/select.ts';
import { withoutLabels } from '../series/slide.ts';
import { decodeMembers, roomFor } from '../tiles/decode-members.ts';
import { type DecodedMember, isVisible, notesOfMembers, type VisibleMember } from '../tiles/decoded-member.ts';
import { readInOrder } from '../tiles/read-in-order.ts';
import { defaultLimits, type Limits } from '../types/limits.ts';
import type { RunOptions } from '../types/options.ts';
import type { DisplayImage } from '../types/pixels.ts';
import type { FilmFormat, GridReport, Preview, TileWindow } from '../types/report.ts';
import type { FilmSettings } from '../types/view-settings.ts';
import { chooseFrames, framesPerSecondOf } from './film/choose-frames.ts';
import { FilmContrast } from './film/film-contrast.ts';
import { StaleHeadersError } from './picture/draw-picture.ts';
import { decodedWidth } from './picture/layout.ts';
import { checkPictureBytes, plannedFilmBytes, valueBytes } from './picture/picture-bytes.ts';
import { type Picture, renderPicture } from './picture/render-picture.ts';
import { buildReport } from './picture/report.ts';
import { headersRead, laterNotes, risksOf, stopwatch } from './picture/shown-members.ts';

/** Frames from which windows are chosen. */
const maxSample = 9;
const oneCell = { rows: 1, columns: 1 } as const;

/**
 * A film: the images of a series one after the other, along the places, the time, or the frames of an instance.
 *
 * @throws UsageError where the series has not what was asked for; MissingComponentError without ffmpeg for MP4 and WebM;
 * StaleHeadersError; the errors of reading, decoding and encoding
 */
export async function film(
  series: OpenedSeries,
  settings: FilmSettings,
  decoder: FrameDecoder,
  run: RunOptions,
): Promise<Preview> {
  const warnings: string[] = [];
  try {
    return await makeFilm(series, settings, decoder, run, warnings);
  } catch (error) {
    throw withWarnings(error, warnings);
  }
}

async function makeFilm(
  series: OpenedSeries,
  settings: FilmSettings,
  decoder: FrameDecoder,
  { signal, onProgress }: RunOptions,
  warnings: string[],
): Promise<Preview> {
  const { pass, openingMs, located } = series;
  const { store, limits } = located;
  const { filmFormat, loop, bounce, quality } = settings;
  const time = stopwatch();
  if (isVideo(filmFormat)) await checkFfmpeg();
  const { instances, warnings: leftOut } = settings.includeLabel
    ? { instances: series.instances, warnings: [] }
    : withoutLabels(series.instances);
  warnings.push(...leftOut);
  const plan = { instances, ordered: orderMembers(membersOf(instances, limits)) };
  const chosen = chooseFrames(plan.ordered.members, settings);
  const { selections } = chosen;
  if (settings.strictPrivacy) refuseRisks(risksOf(plan, []), instances.length);
  const headers = openingMs.headers + time();
  if (!isVideo(filmFormat)) preloadEncoder();
  const keep = series.keepHeaders();

  const imageWidth = decodedWidth(selections, oneCell, settings);
  const options = { imageWidth, overlays: settings.overlays, signal, limits };
  const looked = sampleOf(selections);
  const room = roomFor(looked, options);
  const toDraw = plannedFilmBytes(selections, settings, filmFormat);
  checkPictureBytes(room.plan.keptBytes + room.plan.largestKept + toDraw, selections.length, limits);
  const sample = await decodeMembers(store, decoder, looked, { ...options, room, onProgress: () => {} });
  const sampleBytes = valueBytes(sample.frames);
  const contrast = new FilmContrast(sample.frames.filter(isVisible), settings);
  warnings.push(...contrast.warnings);
  const film = new FilmFramesDrawn({ limits, count: selections.length, sampleBytes, format: filmFormat });
  const read: DecodedMember[] = [];
  const windows: (TileWindow | null)[] = [];
  const pixelBytes = await readInOrder(
    selections,
    store,
    decoder,
    { ...options, reservedBytes: sampleBytes + toDraw },
    (_, member) => {
      read.push(withoutValues(member));
      onProgress?.({ stage: 'pixels', done: read.length, total: selections.length });
      if (!isVisible(member)) {
        warnings.push(
          `Image ${member.selection.index + 1} of ${plan.ordered.members.length} is not shown: ${member.error.message}`,
        );
        windows.push(null);
        return;
      }
      const picture = drawFrame(member, contrast, film.size, settings, {
        ...{ ordered: plan.ordered.members, members: plan.ordered.members.length, instances: instances.length, limits },
        shownMembers: selections.length,
      });
      film.add(picture);
      windows.push(picture.windows[0] ?? null);
      warnings.push(...picture.warnings);
    },
  );
  if (await series.isStale(read.map(({ error }) => error?.code))) throw new StaleHeadersError();
  const firstError = read.find(({ error }) => error !== undefined)?.error;
  if (film.frames.length === 0 && firstError !== undefined) throw firstError;
  const risks = risksOf(plan, read);
  if (settings.strictPrivacy) refuseRisks(risks, instances.length);
  warnings.push(...privacyWarnings(risks, instances.length), ...laterNotes(read), ...notesOfMembers(read));
  const pixels = time();

  const forth = film.ofOneKind();
  const frames = bounce ? [...forth, ...forth.slice(1, -1).reverse()] : forth;
  const framesPerSecond = framesPerSecondOf(chosen, read.find(isVisible)?.header, settings.framesPerSecond);
  const encoding = encodeFilm(frames, { format: filmFormat, quality, framesPerSecond, loop, signal });
  const keeping = keep(headersRead(read));
  const bytes = await encoding;
  onProgress?.({ stage: 'encode', done: 1, total: 1 });
  const index = await keeping;
  const report = buildReport({
    ...{
      plan,
      shown: read,
      windows,
      picture: film.size ?? { width: 0, height: 0 },
      grid: film.grid,
      index,
      privacy: risks,
    },
    film: { along: chosen.along, frames: frames.length, framesPerSecond, loop, bounce },
    colourMap: settings.colourMap,
    ...{ format: filmFormat, byteLength: bytes.length, draft: undefined, estimated: undefined },
    io: {
      requests: series.statistics.requests,
      headerBytes: pass.scan.headerBytes,
      pixelBytes: pixelBytes + sample.pixelBytes + pass.scan.wholeBytes,
    },
    timings: { list: openingMs.list, headers, pixels, render: 0, encode: time() },
    unreadable: pass.scan.unreadable,
    warnings: [...series.warnings, ...new Set(warnings)],
  });
  return { bytes, report };
}

/** Frames from all over the film. */
function sampleOf(selections: readonly Selection[]): readonly Selection[] {
  const count = Math.min(maxSample, selections.length);
  const last = selections.length - 1;
  return Array.from({ length: count }, (_, index) => Math.round((index * last) / Math.max(1, count - 1))).flatMap(
    (index) => selections[index] ?? [],
  );
}

function withoutValues(member: DecodedMember): DecodedMember {
  if (!isVisible(member)) return member;
  return { ...member, frame: { ...member.frame, values: member.frame.values.slice(0, 0) }, overlays: [] };
}

/** Draws one frame as a picture of one tile. All have the size of the first. */
function drawFrame(
  member: VisibleMember,
  contrast: FilmContrast,
  size: FilmFramesDrawn['size'],
  settings: FilmSettings,
  series: Pick<Parameters<typeof renderPicture>[0], 'ordered' | 'members' | 'instances' | 'limits' | 'shownMembers'>,
): Picture {
  const layout = size === undefined ? settings.layout : { ...settings.layout, width: size.width, height: size.height };
  const arranged = { tiles: [member], contrast: contrast.of(member) };
  const parts = { ...series, decoded: [member], arranged, isDraft: false, early: undefined };
  return renderPicture(parts, { ...settings, layout }, oneCell);
}

/** What there will be besides the first frame. */
interface PlannedFilm {
  readonly limits: Limits | undefined;
  readonly count: number;
  /** Of the frames that windows were chosen from. */
  readonly sampleBytes: number;
  readonly format: FilmFormat;
}

/** The frames of a film, drawn. */
class FilmFramesDrawn {
  readonly frames: DisplayImage[] = [];
  #grid: GridReport = { columns: 1, rows: 1, left: 0, top: 0, cellWidth: 0, cellHeight: 0, gap: 0 };
  readonly #planned: PlannedFilm;

  constructor(planned: PlannedFilm) {
    this.#planned = planned;
  }

  /** That of the first frame; undefined before it. */
  get size(): { readonly width: number; readonly height: number } | undefined {
    return this.frames[0];
  }

  get grid(): GridReport {
    return this.#grid;
  }

  /** @throws UsageError where the whole film would be too large */
  add({ image, grid }: Picture): void {
    const size = this.size;
    if (size === undefined) {
      const { limits, count, sampleBytes, format } = this.#planned;
      const { outputPixels } = limits ?? defaultLimits;
      const framePixels = image.width * image.height;
      const pixels = framePixels * count;
      if (pixels > outputPixels) {
        throw new UsageError(
          `Expected a film of at most ${outputPixels} pixels, but ${count} frames of ${image.width} x ${image.height} would be ${pixels}. Choose a smaller image width, or fewer samples. ${limitHint('outputPixels')}`,
        );
      }
      checkPictureBytes(sampleBytes + filmBytes({ count, framePixels }, image.channels, format), count, limits);
      this.#grid = grid;
    }
    if (size === undefined || (image.width === size.width && image.height === size.height)) this.frames.push(image);
    else this.frames.push(cut(image, size));
  }

  /** All in grey, or all in colour. */
  ofOneKind(): readonly DisplayImage[] {
    if (this.frames.every(({ channels }) => channels === this.frames[0]?.channels)) return this.frames;
    return this.frames.map((frame) => {
      const canvas = new Canvas(frame.width, frame.height, 3);
      canvas.draw(frame, 0, 0);
      return canvas.image;
    });
  }
}

/** The left upper part of a picture that came out larger than the others. */
function cut(
  { width, channels, data }: DisplayImage,
  size: { readonly width: number; readonly height: number },
): DisplayImage {
  const kept = new Uint8Array(size.width * size.height * channels);
  const length = Math.min(size.width, width) * channels;
  for (let row = 0; row < size.height; row++) {
    kept.set(data.subarray(row * width * channels, row * width * channels + length), row * size.width * channels);
  }
  return { ...size, channels, data: kept };
}
