import type { DraftReport } from '../../types/report.ts';
import type { OrderedSeries } from '../order.ts';
import type { Selection } from '../select.ts';
import type { SeriesScan } from './scan-or-recall.ts';

/**
 * What reading headers came to. There are two ways: all of them ({@link exactPass}), or a sample from which a draft
 * estimates the rest. Views see no difference: they ask which tiles to show and what to say of them.
 */
export interface HeaderPass {
  readonly scan: SeriesScan;
  /** The order as a sample tells it; undefined where all headers are known, which then decide it. */
  readonly sampledOrder: OrderedSeries | undefined;
  /** What the whole series is thought to hold; undefined where that is known. */
  readonly estimated: EstimatedSeries | undefined;
  /** When reading pixel data has to end, as `performance.now` counts; undefined for never. */
  readonly deadline: number | undefined;
  /**
   * The tiles to show.
   *
   * @param count tiles at most
   * @param exactly chooses so many tiles at most where the order of all members is known
   * @throws UsageError where a draft's budget suffices for no tile
   */
  choose(count: number, exactly: (count: number) => readonly Selection[]): ChosenTiles;
  /** What to tell of a draft once reading has ended; undefined for an exact pass. */
  report(chosen: ChosenTiles, shownTiles: number, readBytes: number): DraftFindings | undefined;
}

export interface EstimatedSeries {
  readonly instances: number;
  readonly members: number;
}

export interface ChosenTiles {
  readonly selections: readonly Selection[];
  /** Mean distance from where they should be, as a fraction of the extent. */
  readonly expectedError: number;
  /** Tiles that there would be without a budget. */
  readonly wanted: number;
}

export interface DraftFindings {
  readonly report: DraftReport;
  readonly warnings: readonly string[];
}

/** All headers were read: the order is known, and nothing is estimated. */
export function exactPass(scan: SeriesScan): HeaderPass {
  return {
    scan,
    sampledOrder: undefined,
    estimated: undefined,
    deadline: undefined,
    choose: (count, exactly) => {
      const selections = exactly(count);
      return { selections, expectedError: 0, wanted: selections.length };
    },
    report: () => undefined,
  };
}
