import { UsageError } from '../base/errors.ts';
import { firstHeaderLength } from '../series/header-pass/scan.ts';
import { type SeriesScan, scanOrRecall } from '../series/header-pass/scan-or-recall.ts';
import type { LocatedSeries } from '../series/locate/locate.ts';
import type { DraftSettings } from '../types/settings.ts';
import { maxThatFits, minBudget, pixelCost, planDraft, spreadOrder } from './budget.ts';
import type { DraftTiles } from './choose.ts';
import { chooseSpread, type RankedKeys, rankKeys } from './keys.ts';
import { isWorthSampling } from './refine.ts';
import {
  type DraftRequest,
  type DraftStep,
  decideDraft,
  type SampledHeaders,
  type SampledSeries,
  selectFromSample,
} from './sampled-series.ts';

/** What the header pass of a draft came to. */
export interface DraftHeaders {
  /** Of the headers that were read: of all headers where `sampled` is undefined. */
  readonly scan: SeriesScan;
  /** The series as the sample tells it; undefined where all headers were read. */
  readonly sampled: SampledSeries | undefined;
  /**
   * Why all headers were read, or should have been but did not fit the budget; undefined where the sample is enough.
   */
  readonly reason: string | undefined;
}

export interface DraftHeadersOptions {
  readonly tiles: DraftTiles;
  readonly budget: DraftSettings;
  /** When the work began, as `performance.now` counts. */
  readonly startedAt: number;
  /** The series is so short that whole objects may be read in one pass. */
  readonly isShort: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: number, total: number) => void;
}

/** Times that a draft goes back for more headers. */
const maxRounds = 4;
/** The part of the remaining bytes that reading all headers may take. */
const maxPartForHeaders = 0.25;
/** How many times the store's concurrency is read between two looks at the clock. */
const wavesBetweenLooks = 4;
/** The store is slow where the listing took more than this part of the time. */
const hurriedPart = 0.25;

/**
 * Reads as many headers as a draft needs: a sample, then more where that pays; all of them where a sample tells
 * nothing.
 *
 * @throws UsageError where the budget is too small for any picture, AmbiguousError, and the store's errors
 */
export async function readDraftHeaders(located: LocatedSeries, options: DraftHeadersOptions): Promise<DraftHeaders> {
  const { objects, store, seriesInstanceUid } = located;
  const { budget, tiles } = options;
  const isHurried = performance.now() - options.startedAt > budget.timeMs * hurriedPart;
  const plan = planDraft(objects, tiles.count, budget.byteLength, isHurried);
  if (plan === undefined) throw tooSmallBudget(budget.byteLength, minBudget(objects));

  const sampler = new HeaderSampler(located, options);
  if (store.frames !== undefined) return sampler.readAll('the store tells all headers in one reply');
  if (options.isShort && budget.timeMs === Number.POSITIVE_INFINITY && plan.tiles === tiles.count) {
    return sampler.readAll('all instances are shown anyway', { wholeObjects: true });
  }
  if (isWorthSampling(plan.headers, objects.length) || !sampler.canReadAll()) {
    await sampler.read(chooseSpread(sampler.ranked.keys, sampler.unread(), plan.headers));
  } else {
    const complete = await sampler.readAllInTime('the series has few instances');
    if (complete !== undefined) return complete;
  }
  const planned = { ...tiles, count: plan.tiles };
  return completeSample(sampler, {
    ranked: sampler.ranked,
    tiles: planned,
    seriesInstanceUid,
    location: store.location,
  });
}

function tooSmallBudget(byteLength: number, min: number): UsageError {
  return new UsageError(
    `Expected a budget that one image fits into, about ${Math.ceil(min / 1000)} KB for this series, but received ${byteLength} bytes.`,
  );
}

/** Reads more headers until the sample is enough for a draft, or shows that all headers are needed. */
async function completeSample(sampler: HeaderSampler, request: DraftRequest): Promise<DraftHeaders> {
  for (let round = 0; ; round++) {
    if (sampler.unread().length === 0) return sampler.result(undefined, 'a sample would have to hold all of them');
    if (sampler.isRecalled) return sampler.readAll('they were known from an earlier run');
    const step = decideDraft(request, sampler);
    if (step.kind === 'draw') return sampler.result(step.series, undefined);
    if (step.kind === 'needs-all') return sampler.readAll(step.reason);
    if (step.kind === 'all') return readAllWithinBudget(sampler, step.reason, request);
    const ranks = round < maxRounds ? sampler.affordable(step) : [];
    if (ranks.length === 0) return sampler.result(step.series, undefined);
    await sampler.read(ranks, { isAimed: step.next.isAimed });
  }
}

/** All headers where the budget allows it, else the best that those read so far can tell. */
async function readAllWithinBudget(
  sampler: HeaderSampler,
  reason: string,
  request: DraftRequest,
): Promise<DraftHeaders> {
  if (sampler.canReadAll()) {
    const complete = await sampler.readAllInTime(reason);
    if (complete !== undefined) return complete;
  }
  const last = decideDraft(request, sampler);
  return last.kind === 'needs-all' ? sampler.readAll(last.reason) : sampler.result(last.series, reason);
}

/** Reads headers by the ranks of their keys, and knows which were read and how many more the budget allows. */
class HeaderSampler implements SampledHeaders {
  readonly ranked: RankedKeys;
  readonly ranks: Set<number> = new Set();
  readonly aimed: Set<number> = new Set();
  readonly #located: LocatedSeries;
  readonly #options: DraftHeadersOptions;
  readonly #scans: SeriesScan[] = [];
  #longestReadMs = 0;

  constructor(located: LocatedSeries, options: DraftHeadersOptions) {
    this.#located = located;
    this.#options = options;
    this.ranked = rankKeys(located.objects.map(({ key }) => key));
  }

  get instances(): SeriesScan['instances'] {
    return this.#scans.flatMap(({ instances }) => instances);
  }

  /** Whether the header index knew all that is known so far, so that nothing was read. */
  get isRecalled(): boolean {
    return this.#scans.every(({ indexed, recalled }) => recalled === indexed.length);
  }

  /** Ranks whose headers have not been read. */
  unread(): readonly number[] {
    return this.ranked.keys.flatMap((_, rank) => (this.ranks.has(rank) ? [] : rank));
  }

  /** @param how `isAimed`: because tiles are thought to lie there; `wholeObjects`: not only the headers */
  async read(ranks: readonly number[], how: { isAimed?: boolean; wholeObjects?: boolean } = {}): Promise<void> {
    const { objects } = this.#located;
    const { signal, onProgress } = this.#options;
    const chosen = ranks.flatMap((rank) => objects[this.ranked.listed[rank] ?? -1] ?? []);
    const before = this.ranks.size;
    const startedAt = performance.now();
    const scan = await scanOrRecall(this.#located, chosen, {
      signal,
      wholeObjects: how.wholeObjects ?? false,
      onProgress: (done) => onProgress(before + done, before + chosen.length),
    });
    this.#longestReadMs = Math.max(this.#longestReadMs, performance.now() - startedAt);
    this.#scans.push(scan);
    for (const rank of ranks) {
      this.ranks.add(rank);
      if (how.isAimed === true) this.aimed.add(rank);
    }
  }

  /** Reads all that is left, even if the time is up. */
  async readAll(reason: string, how: { wholeObjects?: boolean } = {}): Promise<DraftHeaders> {
    await this.read(this.unread(), how);
    return this.result(undefined, reason);
  }

  /** Reads all that is left; undefined where the time was up before the end. */
  async readAllInTime(reason: string): Promise<DraftHeaders | undefined> {
    const { store } = this.#located;
    const isTimed = this.#options.budget.timeMs < Number.POSITIVE_INFINITY;
    for (let unread = this.unread(); unread.length > 0; unread = this.unread()) {
      if (this.ranks.size > 0 && !this.#isTimeLeft()) return undefined;
      const count = isTimed ? store.concurrency * wavesBetweenLooks : unread.length;
      await this.read(chooseSpread(this.ranked.keys, unread, count));
    }
    return this.result(undefined, reason);
  }

  /** Whether all headers fit into the part of the bytes that is for headers. */
  canReadAll(): boolean {
    const { byteLength } = this.#options.budget;
    return this.unread().length * this.#headerLength() <= (byteLength - this.#readBytes()) * maxPartForHeaders;
  }

  /**
   * Those of the headers worth reading that bytes and time allow: tiles that the budget allows now are not given up.
   */
  affordable({ series, next }: Extract<DraftStep, { kind: 'more' }>): readonly number[] {
    if (!this.#isTimeLeft()) return [];
    const { budget, tiles } = this.#options;
    if (budget.byteLength === Number.POSITIVE_INFINITY) return next.ranks;
    const left = budget.byteLength - this.#readBytes();
    const costOf = (count: number): number => pixelCost(selectFromSample(series, { ...tiles, count }).selections);
    const shown = maxThatFits(tiles.count, (count) => costOf(count) <= left);
    const spare = left - (shown === 0 ? left : costOf(shown));
    const count = Math.min(next.ranks.length, Math.floor(spare / this.#headerLength()));
    const order = spreadOrder(next.ranks.length).slice(0, count);
    return order.flatMap((index) => next.ranks[index] ?? []).sort((a, b) => a - b);
  }

  result(sampled: SampledSeries | undefined, reason: string | undefined): DraftHeaders {
    return { scan: this.#wholeScan(), sampled, reason };
  }

  /** Whether there is time to read headers once more, and pixel data after that. */
  #isTimeLeft(): boolean {
    const { startedAt, budget } = this.#options;
    return performance.now() - startedAt + 2 * this.#longestReadMs <= budget.timeMs;
  }

  #readBytes(): number {
    return this.#scans.reduce((sum, { headerBytes, wholeBytes }) => sum + headerBytes + wholeBytes, 0);
  }

  /** Bytes that one header takes: the mean of those read, if any. */
  #headerLength(): number {
    const read = this.ranks.size;
    return read === 0 ? firstHeaderLength : Math.max(1, this.#readBytes() / read);
  }

  /** All that was read, as one scan, with the objects in the order of the listing. */
  #wholeScan(): SeriesScan {
    const scans = this.#scans;
    const places = new Map(this.#located.objects.map(({ key }, index) => [key, index] as const));
    const indexed = scans.flatMap((scan) => scan.indexed);
    indexed.sort((a, b) => (places.get(a.object.key) ?? 0) - (places.get(b.object.key) ?? 0));
    const sum = (part: (scan: SeriesScan) => number): number => scans.reduce((total, scan) => total + part(scan), 0);
    return {
      instances: this.instances,
      damaged: scans.flatMap(({ damaged }) => damaged),
      passedOver: scans.flatMap(({ passedOver }) => passedOver),
      unreadable: scans.flatMap(({ unreadable }) => unreadable),
      headerBytes: sum(({ headerBytes }) => headerBytes),
      wholeBytes: sum(({ wholeBytes }) => wholeBytes),
      recalled: sum(({ recalled }) => recalled),
      indexed,
    };
  }
}
