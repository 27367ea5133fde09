import type { RunOptions, StorageOptions } from './options.ts';

/** Which series of the Imaging Data Commons to find. What is given must all fit; one of the first five is needed. */
export interface IdcSearchOptions extends Omit<StorageOptions, 'root' | 'headers'>, Pick<RunOptions, 'signal'> {
  /** Collection, such as 'tcga_lihc'. Case, and `-` for `_`, do not matter. */
  readonly collection?: string | undefined;
  /** Modality (0008,0060), such as 'MR'. */
  readonly modality?: string | undefined;
  /** Body Part Examined (0018,0015), such as 'LIVER'. */
  readonly bodyPart?: string | undefined;
  /** Patient ID (0010,0020) as the collection has it. */
  readonly patient?: string | undefined;
  /** A part of the Series Description (0008,103E). Case does not matter. */
  readonly description?: string | undefined;
  /** Series to tell at most (1..1000). Default 20. */
  readonly limit?: number | undefined;
  /** Series to pass over before. Default 0. */
  readonly offset?: number | undefined;
}

/** A series of the Imaging Data Commons, as their published index tells. No Patient ID in it. */
export interface IdcSeriesFound {
  /** The bucket, as a root, such as 's3://idc-open-data'. */
  readonly root: string;
  /** Name of the series below the root: a UUID, which stands for this version of it for ever. */
  readonly series: string;
  /** Series Instance UID. */
  readonly seriesInstanceUid: string;
  /** Study Instance UID; '' where the index does not tell. The same holds for the following texts. */
  readonly studyInstanceUid: string;
  /** The collection's name in the Imaging Data Commons. */
  readonly collection: string;
  /** Modality (0008,0060). */
  readonly modality: string;
  /** Body Part Examined (0018,0015). */
  readonly bodyPartExamined: string;
  /** Series Description (0008,103E). */
  readonly seriesDescription: string;
  /** The license of the data, such as 'CC BY 4.0'. */
  readonly license: string;
  /** null where the index does not tell. */
  readonly instances: number | null;
  /** Megabytes; null likewise. */
  readonly megabytes: number | null;
}

/** What was found in the index. */
export interface IdcSearchResult {
  /** In the order of the index. */
  readonly series: readonly IdcSeriesFound[];
  /** How many fit in all. */
  readonly total: number;
}
