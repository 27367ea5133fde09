import type { DraftReport } from '../../types/report.ts';
import type { OrderedSeries } from '../order.ts';
import type { Selection } from '../select.ts';
import type { SeriesScan } from './scan-or-recall.ts';

/**
 * The result of reading headers: of all headers ({@link exactPass}), or of a sample, from which a draft estimates the
 * rest. Views treat both alike: they ask which tiles to show and what to report.
 */
export interface HeaderPass {
  readonly scan: SeriesScan;
  /** The members of the sample, in order; undefined where all headers are known. */
  readonly sampledOrder: OrderedSeries | undefined;
  /** The estimated size of the whole series; undefined where it is known. */
  readonly estimated: EstimatedSeries | undefined;
  /** When reading pixel data must end, as `performance.now` counts; undefined for no limit. */
  readonly deadline: number | undefined;
  /**
   * The tiles to show.
   *
   * @param count tiles at most
   * @param exactly chooses so many tiles at most, if the order of all members is known
   * @throws UsageError where a draft's budget suffices for no tile
   */
  choose(count: number, exactly: (count: number) => readonly Selection[]): ChosenTiles;
  /** What to report of a draft after reading; undefined for an exact pass. */
  report(chosen: ChosenTiles, shownTiles: number, readBytes: number): DraftFindings | undefined;
}

export interface EstimatedSeries {
  readonly instances: number;
  readonly members: number;
}

export interface ChosenTiles {
  readonly selections: readonly Selection[];
  /** Mean distance of the tiles from where they should be, as estimated: a fraction of the extent. */
  readonly expectedError: number;
  /** How many tiles there would be without a budget. */
  readonly wanted: number;
}

export interface DraftFindings {
  readonly report: DraftReport;
  readonly warnings: readonly string[];
}

/** The header pass where all headers are known: nothing is estimated. */
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
