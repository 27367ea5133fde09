import type { OutputFormat } from './report.ts';

/** How to reach a store. Every field has a default; none is ever printed. */
export interface StorageOptions {
  /**
   * Where series lie: a URL (`s3://bucket/prefix`, `gs://bucket/prefix`, `az://account/container/prefix`,
   * `https://host/folder/`, `dicomweb+https://host/dicom-web`, `file:///folder`), a local folder, or a .zip archive in any
   * of these. Default `s3://idc-open-data`.
   */
  readonly root?: string;
  /**
   * Another endpoint than the provider's own. Default for S3 from AWS_ENDPOINT_URL_S3, then AWS_ENDPOINT_URL; for Google
   * from STORAGE_EMULATOR_HOST; for Azure from AZURE_STORAGE_CONNECTION_STRING, then AZURE_STORAGE_SERVICE_ENDPOINT.
   */
  readonly endpointUrl?: string;
  readonly region?: string;
  /** Send no credentials to S3, Google or Azure even though some are configured. */
  readonly noSignRequest?: boolean;
  /**
   * Headers for web servers and DICOMweb, such as `{ 'X-Api-Key': '...' }`: sent to the root's own origin alone, never
   * printed. An Authorization among them overrides the URL's user name and password, and the environment's.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** Requests under way at most. Default 128 (the transport starts lower and adapts). */
  readonly concurrency?: number;
  /** Milliseconds a reply may stay silent (connect, first byte, between bytes). Default 30,000. */
  readonly timeoutMs?: number;
  /** Times a failed request is tried again. Default 5. */
  readonly retries?: number;
  /** Where indexes of series are kept. Default DICOM_SERIES_PREVIEW_CACHE_DIR, then the platform's cache folder. */
  readonly cacheDir?: string;
  /** Keep nothing, and use nothing that was kept. */
  readonly noCache?: boolean;
  /** The index of the Imaging Data Commons that finds a series by its DICOM UID: a Parquet file, local or a URL. Default: the published one. */
  readonly idcIndex?: string;
}

export interface PreviewProgress {
  readonly stage: 'list' | 'headers' | 'pixels' | 'encode';
  readonly done: number;
  /** undefined while it is not known. */
  readonly total: number | undefined;
}

export interface PictureOptions extends StorageOptions {
  /** Width of one image in pixels (1..16384), or 'native' for the image's own size. Default 128. */
  readonly imageWidth?: number | 'native';
  /** A preset's name, 'auto', 'embedded' or 'WIDTH,CENTER'. Default: the stored window, else auto. */
  readonly contrast?: string;
  /** Of several windows or VOI LUTs that an image stores: this one, from 1. Default 1. */
  readonly windowIndex?: number;
  /** Of a slide show LABEL and OVERVIEW images too, which show patient data. Default false. */
  readonly includeLabel?: boolean;
  /** Draw overlay planes (groups 60xx) in white. Default false. */
  readonly overlays?: boolean;
  readonly format?: OutputFormat;
  /** 1..100; PNG is lossless whatever it says. Default 25. */
  readonly quality?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PreviewProgress) => void;
}

export interface MosaicOptions extends PictureOptions {
  /** Images per row. Default 6. */
  readonly tileWidth?: number;
  /** Images per column. Default: as tileWidth. */
  readonly tileHeight?: number;
  /** Keep what lies at this position or after (0..1). Default 0. */
  readonly start?: number;
  /** Keep what lies at this position or before (0..1). Default 1. */
  readonly end?: number;
  /**
   * Read a sample of the headers only, and estimate from it where the tiles lie: faster where a series has many
   * instances. The report says how far off they may be, and the picture carries the word DRAFT. Default false.
   */
  readonly draft?: boolean;
  /** What reading may cost; asks for a draft. Where it does not suffice for all tiles, there are fewer of them. */
  readonly budget?: DraftBudget;
}

/** Limits for a draft: of bytes, of time, or of both. */
export interface DraftBudget {
  /** Bytes of headers and pixel data together, listings not counted. */
  readonly byteLength?: number;
  /** Milliseconds from the call on for listing and reading; drawing and encoding come after. */
  readonly timeMs?: number;
}

export interface ImageOptions extends PictureOptions {
  /** 0 (first in order) .. 1 (last). */
  readonly position: number;
  /** Instances further on in order, from the one nearest to the position. Default 0. */
  readonly sliceOffset?: number;
  /** Of the chosen instance show this frame, from 1. */
  readonly frame?: number;
}

/** How an index is written: a Parquet file, one JSON array, or JSON Lines. */
export type IndexFormat = 'parquet' | 'json' | 'jsonl';

export interface IndexOptions extends StorageOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PreviewProgress) => void;
}
