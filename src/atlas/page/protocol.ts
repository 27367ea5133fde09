/** What the page asks of its engine, and what that answers: plain data, so that a worker can stand between them. */

/** Columns that rows are filtered by, with counts. */
export const facetNames = ['modality', 'collection', 'body_part', 'orientation', 'flags', 'status'] as const;
export type FacetName = (typeof facetNames)[number];

/** Columns that rows can be sorted by; 'place' is the order of the manifest. */
export type SortName =
  | ('place' | 'description' | 'modality' | 'collection' | 'body_part' | 'orientation' | 'manufacturer')
  | ('series_date' | 'instances' | 'byte_length' | 'status');

export const sortNames: readonly SortName[] = [
  ...(['place', 'description', 'modality', 'collection', 'body_part', 'orientation', 'manufacturer'] as const),
  ...(['series_date', 'instances', 'byte_length', 'status'] as const),
];

/** Which rows are shown, and in which order. */
export interface Query {
  readonly text: string;
  /** Values of a facet: a row with any of them is shown. None: all rows. */
  readonly chosen: { readonly [Name in FacetName]?: readonly string[] };
  readonly sort: SortName;
  readonly descending: boolean;
}

export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

/** How many rows there are for a query. */
export interface QueryResult {
  /** Tells the answers to different queries apart. */
  readonly version: number;
  /** Rows that are read so far, and in all. */
  readonly loaded: number;
  readonly rows: number;
  readonly shown: number;
  /** Of each facet, the rows that would be shown with this value instead of those chosen of the same facet. */
  readonly facets: { readonly [Name in FacetName]: readonly FacetValue[] };
}

/** What the grid shows of a row. */
export interface Card {
  /** Of the manifest, from 0. */
  readonly row: number;
  readonly uid: string;
  readonly modality: string;
  readonly description: string;
  readonly bodyPart: string;
  readonly collection: string;
  readonly instances: number;
  readonly flags: string;
  readonly status: string;
  readonly errorCode: string;
  /** undefined for a row without a picture */
  readonly picture?: PicturePlace;
}

/** Where a picture lies. */
export interface PicturePlace {
  readonly shard: string;
  readonly offset: number;
  readonly length: number;
  readonly format: string;
}

/** A tile of a picture, as a report tells it. */
export interface Tile {
  readonly row: number;
  readonly column: number;
  readonly sopInstanceUid?: string;
  readonly instanceNumber?: number | null;
  readonly frame?: number | null;
  readonly positionMm?: number | null;
  readonly window?: { readonly center: number; readonly width: number };
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly gap: number;
}

/** A picture of an enlarged series, with what its tiles are. */
export interface View extends PicturePlace {
  readonly view: string;
  readonly width: number;
  readonly height: number;
  readonly tiles: readonly Tile[];
  readonly grid?: Grid;
}

/** All that is known of a row. */
export interface Facts {
  readonly row: number;
  /** The manifest's columns. */
  readonly values: Readonly<Record<string, string | number | null>>;
  readonly warnings: readonly string[];
  readonly views: readonly View[];
}

/** What finish writes into the page about the atlas. */
export interface AtlasOfPage {
  /** Changes with the manifest: files are asked for with it, so that no cache mixes two of them. */
  readonly version: string;
  readonly manifestByteLength: number;
}

export type Request =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'cards'; readonly version: number; readonly from: number; readonly to: number }
  | { readonly kind: 'find'; readonly uid: string }
  | { readonly kind: 'facts'; readonly row: number };

/** Where a series stands in what is shown; -1 where it is filtered out. */
export interface Found {
  readonly row: number;
  readonly position: number;
}
