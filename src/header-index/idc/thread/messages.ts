import type { IdcSearchResult } from '../../../types/idc-search.ts';

/** What the cells of columns must be. */
export interface IdcQueryFilters {
  readonly collection?: string | undefined;
  readonly modality?: string | undefined;
  readonly bodyPart?: string | undefined;
  readonly patient?: string | undefined;
  readonly description?: string | undefined;
}

/** Which of the rows that fit to tell. */
export interface IdcPage {
  readonly limit: number;
  readonly offset: number;
}

/** Where a series is, as the index of the Imaging Data Commons tells. */
export interface IdcSeries {
  readonly awsBucket: string;
  readonly uuid: string;
}

/** What to do with the index. */
export type IdcJob =
  | { readonly kind: 'find'; readonly seriesInstanceUid: string }
  | { readonly kind: 'query'; readonly filters: IdcQueryFilters; readonly page: IdcPage }
  | {
      readonly kind: 'list';
      /** Columns, and the texts in lower case of which a cell must be one. */
      readonly wanted: readonly { readonly column: string; readonly values: readonly string[] }[];
      /** Columns to tell, beside those that say where a series is; those that the index lacks are left out. */
      readonly columns: readonly string[];
    };

/** What a job gives: `find` and `query` once, `list` as often as there are rows. */
export type IdcAnswer =
  | { readonly kind: 'found'; readonly series: IdcSeries | undefined }
  | { readonly kind: 'result'; readonly result: IdcSearchResult }
  | { readonly kind: 'no-column'; readonly column: string }
  | { readonly kind: 'rows'; readonly count: number; readonly cells: ReadonlyMap<string, readonly string[]> };

/** To the thread that reads the index. */
export type ToThread =
  | { readonly kind: 'start'; readonly job: IdcJob; readonly byteLength: number }
  /** The next answer is wanted. */
  | { readonly kind: 'next' }
  | { readonly kind: 'bytes'; readonly id: number; readonly bytes: ArrayBuffer };

/** From the thread that reads the index. */
export type FromThread =
  | { readonly kind: 'read'; readonly id: number; readonly offset: number; readonly length: number }
  /** It goes on: so many rows are done with. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'answer'; readonly answer: IdcAnswer }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly message: string };
