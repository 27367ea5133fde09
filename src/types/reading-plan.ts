import type { PreviewReport, TileReport } from './report.ts';

/** What a picture would show and read. No pixel data was read for it. */
export interface ReadingPlan {
  /** Version of this shape. */
  readonly schema: 1;
  /** As in the report of the picture. */
  readonly series: PreviewReport['series'];
  /** What each tile would show, in the order of the picture. */
  readonly tiles: readonly PlannedTile[];
  /** What listing and headers took; of a slide also its overview, which tells where the tissue lies. */
  readonly read: ReadingCost;
  /** What the pixel data will take, about: the length of a compressed frame is estimated where only the whole is known. */
  readonly toRead: ReadingCost;
  /** What there is to warn of, in sentences. */
  readonly warnings: readonly string[];
}

/** One tile, as in the report of a picture. */
export type PlannedTile = Pick<
  TileReport,
  'index' | 'address' | 'row' | 'column' | 'key' | 'instanceNumber' | 'frame' | 'positionMm' | 'position' | 'estimated'
> & {
  /** Bytes that reading it alone takes, about. */
  readonly byteLength: number;
};

/** What reading costs. */
export interface ReadingCost {
  /** Requests, about; on a local disk reads. */
  readonly requests: number;
  /** Bytes. */
  readonly byteLength: number;
}
