import { withWarnings } from '../base/with-warnings.ts';
import { openHeaderIndexCache } from '../header-index/cache.ts';
import type { SharedConnections } from '../http/shared-connections.ts';
import { distinctInstances } from '../series/header-pass/distinct.ts';
import { notesOf, nothingFound, scanWarnings } from '../series/header-pass/findings.ts';
import { exactPass, type HeaderPass } from '../series/header-pass/header-pass.ts';
import { beginKeeping, forgetIfStale } from '../series/header-pass/keep-headers.ts';
import type { ScanFindings } from '../series/header-pass/scan.ts';
import { scanOrRecall } from '../series/header-pass/scan-or-recall.ts';
import { type LocatedSeries, locateSeries } from '../series/locate/locate.ts';
import type { SharedTrees } from '../series/locate/series-tree.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import type { RunOptions } from '../types/options.ts';
import type { CacheSettings, DraftSettings, StorageSettings } from '../types/settings.ts';
import type { HeadStart } from '../views/picture/head-start.ts';

/** How to open a series. */
export interface OpenRequest extends RunOptions {
  readonly storage: StorageSettings;
  readonly cache: CacheSettings;
  /** Connections, and listings of local folders, that are shared with other series. */
  readonly connections?: SharedConnections | undefined;
  readonly trees?: SharedTrees | undefined;
  /** What the first view will show, where that is known. It decides how much is read. */
  readonly expected?: ExpectedTiles | undefined;
  /** What to load while the store works. */
  readonly headStart?: HeadStart | undefined;
}

/** How many tiles there will be at most. */
export interface ExpectedTiles {
  readonly count: number;
  /** Read no more than listing and headers: the tiles are only to be told. */
  readonly isPlan?: boolean;
  /** Read only a sample of the headers: enough for tiles between these positions. */
  readonly draft?: { readonly start: number; readonly end: number; readonly budget: DraftSettings } | undefined;
}

/** Up to this length in all, the objects of a short series are read whole in one pass. */
const maxWholeSeriesLength = 256 * 1024 * 1024;

/**
 * Opens a series: locates it, lists it, reads its headers. Nothing is decoded. The caller closes its store.
 *
 * @param name a UID, UUID, prefix with `*`, folder, file or URL
 * @throws the errors of names, stores and headers
 */
export async function openSeries(name: string, request: OpenRequest): Promise<OpenedSeries> {
  const { storage, cache, signal, onProgress, connections, trees, headStart } = request;
  const startedAt = performance.now();
  const warnings: string[] = [];
  const headerIndexes = openHeaderIndexCache(cache);
  const located = await locateSeries(name, {
    ...storage,
    ...cache,
    ...{ headerIndexes, connections, trees, signal },
    onWarning: (message) => warnings.push(message),
    onListing: headStart?.onListing,
  }).catch((error: unknown) => {
    throw withWarnings(error, warnings);
  });
  const { store, objects } = located;
  try {
    onProgress?.({ stage: 'list', done: objects.length, total: objects.length });
    const listedAt = performance.now();
    const pass = await readHeaders(located, request, startedAt);
    const { scan } = pass;
    if (scan.instances.length === 0)
      throw nothingFound(
        scan,
        scan.indexed.map(({ object }) => object.key),
        store.location,
      );
    const findings = together(scan, located.beside);
    const distinct = warningOf(findings, () =>
      distinctInstances(scan.instances, located.seriesInstanceUid, store.location),
    );
    const { instances } = distinct;
    warnings.push(...scanWarnings(findings, distinct), ...notesOf(instances));
    let keeping: ReturnType<typeof beginKeeping> | undefined;
    return {
      ...{ located, pass, instances, warnings },
      openingMs: { list: listedAt - startedAt, headers: performance.now() - listedAt },
      get statistics() {
        const { requests, receivedBytes } = store.statistics;
        return { requests: requests + located.requestsElsewhere, receivedBytes };
      },
      keepHeaders: () => {
        // A sample must not be kept as if it were all headers.
        keeping ??=
          pass.sampledOrder === undefined ? beginKeeping(headerIndexes, located, scan) : async () => undefined;
        return keeping;
      },
      isStale: (codes) => forgetIfStale(headerIndexes, located, scan, codes),
    };
  } catch (error) {
    await store.close();
    throw withWarnings(error, warnings);
  }
}

/** An error then comes with what the header pass has to say. */
function warningOf<Result>(findings: ScanFindings, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw withWarnings(error, scanWarnings(findings, { duplicates: [], namesakes: [] }));
  }
}

/** The header pass: over all objects, or for a draft over as many as it needs. */
async function readHeaders(located: LocatedSeries, request: OpenRequest, startedAt: number): Promise<HeaderPass> {
  const { expected, signal, headStart } = request;
  const { objects, store } = located;
  const onProgress = (done: number, total: number = objects.length): void =>
    request.onProgress?.({ stage: 'headers', done, total });
  const isShort = expected !== undefined && expected.isPlan !== true && isShortSeries(objects, expected.count);
  if (expected?.draft === undefined) {
    const { onFirst } = headStart ?? {};
    const reading = scanOrRecall(located, objects, {
      signal,
      wholeObjects: isShort,
      onProgress: (done) => onProgress(done),
      onFirst,
    });
    headStart?.onHeaders(store);
    return exactPass(await reading);
  }
  const { draftPass } = await (headStart?.draft() ?? import('../draft/draft.ts'));
  const { start, end, budget } = expected.draft;
  const tiles = { count: expected.count, start, end };
  const reading = draftPass(located, { startedAt, signal, onProgress, tiles, budget, isShort });
  headStart?.onHeaders(store);
  return reading;
}

/** Whether all instances are shown anyway, so that one pass over whole objects is enough. */
function isShortSeries(objects: LocatedSeries['objects'], tiles: number): boolean {
  if (objects.length > tiles) return false;
  return objects.reduce((sum, { byteLength = 0 }) => sum + byteLength, 0) <= maxWholeSeriesLength;
}

function together(one: ScanFindings, other: ScanFindings | undefined): ScanFindings {
  if (other === undefined) return one;
  return {
    passedOver: [...one.passedOver, ...other.passedOver],
    firstPassedOver: one.firstPassedOver ?? other.firstPassedOver,
    damaged: [...one.damaged, ...other.damaged],
    unreadable: [...one.unreadable, ...other.unreadable],
  };
}
