import { UsageError } from '../base/errors.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import type { LocatedSeries } from '../series/locate/locate.ts';
import type { Selection } from '../series/select.ts';
import { type DecodedMembers, decodeMembers, type ReadFramesOptions } from '../tiles/decode-members.ts';
import type { DraftReport } from '../types/report.ts';
import type { Store } from '../types/storage.ts';
import { mostThatFits, pixelCost } from './budget.ts';
import { decodeUntil } from './decode.ts';
import { type DraftHeaders, type DraftHeadersOptions, readDraftHeaders } from './headers.ts';
import { type DraftReportParts, draftReport, draftWarnings } from './report.ts';
import { type SampledSeries, selectFromSample } from './series.ts';

/** A mosaic that is made from a part of the headers: what differs from the exact way. */
export class Draft {
  readonly #options: DraftHeadersOptions;
  readonly #located: LocatedSeries;
  readonly headers: DraftHeaders;

  private constructor(located: LocatedSeries, options: DraftHeadersOptions, headers: DraftHeaders) {
    this.#located = located;
    this.#options = options;
    this.headers = headers;
  }

  /** Reads the headers that the draft needs. */
  static async read(located: LocatedSeries, options: DraftHeadersOptions): Promise<Draft> {
    return new Draft(located, options, await readDraftHeaders(located, options));
  }

  /** What is known of the series from some of its headers; undefined where all were read. */
  get sampled(): SampledSeries | undefined {
    return this.headers.sampled;
  }

  /** Whether there is a budget. */
  get isLimited(): boolean {
    const { byteLength, timeMs } = this.#options.budget;
    return byteLength < Number.POSITIVE_INFINITY || timeMs < Number.POSITIVE_INFINITY;
  }

  /**
   * The tiles that the budget suffices for.
   *
   * @param exactly chooses so many tiles at most, where all headers were read
   * @throws UsageError where it suffices for none
   */
  select(most: number, exactly: (count: number) => readonly Selection[]): DraftSelections {
    const { tiles, budget } = this.#options;
    const { sampled, scan } = this.headers;
    const choose = (count: number): DraftSelections => {
      if (sampled === undefined) {
        const selections = exactly(count);
        return { selections, expectedError: 0, wanted: selections.length };
      }
      const { selections, choice } = selectFromSample(sampled, { ...tiles, count });
      return { selections, expectedError: choice.expectedError, wanted: choice.wanted };
    };
    const all = choose(most);
    const { wanted } = all;
    if (all.selections.length === 0) {
      throw new UsageError(
        `Expected images between the positions ${tiles.start} and ${tiles.end} but none of the ${scan.instances.length} headers that the budget allowed for is of one. Raise the budget, or widen --start/--end.`,
      );
    }
    const left = budget.byteLength - scan.headerBytes - scan.wholeBytes;
    if (pixelCost(all.selections) <= left) return all;
    const count = mostThatFits(all.selections.length, (tried) => pixelCost(choose(tried).selections) <= left);
    if (count === 0) {
      const cost = scan.headerBytes + scan.wholeBytes + pixelCost(choose(1).selections);
      throw new UsageError(
        `Expected a budget that one image fits into, about ${Math.ceil(cost / 1000)} KB with the headers that were read, but received ${budget.byteLength} bytes.`,
      );
    }
    return { ...choose(count), wanted };
  }

  /** Reads and decodes the tiles as long as there is time. */
  decode(
    store: Store,
    decoder: FrameDecoder,
    selections: readonly Selection[],
    options: ReadFramesOptions,
  ): Promise<DecodedMembers> {
    const { startedAt, budget } = this.#options;
    if (budget.timeMs === Number.POSITIVE_INFINITY) return decodeMembers(store, decoder, selections, options);
    return decodeUntil(startedAt + budget.timeMs, store, decoder, selections, options);
  }

  /** What the whole series is thought to hold; undefined where all headers were read. */
  get estimated(): { readonly instances: number; readonly members: number } | undefined {
    const { sampled } = this.headers;
    if (sampled === undefined) return undefined;
    const { total, instances, members } = sampled.sample;
    return { instances: Math.round((total * instances) / members.length), members: total };
  }

  /** What to tell of the draft, for programs and in sentences; to be asked for when reading has ended. */
  report(
    selected: DraftSelections,
    shownTiles: number,
    readBytes: number,
  ): { readonly report: DraftReport; readonly warnings: readonly string[] } {
    const { budget, startedAt } = this.#options;
    const parts: DraftReportParts = {
      headers: this.headers,
      listed: this.#located.objects.length,
      expectedError: selected.expectedError,
      wantedTiles: selected.wanted,
      shownTiles,
      budget,
      readBytes,
      readMs: performance.now() - startedAt,
    };
    const report = draftReport(parts);
    return { report, warnings: draftWarnings(report, parts) };
  }
}

/** Tiles within the budget. */
export interface DraftSelections {
  readonly selections: readonly Selection[];
  /** Mean distance from where they should be, as a fraction of the extent. */
  readonly expectedError: number;
  /** Tiles that there would be without a budget. */
  readonly wanted: number;
}
