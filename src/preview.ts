import { UsageError } from './base/errors.ts';
import { stopwatch } from './base/stopwatch.ts';
import type { FrameDecoder } from './codecs/frame-job.ts';
import { encode, preloadEncoder } from './compose/encode.ts';
import type { Draft } from './draft/draft.ts';
import type { DraftHeadersOptions } from './draft/headers.ts';
import { openHeaderIndexCache } from './header-index/cache.ts';
import type { SharedConnections } from './http/shared-connections.ts';
import { distinctInstances } from './series/header-pass/distinct.ts';
import { notesOf, nothingFound, scanWarnings, withoutLabelImages } from './series/header-pass/findings.ts';
import { beginKeeping, forgetIfStale, type ReadInstance, scanLocated } from './series/header-pass/index-keep.ts';
import type { IndexedScan } from './series/header-pass/index-scan.ts';
import type { ScanOptions } from './series/header-pass/scan.ts';
import { type LocatedSeries, locateSeries } from './series/locate/locate.ts';
import { membersOf } from './series/members.ts';
import { type OrderedMember, orderMembers } from './series/order.ts';
import { type Selection, selectEvenly, selectNearest } from './series/select.ts';
import { labelSelections, slideLevels } from './series/slide.ts';
import { draftSettings, imageSettings, mosaicSettings, storageSettings } from './settings.ts';
import {
  type DecodedMember,
  decodeMembers,
  isVisible,
  prepareDecoder,
  type ReadFramesOptions,
} from './tiles/decode-members.ts';
import { EarlyDrawing } from './tiles/early-drawing.ts';
import { planSlide } from './tiles/slide-plan.ts';
import type { ImageOptions, MosaicOptions, PictureOptions } from './types/options.ts';
import type { PreviewReport } from './types/report.ts';
import type { DraftSettings, PictureSettings } from './types/settings.ts';
import { checkPictureWidth, renderPicture } from './views/picture/render-picture.ts';
import { buildReport, type Timings } from './views/picture/report.ts';

/** A picture of a series, and the truth about where each tile came from. */
export interface Preview {
  /** The encoded picture. */
  readonly bytes: Uint8Array;
  readonly report: PreviewReport;
}

/** Objects in all, up to which those of a short series are read whole in one pass. */
const wholeSeriesLength = 256 * 1024 * 1024;
/** Requests that a draft starts with abreast: its headers in one go. */
const draftConcurrency = 64;

/** What pictures made one after the other, or at a time, may share. Whoever makes them ends them. */
export interface Tools {
  readonly decoder: FrameDecoder;
  /** undefined: each picture opens connections of its own. */
  readonly connections: SharedConnections | undefined;
}

/** How many tiles there are at most, and how they are chosen. */
interface Choice {
  readonly rows: number;
  readonly columns: number;
  /** `most` tiles at most; `first` are those that stand before all: a slide's overview and labels. */
  readonly select: (
    ordered: readonly OrderedMember[],
    most: number,
    first: readonly Selection[],
  ) => readonly Selection[];
  /** Make it from a part of the headers. */
  readonly draft?: { readonly start: number; readonly end: number; readonly budget: DraftSettings } | undefined;
}

/** A tiled mosaic of a series: instances evenly spaced over their spatial order. */
export async function previewMosaic(series: string, options: MosaicOptions, tools: Tools): Promise<Preview> {
  const settings = mosaicSettings(options);
  const { tileWidth, tileHeight, start, end } = settings;
  const budget = draftSettings(options);
  const choice: Choice = {
    rows: tileHeight,
    columns: tileWidth,
    draft: budget === undefined ? undefined : { start, end, budget },
    select: (ordered, most, first) => {
      const count = most - first.length;
      return count < 1 ? first.slice(0, most) : [...first, ...selectEvenly(ordered, { count, start, end })];
    },
  };
  return createPreview(series, options, settings, choice, tools);
}

/** One image of a series: the instance nearest to a position. */
export async function previewImage(series: string, options: ImageOptions, tools: Tools): Promise<Preview> {
  const settings = imageSettings(options);
  const { position, sliceOffset, frame } = settings;
  const choice: Choice = {
    rows: 1,
    columns: 1,
    select: (ordered, _most, first) => {
      if (first.length > 0 && frame === undefined) return first.slice(0, 1);
      const nearest = selectNearest(ordered, { position, offset: sliceOffset });
      return [frame === undefined ? nearest : frameOf(ordered, nearest, frame)];
    },
  };
  return createPreview(series, options, settings, choice, tools);
}

/** Another frame (from 1) of the chosen instance. */
function frameOf(ordered: readonly OrderedMember[], chosen: Selection, frame: number): Selection {
  const { instance } = chosen.ordered.member;
  const index = ordered.findIndex(({ member }) => member.instance === instance && member.frameIndex === frame - 1);
  const found = ordered[index];
  if (found !== undefined) return { index, ordered: found };
  const { numberOfFrames } = instance.header;
  throw new UsageError(`Expected a frame from 1 to ${numberOfFrames} of '${instance.key}' but received ${frame}.`);
}

/** The whole way: list, read headers, order, choose, read pixels, render, encode. */
async function createPreview(
  series: string,
  options: PictureOptions,
  settings: PictureSettings,
  choice: Choice,
  tools: Tools,
): Promise<Preview> {
  const { signal, onProgress } = options;
  const { decoder, connections } = tools;
  checkPictureWidth(settings, choice);
  const warnings: string[] = [];
  const startedAt = performance.now();
  const time = stopwatch();
  let drafting: Promise<typeof import('./draft/draft.ts')> | undefined;
  const indexes = openHeaderIndexCache(options);
  const located = await locateSeries(series, {
    ...options,
    ...storageSettings(options),
    indexes,
    connections,
    onWarning: (message) => warnings.push(message),
    // A draft's few requests are over before a number of them abreast has been tried out.
    startConcurrency: choice.draft === undefined ? undefined : draftConcurrency,
    // Loading the encoder takes as long as many requests: it does so while the store makes its listing.
    onListing: (isUnderWay) => {
      preloadEncoder(isUnderWay);
      if (choice.draft !== undefined) drafting = import('./draft/draft.ts');
    },
  });
  const { store, objects } = located;
  try {
    onProgress?.({ stage: 'list', done: objects.length, total: objects.length });
    const list = time();

    const reading = readHeaders(located, choice, drafting, {
      startedAt,
      signal,
      onProgress: (done, total) => onProgress?.({ stage: 'headers', done, total }),
      // A decoder may take as long to start as the header pass lasts.
      onFirst: (instance) => prepareDecoder(decoder, instance, settings.imageWidth),
    });
    // Loading the encoder takes as long as many requests: it does so while they are under way. A disk's headers are read
    // in this thread, which has nothing to wait for.
    if (store.readSync === undefined) preloadEncoder();
    const { scan, draft } = await reading;
    if (scan.instances.length === 0) throw nothingFound(scan, scan.indexed.length, store.location);
    const distinct = distinctInstances(scan.instances, located.seriesInstanceUid, store.location);
    warnings.push(...scanWarnings(scan, distinct.duplicates), ...notesOf(distinct.instances));
    const { instances } = withoutLabelImages(distinct.instances, options, warnings);
    const sampled = draft?.sampled;
    const levels = sampled === undefined ? slideLevels(instances) : undefined;
    const slide = levels === undefined ? undefined : await planSlide(levels, store, decoder, settings, signal);
    const ordered = slide?.ordered ?? sampled?.ordered ?? orderMembers(membersOf(instances));
    const first = slide === undefined ? [] : [slide.overview.selection, ...labelSelections(instances)];
    const room = choice.rows * choice.columns;
    const select = (most: number): readonly Selection[] => choice.select(ordered.members, most, first);
    const drafted = draft?.select(room, select);
    const selections = drafted?.selections ?? select(room);
    const headers = time();
    preloadEncoder();

    const keep = sampled === undefined ? beginKeeping(indexes, located, scan) : undefined;
    const others = selections.filter((selection) => selection !== slide?.overview.selection);
    const framesOptions: ReadFramesOptions = {
      imageWidth: settings.imageWidth,
      overlays: settings.overlays,
      signal,
      onProgress: (done) => onProgress?.({ stage: 'pixels', done, total: selections.length }),
    };
    // What was drawn too early is read again, which no budget allows for.
    const mayReadAgain = slide === undefined && draft?.isLimited !== true;
    const early = mayReadAgain ? EarlyDrawing.of(others, settings) : undefined;
    const firstOptions = { ...framesOptions, drawing: early };
    const decodedOnce =
      (await draft?.decode(store, decoder, others, firstOptions)) ??
      (await decodeMembers(store, decoder, others, firstOptions));
    const drawn = early?.isWrong === false ? early : undefined;
    const decoded = early === drawn ? decodedOnce : await decodeMembers(store, decoder, others, framesOptions);
    const inVain = early === drawn ? 0 : decodedOnce.pixelBytes;
    // An index that was to be true for ever was not: once more, without it.
    if (await forgetIfStale(indexes, located, scan, decoded.frames)) {
      return await createPreview(series, options, settings, choice, tools);
    }
    const hasOverview = slide !== undefined && others.length < selections.length;
    const shown = hasOverview ? [slide.overview, ...decoded.frames] : decoded.frames;
    const pixels = time();

    const pixelBytes = decoded.pixelBytes + inVain + (slide?.pixelBytes ?? 0) + scan.wholeBytes;
    const members = draft?.estimated?.members ?? ordered.members.length;
    const told = drafted && draft?.report(drafted, shown.length, scan.headerBytes + pixelBytes);
    warnings.push(...(told?.warnings ?? []));
    const picture = renderPicture(shown, members, settings, choice, {
      drawn,
      isDraft: told?.report.outcome === 'draft',
    });
    warnings.push(...picture.warnings);
    const render = time();

    const encoded = encode(picture.image, { format: settings.format, quality: settings.quality });
    // The encoder works on threads of its own meanwhile.
    const keeping = keep?.(headersRead(shown));
    const bytes = await encoded;
    onProgress?.({ stage: 'encode', done: 1, total: 1 });
    const index = await keeping;
    const encoding = time();
    const timings: Timings = { list, headers, pixels, render, encode: encoding };
    const report = buildReport({
      ordered,
      instances,
      shown,
      windows: picture.windows,
      columns: choice.columns,
      picture: picture.image,
      format: settings.format,
      byteLength: bytes.length,
      io: {
        requests: store.statistics.requests + located.requestsElsewhere,
        headerBytes: scan.headerBytes,
        pixelBytes,
      },
      timings,
      warnings,
      index,
      draft: told?.report,
      estimated: draft?.estimated,
    });
    return { bytes, report };
  } finally {
    await store.close();
  }
}

/** The header pass: over all objects, or over as many as a draft needs. */
async function readHeaders(
  located: LocatedSeries,
  choice: Choice,
  drafting: Promise<typeof import('./draft/draft.ts')> | undefined,
  options: Pick<DraftHeadersOptions, 'startedAt' | 'signal' | 'onProgress'> & Pick<ScanOptions, 'onFirst'>,
): Promise<{ readonly scan: IndexedScan; readonly draft: Draft | undefined }> {
  const { objects } = located;
  const isShort = isShortSeries(objects, choice);
  if (choice.draft === undefined) {
    const { signal, onProgress, onFirst } = options;
    const onDone = (done: number): void => onProgress(done, objects.length);
    const scan = await scanLocated(located, { signal, wholeObjects: isShort, onProgress: onDone, onFirst });
    return { scan, draft: undefined };
  }
  const { start, end, budget } = choice.draft;
  const tiles = { count: choice.rows * choice.columns, start, end };
  const { Draft } = await (drafting ?? import('./draft/draft.ts'));
  const draft = await Draft.read(located, { ...options, tiles, budget, isShort });
  return { scan: draft.headers.scan, draft };
}

/** Whether all instances are shown anyway, so that one pass over whole objects does. */
function isShortSeries(objects: readonly { readonly byteLength: number | undefined }[], choice: Choice): boolean {
  if (objects.length > choice.rows * choice.columns) return false;
  return objects.reduce((sum, { byteLength = 0 }) => sum + byteLength, 0) <= wholeSeriesLength;
}

/** The headers that the pixel pass has read, for the index. */
function headersRead(shown: readonly DecodedMember[]): readonly ReadInstance[] {
  return shown
    .filter(isVisible)
    .map(({ selection, header }) => ({ instance: selection.ordered.member.instance, header }));
}
