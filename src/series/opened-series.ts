import type { ScannedInstance } from '../types/members.ts';
import type { IndexReport } from '../types/report.ts';
import type { StoreStatistics } from '../types/storage.ts';
import type { HeaderPass } from './header-pass/header-pass.ts';
import type { ReadInstance } from './header-pass/keep-headers.ts';
import type { LocatedSeries } from './locate/locate.ts';

/**
 * A series that has been listed and whose headers have been read. Every view is made from it without doing so again.
 */
export interface OpenedSeries {
  readonly located: LocatedSeries;
  readonly pass: HeaderPass;
  /** SOP Instances, each once. */
  readonly instances: readonly ScannedInstance[];
  /** Warnings of listing and header pass. */
  readonly warnings: readonly string[];
  /** Milliseconds that opening took. */
  readonly openingMs: { readonly list: number; readonly headers: number };
  /** What the store has done so far. */
  readonly statistics: StoreStatistics;
  /**
   * Begins to keep the headers for later runs. Only the first call of all views has an effect.
   *
   * @returns what to call with the whole headers that were read since; it answers undefined where nothing is kept
   */
  keepHeaders(): (read: readonly ReadInstance[]) => Promise<IndexReport | undefined>;
  /**
   * Whether errors with these codes show that kept headers are out of date, though their objects should never change.
   * They are then forgotten, and opening the series again may help.
   */
  isStale(codes: readonly (string | undefined)[]): Promise<boolean>;
}
