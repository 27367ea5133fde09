import { UsageError } from '../base/errors.ts';
import type { ChosenTiles, DraftFindings, EstimatedSeries, HeaderPass } from '../series/header-pass/header-pass.ts';
import type { SeriesScan } from '../series/header-pass/scan-or-recall.ts';
import type { LocatedSeries } from '../series/locate/locate.ts';
import type { OrderedSeries } from '../series/order.ts';
import type { Selection } from '../series/select.ts';
import { maxThatFits, pixelCost } from './budget.ts';
import { type DraftHeaders, type DraftHeadersOptions, readDraftHeaders } from './headers.ts';
import { type DraftReportParts, draftReport, draftWarnings } from './report.ts';
import { type SampledSeries, selectFromSample } from './sampled-series.ts';

/**
 * The header pass of a draft: reads a sample of the headers where that is enough.
 *
 * @throws UsageError where the budget is too small for any picture, AmbiguousError, and the store's errors
 */
export async function draftPass(located: LocatedSeries, options: DraftHeadersOptions): Promise<HeaderPass> {
  return new DraftPass(located, options, await readDraftHeaders(located, options));
}

class DraftPass implements HeaderPass {
  readonly #options: DraftHeadersOptions;
  readonly #listed: number;
  readonly #headers: DraftHeaders;

  constructor(located: LocatedSeries, options: DraftHeadersOptions, headers: DraftHeaders) {
    this.#listed = located.objects.length;
    this.#options = options;
    this.#headers = headers;
  }

  get scan(): SeriesScan {
    return this.#headers.scan;
  }

  get sampledOrder(): OrderedSeries | undefined {
    return this.#headers.sampled?.ordered;
  }

  get estimated(): EstimatedSeries | undefined {
    const { sampled } = this.#headers;
    if (sampled === undefined) return undefined;
    const { total, instances, members } = sampled.sample;
    return { instances: Math.round((total * instances) / members.length), members: total };
  }

  get deadline(): number | undefined {
    const { startedAt, budget } = this.#options;
    return budget.timeMs === Number.POSITIVE_INFINITY ? undefined : startedAt + budget.timeMs;
  }

  choose(count: number, exactly: (count: number) => readonly Selection[]): ChosenTiles {
    const { tiles, budget } = this.#options;
    const { sampled, scan } = this.#headers;
    const choose = (max: number): ChosenTiles => chooseTiles(sampled, { ...tiles, count: max }, exactly);
    const all = choose(count);
    if (all.selections.length === 0) {
      throw new UsageError(
        `Expected images between the positions ${tiles.start} and ${tiles.end} but none of the ${scan.instances.length} headers that the budget allowed for is of one. Raise the budget, or widen --start/--end.`,
      );
    }
    const left = budget.byteLength - scan.headerBytes - scan.wholeBytes;
    if (pixelCost(all.selections) <= left) return all;
    const affordable = maxThatFits(all.selections.length, (tried) => pixelCost(choose(tried).selections) <= left);
    if (affordable === 0) {
      const cost = scan.headerBytes + scan.wholeBytes + pixelCost(choose(1).selections);
      throw new UsageError(
        `Expected a budget that one image fits into, about ${Math.ceil(cost / 1000)} KB with the headers that were read, but received ${budget.byteLength} bytes.`,
      );
    }
    return { ...choose(affordable), wanted: all.wanted };
  }

  report(chosen: ChosenTiles, shownTiles: number, readBytes: number): DraftFindings {
    const { budget, startedAt } = this.#options;
    const parts: DraftReportParts = {
      headers: this.#headers,
      listed: this.#listed,
      expectedError: chosen.expectedError,
      wantedTiles: chosen.wanted,
      shownTiles,
      budget,
      readBytes,
      readMs: performance.now() - startedAt,
    };
    const report = draftReport(parts);
    return { report, warnings: draftWarnings(report, parts) };
  }
}

/** @param exactly chooses so many tiles at most where all headers are known */
function chooseTiles(
  sampled: SampledSeries | undefined,
  tiles: DraftHeadersOptions['tiles'],
  exactly: (count: number) => readonly Selection[],
): ChosenTiles {
  if (sampled === undefined) {
    const selections = exactly(tiles.count);
    return { selections, expectedError: 0, wanted: selections.length };
  }
  const { selections, choice } = selectFromSample(sampled, tiles);
  return { selections, expectedError: choice.expectedError, wanted: choice.wanted };
}
