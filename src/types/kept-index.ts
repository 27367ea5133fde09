import type { UnreadableReport } from './report.ts';

/** What a header index holds, and where it is kept. */
export interface KeptIndex {
  /** SOP Instances in it. */
  readonly instances: number;
  /** Frames of all instances. */
  readonly frames: number;
  /** Objects whose headers an earlier run had kept. */
  readonly recalled: number;
  /** The file. */
  readonly path: string;
  /** Requests to the store, retries included. */
  readonly requests: number;
  /** Objects that were listed and could not be read, so that they are not in it. */
  readonly unreadable: readonly UnreadableReport[];
  /** What there is to know of the series, in sentences. */
  readonly warnings: readonly string[];
}

/** A header index for other programs. */
export interface ExportedIndex {
  /** The file, in the format that was asked for. */
  readonly bytes: Uint8Array;
  /** Rows in it, one a frame. */
  readonly rows: number;
  /** Requests to the stores, retries included. */
  readonly requests: number;
  /** Objects that were listed and could not be read, so that they are not in it. */
  readonly unreadable: readonly UnreadableReport[];
  /** What there is to know of the series, in sentences. */
  readonly warnings: readonly string[];
}
