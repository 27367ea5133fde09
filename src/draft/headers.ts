import { UsageError } from '../base/errors.ts';
import { type SeriesScan, scanOrRecall } from '../series/header-pass/scan-or-recall.ts';
import type { LocatedSeries } from '../series/locate/locate.ts';
import type { DraftSettings } from '../types/settings.ts';
import { leastBudget, mostThatFits, pixelCost, planDraft, spreadOrder } from './budget.ts';
import type { DraftTiles } from './choose.ts';
import { chooseSpread, rankKeys } from './keys.ts';
import { isWorthSampling } from './refine.ts';
import { type DraftStep, decideDraft, type SampledSeries, selectFromSample } from './series.ts';

/** The header pass of a draft. */
export interface DraftHeaders {
  /** Of what was read; complete where `sampled` is undefined. */
  readonly scan: SeriesScan;
  /** What is known of the series from the headers read; undefined where all were. */
  readonly sampled: SampledSeries | undefined;
  /** Why all headers were read, or why more were wanted than the budget allowed for; undefined for a draft as it should be. */
  readonly reason: string | undefined;
}

export interface DraftHeadersOptions {
  readonly tiles: DraftTiles;
  readonly budget: DraftSettings;
  /** When the work began, as `performance.now` counts. */
  readonly startedAt: number;
  /** A short series, that may be read whole in one pass. */
  readonly isShort: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: number, total: number) => void;
}

/** Times that a draft goes back for more headers. */
const mostRounds = 4;
/** The part of the bytes left that reading all headers may take. */
const headersOfBudget = 0.25;
/** Objects that are read between two looks at the clock, times the store's concurrency. */
const wavesBetweenLooks = 4;
/** A listing that took this part of the time says that the store is slow. */
const hurriedPart = 0.25;

/**
 * Reads as many headers as a draft needs: a sample, then more where that pays; all of them where a sample tells nothing.
 *
 * @throws UsageError where the budget is too small for any picture, AmbiguousError, and the store's errors
 */
export async function readDraftHeaders(located: LocatedSeries, options: DraftHeadersOptions): Promise<DraftHeaders> {
  const { objects, store } = located;
  const { budget, tiles } = options;
  const pass = new HeaderPass(located, options);
  const isHurried = performance.now() - options.startedAt > budget.timeMs * hurriedPart;
  const plan = planDraft(objects, tiles.count, budget.byteLength, isHurried);
  if (plan === undefined) throw tooSmall(budget.byteLength, leastBudget(objects));
  if (store.frames !== undefined) return pass.all('the store tells all headers in one reply');
  if (options.isShort && budget.timeMs === Number.POSITIVE_INFINITY && plan.tiles === tiles.count) {
    return pass.all('all instances are shown anyway', true);
  }
  if (!isWorthSampling(plan.headers, objects.length) && pass.canReadAll()) {
    const complete = await pass.allInTime('the series has few instances');
    if (complete !== undefined) return complete;
  } else await pass.read(chooseSpread(pass.ranked.keys, pass.unread(), plan.headers));
  const request = {
    ranked: pass.ranked,
    tiles: { ...tiles, count: plan.tiles },
    seriesInstanceUid: located.seriesInstanceUid,
    location: store.location,
  };
  for (let round = 0; ; round++) {
    if (pass.unread().length === 0) return pass.result(undefined, 'a sample would have to hold all of them');
    if (pass.isRecalled) return pass.all('they were known from an earlier run');
    const step = decideDraft(request, pass);
    if (step.kind === 'draw') return pass.result(step.series, undefined);
    if (step.kind === 'needs-all') return pass.all(step.reason);
    if (step.kind === 'all') return pass.allOr(step, request);
    const ranks = round < mostRounds ? pass.affordable(step) : [];
    if (ranks.length === 0) return pass.result(step.series, undefined);
    await pass.read(ranks, step.next.isAimed);
  }
}

function tooSmall(byteLength: number, least: number): UsageError {
  return new UsageError(
    `Expected a budget that one image fits into, about ${Math.ceil(least / 1000)} KB for this series, but received ${byteLength} bytes.`,
  );
}

/** What has been read so far, and what may still be. */
class HeaderPass {
  readonly ranked: ReturnType<typeof rankKeys>;
  readonly ranks: Set<number> = new Set();
  readonly aimed: Set<number> = new Set();
  readonly #located: LocatedSeries;
  readonly #options: DraftHeadersOptions;
  readonly #scans: SeriesScan[] = [];
  #longestWaveMs = 0;

  constructor(located: LocatedSeries, options: DraftHeadersOptions) {
    this.#located = located;
    this.#options = options;
    this.ranked = rankKeys(located.objects.map(({ key }) => key));
  }

  get instances(): SeriesScan['instances'] {
    return this.#scans.flatMap(({ instances }) => instances);
  }

  /** Whether nothing had to be read to know what is known. */
  get isRecalled(): boolean {
    return this.#scans.every(({ indexed, recalled }) => recalled === indexed.length);
  }

  unread(): readonly number[] {
    return this.ranked.keys.flatMap((_, rank) => (this.ranks.has(rank) ? [] : rank));
  }

  async read(ranks: readonly number[], isAimed = false, wholeObjects = false): Promise<void> {
    const { objects } = this.#located;
    const { signal, onProgress } = this.#options;
    const chosen = ranks.flatMap((rank) => objects[this.ranked.listed[rank] ?? -1] ?? []);
    const before = this.ranks.size;
    const start = performance.now();
    const scan = await scanOrRecall(this.#located, chosen, {
      signal,
      wholeObjects,
      onProgress: (done) => onProgress(before + done, before + chosen.length),
    });
    this.#longestWaveMs = Math.max(this.#longestWaveMs, performance.now() - start);
    this.#scans.push(scan);
    for (const rank of ranks) {
      this.ranks.add(rank);
      if (isAimed) this.aimed.add(rank);
    }
  }

  /** Reads all that is left, whatever the clock says. */
  async all(reason: string, wholeObjects = false): Promise<DraftHeaders> {
    await this.read(this.unread(), false, wholeObjects);
    return this.result(undefined, reason);
  }

  /** Reads all that is left, unless the time is up before that. */
  async allInTime(reason: string): Promise<DraftHeaders | undefined> {
    const { store } = this.#located;
    const { budget } = this.#options;
    const isTimed = budget.timeMs < Number.POSITIVE_INFINITY;
    for (let unread = this.unread(); unread.length > 0; unread = this.unread()) {
      if (this.ranks.size > 0 && !this.#isTimeLeft()) return undefined;
      const count = isTimed ? store.concurrency * wavesBetweenLooks : unread.length;
      await this.read(chooseSpread(this.ranked.keys, unread, count));
    }
    return this.result(undefined, reason);
  }

  /** All headers where the budget allows for them, else what there is to be made of those read. */
  async allOr(
    step: Extract<DraftStep, { kind: 'all' }>,
    request: Parameters<typeof decideDraft>[0],
  ): Promise<DraftHeaders> {
    if (this.canReadAll()) {
      const complete = await this.allInTime(step.reason);
      if (complete !== undefined) return complete;
    }
    const last = decideDraft(request, this);
    return last.kind === 'needs-all' ? this.all(last.reason) : this.result(last.series, step.reason);
  }

  canReadAll(): boolean {
    const { byteLength } = this.#options.budget;
    return this.unread().length * this.#headerLength() <= (byteLength - this.#headerBytes()) * headersOfBudget;
  }

  /** Of the headers that are worth reading those that there are bytes and time for. */
  affordable({ series, next }: Extract<DraftStep, { kind: 'more' }>): readonly number[] {
    if (!this.#isTimeLeft()) return [];
    const { budget, tiles } = this.#options;
    if (budget.byteLength === Number.POSITIVE_INFINITY) return next.ranks;
    const left = budget.byteLength - this.#headerBytes();
    const costOf = (count: number): number => pixelCost(selectFromSample(series, { ...tiles, count }).selections);
    const shown = mostThatFits(tiles.count, (count) => costOf(count) <= left);
    const spare = left - (shown === 0 ? left : costOf(shown));
    const count = Math.min(next.ranks.length, Math.floor(spare / this.#headerLength()));
    const order = spreadOrder(next.ranks.length).slice(0, count);
    return order.flatMap((index) => next.ranks[index] ?? []).sort((a, b) => a - b);
  }

  result(sampled: SampledSeries | undefined, reason: string | undefined): DraftHeaders {
    return { scan: this.#merged(), sampled, reason };
  }

  /** Time for another wave of headers, and for one of pixel data after it. */
  #isTimeLeft(): boolean {
    const { startedAt, budget } = this.#options;
    return performance.now() - startedAt + 2 * this.#longestWaveMs <= budget.timeMs;
  }

  #headerBytes(): number {
    return this.#scans.reduce((sum, { headerBytes, wholeBytes }) => sum + headerBytes + wholeBytes, 0);
  }

  /** Of a header, as far as is known. */
  #headerLength(): number {
    const read = this.ranks.size;
    return read === 0 ? leastHeaderLength : Math.max(1, this.#headerBytes() / read);
  }

  #merged(): SeriesScan {
    const scans = this.#scans;
    const places = new Map(this.#located.objects.map(({ key }, index) => [key, index] as const));
    const indexed = scans.flatMap((scan) => scan.indexed);
    indexed.sort((a, b) => (places.get(a.object.key) ?? 0) - (places.get(b.object.key) ?? 0));
    const sum = (part: (scan: SeriesScan) => number): number => scans.reduce((total, scan) => total + part(scan), 0);
    return {
      instances: this.instances,
      damaged: scans.flatMap(({ damaged }) => damaged),
      passedOver: sum(({ passedOver }) => passedOver),
      headerBytes: sum(({ headerBytes }) => headerBytes),
      wholeBytes: sum(({ wholeBytes }) => wholeBytes),
      recalled: sum(({ recalled }) => recalled),
      indexed,
    };
  }
}

/** What reading a header takes where none was read yet. */
const leastHeaderLength = 8192;
