import type { ScannedInstance } from '../types/members.ts';
import type { IndexReport } from '../types/report.ts';
import type { StoreStatistics } from '../types/storage.ts';
import type { HeaderPass } from './header-pass/header-pass.ts';
import type { ReadInstance } from './header-pass/keep-headers.ts';
import type { LocatedSeries } from './locate/locate.ts';

/** A series that has been listed and whose headers have been read. All views are made from one, without reading either again. */
export interface OpenedSeries {
  readonly located: LocatedSeries;
  readonly pass: HeaderPass;
  /** SOP Instances, each once. */
  readonly instances: readonly ScannedInstance[];
  /** What listing and header pass have to say. */
  readonly warnings: readonly string[];
  /** What opening took. */
  readonly openingMs: { readonly list: number; readonly headers: number };
  /** What the store has done so far. */
  readonly statistics: StoreStatistics;
  /**
   * Begins to keep the headers for later runs, once for all views.
   *
   * @returns what to call with the headers that were read in full since; it answers undefined where nothing is to be kept
   */
  keepHeaders(): (read: readonly ReadInstance[]) => Promise<IndexReport | undefined>;
  /**
   * Whether errors with these codes tell that kept headers, taken to be true for ever, were not. They are then forgotten,
   * and opening the series again may help.
   */
  isStale(codes: readonly (string | undefined)[]): Promise<boolean>;
}
