import type { Limits } from './limits.ts';
import type { OutputFormat } from './report.ts';

/** How to reach a store. Every field has a default; none is ever printed. */
export interface StorageOptions {
  /**
   * Where series lie: a URL (`s3://bucket/prefix`, `gs://bucket/prefix`, `az://account/container/prefix`,
   * `https://host/folder/`, `dicomweb+https://host/dicom-web`, `file:///folder`), a local folder, or a .zip archive in any
   * of these. Default `s3://idc-open-data`.
   */
  readonly root?: string | undefined;
  /**
   * Another endpoint than the provider's own. Default for S3 from AWS_ENDPOINT_URL_S3, then AWS_ENDPOINT_URL; for Google
   * from STORAGE_EMULATOR_HOST; for Azure from AZURE_STORAGE_CONNECTION_STRING, then AZURE_STORAGE_SERVICE_ENDPOINT.
   */
  readonly endpointUrl?: string | undefined;
  /** The S3 region, such as `us-east-1`. Default AWS_REGION, then AWS_DEFAULT_REGION, then the profile's. */
  readonly region?: string | undefined;
  /** Send no credentials to S3, Google or Azure even though some are configured. */
  readonly noSignRequest?: boolean | undefined;
  /**
   * Headers for web servers and DICOMweb, such as `{ 'X-Api-Key': '...' }`: sent to the root's own origin alone, never
   * printed. An Authorization among them overrides the URL's user name and password, and the environment's.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Requests under way at most. Default 128 (the transport starts lower and adapts). */
  readonly concurrency?: number | undefined;
  /** Milliseconds a reply may stay silent (connect, first byte, between bytes). Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Times a failed request is tried again. Default 5. */
  readonly retries?: number | undefined;
  /** Where indexes of series are kept. Default DICOM_SERIES_PREVIEW_CACHE_DIR, then the platform's cache folder. */
  readonly cacheDir?: string | undefined;
  /** Keep nothing, and use nothing that was kept. */
  readonly noCache?: boolean | undefined;
  /** The index of the Imaging Data Commons that finds a series by its DICOM UID: a Parquet file, local or a URL. Default: the published one. */
  readonly idcIndex?: string | undefined;
  /**
   * Other limits than the default ones for what listings, headers, frames and the picture may cost, such as
   * `{ framePixels: 2 ** 30 }`. For input that is trusted, or less trusted than usual.
   */
  readonly limits?: { readonly [Name in keyof Limits]?: number | undefined } | undefined;
}

/** Where a series lies, how its store is reached, and what the caller will do with what comes back. */
export interface SeriesOptions extends StorageOptions {
  /**
   * Local files that the caller is going to write, such as the picture's. One that belongs to the series (by its path, or
   * by any link) makes the call fail with a UsageError before a header is read. Default: none.
   */
  readonly outputs?: readonly string[] | undefined;
}

/** How far the work has come. */
export interface PreviewProgress {
  /** What is being done: listing, reading headers, reading and decoding frames, encoding the picture. */
  readonly stage: 'list' | 'headers' | 'pixels' | 'encode';
  /** Objects, headers or frames so far. */
  readonly done: number;
  /** Of how many; undefined while it is not known. */
  readonly total: number | undefined;
}

/** What every call that takes time may be given. */
export interface RunOptions {
  /** Ends the work early: the call then throws an AbortedError. */
  readonly signal?: AbortSignal | undefined;
  /** Told how far the work has come, many times a second. Errors that it throws end the work. */
  readonly onProgress?: ((progress: PreviewProgress) => void) | undefined;
}

/** How to open a series: where it lies, and how its store is reached. */
export interface OpenOptions extends SeriesOptions, RunOptions {
  /** Tell attributes that can help to find a person, such as the date, in `info` too. Default false. */
  readonly includePatient?: boolean | undefined;
}

/** What is told of the series below a root. */
export interface ListOptions extends StorageOptions, RunOptions {
  /**
   * Read one header of each series, where finding it takes none (folders on servers, a DICOMDIR). Default false. Local folders
   * and archives are read anyway.
   */
  readonly details?: boolean | undefined;
  /** Tell the date of each series too. Default false. */
  readonly includePatient?: boolean | undefined;
  /** Told what could not be looked at, in sentences. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** How a picture of an open series is drawn and encoded. */
export interface PictureViewOptions extends RunOptions {
  /** Width of one image in pixels (1..16384), or 'native' for the image's own size. Default 128. */
  readonly imageWidth?: number | 'native' | undefined;
  /** A preset's name, 'auto', 'embedded' or 'WIDTH,CENTER'. Default: the stored window, else auto. */
  readonly contrast?: string | undefined;
  /** Of several windows or VOI LUTs that an image stores: this one, from 1. Default 1. */
  readonly windowIndex?: number | undefined;
  /** Of a slide show LABEL and OVERVIEW images too, which show patient data. Default false. */
  readonly includeLabel?: boolean | undefined;
  /**
   * Make no picture where a header says that the pixels may tell who the patient is (a PrivacyError), in place of one
   * with a warning. Default false.
   */
  readonly strictPrivacy?: boolean | undefined;
  /** Draw overlay planes (groups 60xx) in white. Default false. */
  readonly overlays?: boolean | undefined;
  /**
   * Write on the picture what it shows. Above the tiles: description, modality, window, how many of how many. On each tile:
   * its number and place, letters for the patient's sides, a scale bar, and time, b-value or echo where they vary. Default
   * false.
   */
  readonly labels?: boolean | undefined;
  /** Write each tile's address (column letter and row number, such as C4) on it. Default false. */
  readonly addresses?: boolean | undefined;
  /** Show the series' date in the labels. Default false. */
  readonly includePatient?: boolean | undefined;
  /** Width of the whole picture in pixels (16..16384), in place of `imageWidth`: the size of the tiles follows. */
  readonly width?: number | undefined;
  /** Height of the whole picture in pixels (16..16384), in place of `imageWidth`. Together with `width`: tiles fit both. */
  readonly height?: number | undefined;
  /**
   * Pixels of the picture's longer side at most (16..16384), in place of `imageWidth`, `width` and `height`: tiles become as
   * large as fit, and nothing is added around them.
   */
  readonly maxSide?: number | undefined;
  /** Colour around tiles: black, white, grey, or '#rrggbb'. Default black. */
  readonly background?: string | undefined;
  /** Cut off what is empty around the content of all shown tiles, such as air. All tiles are cut alike. Default false. */
  readonly crop?: boolean | undefined;
  /**
   * How images are made smaller: 'area' (the average, default), 'lanczos' (sharper), 'nearest' (single stored values, for
   * label maps and for looking at pixels).
   */
  readonly filter?: 'area' | 'lanczos' | 'nearest' | undefined;
  /**
   * Colours for grey images: 'grey', 'inverted' (black on white, as PET is read), 'hot', 'viridis', 'inferno', 'turbo',
   * 'dose'. Default: doses 'dose', all others 'grey'.
   */
  readonly colormap?: string | undefined;
  /**
   * Of a series that repeats places (times, echoes, b-values) show this volume alone, from 1: see `volumes` in `info` and in the
   * report. Positions are then those within the volume. Default: all images in their order.
   */
  readonly volume?: number | undefined;
  /** Show the volume that comes at this time: its number, from 1, among those that agree in all else. */
  readonly time?: number | undefined;
  /** Show the volume with this b-value, in seconds per square millimetre. */
  readonly bValue?: number | undefined;
  /** Show the volume with this echo time, in milliseconds. */
  readonly echo?: number | undefined;
  /**
   * Of the volumes that agree with `volume`, `time`, `bValue` and `echo`, show the first or all. Default 'first' where one of
   * these is set, else 'all'.
   */
  readonly volumes?: 'first' | 'all' | undefined;
  /** Default 'webp'. */
  readonly format?: OutputFormat | undefined;
  /** 1..100; PNG and TIFF are lossless whatever it says. Default 25. */
  readonly quality?: number | undefined;
  /**
   * Bytes of the encoded picture at most (1,000 or more). A picture with more is encoded again with less quality, down to 25,
   * then made smaller; it is never cut, and a warning tells of it. Default: any number.
   */
  readonly maxByteLength?: number | undefined;
}

/** Which images of an open series a mosaic shows. */
export interface MosaicViewOptions extends Omit<PictureViewOptions, 'format'> {
  /**
   * A picture, or 'html': one page that needs no other file. Each image is one of its own there, names its instance, and can be
   * seen in several windows and enlarged. Default 'webp'.
   */
  readonly format?: OutputFormat | 'html' | undefined;
  /** Images per row. Default 6; with `samples` as many as make the grid about square. */
  readonly tileWidth?: number | undefined;
  /** Images per column. Default: as tileWidth; with `samples` as many as are needed. */
  readonly tileHeight?: number | undefined;
  /** Another name for `tileWidth`. */
  readonly columns?: number | undefined;
  /** Another name for `tileHeight`. */
  readonly rows?: number | undefined;
  /** So many images at most. Default: as many as the grid has cells. */
  readonly samples?: number | undefined;
  /** Make the grid no larger than the images need: a single image makes a single image. Default false: the rest is blank. */
  readonly fit?: boolean | undefined;
  /** Leave out images in which nothing is to be seen, and show others in their place. Default false. */
  readonly skipBlank?: boolean | undefined;
  /** Pixels between tiles (0..256). Default 0. */
  readonly gap?: number | undefined;
  /** Pixels of a grey line around each tile (0..64). Default 0. */
  readonly border?: number | undefined;
  /** Keep what lies at this position or after (0..1). Default 0. */
  readonly start?: number | undefined;
  /** Keep what lies at this position or before (0..1). Default 1. */
  readonly end?: number | undefined;
  /**
   * 'volume': a row for each volume, with the same places in all rows. The grid has as many columns as there are places, at
   * most `tileWidth`, and as many rows as volumes, at most `tileHeight` (then 100 by default). Default: no such rows.
   */
  readonly rowsBy?: 'volume' | undefined;
}

/** Which image of an open series is shown. */
export interface ImageViewOptions extends PictureViewOptions {
  /** 0 (first in order) .. 1 (last). */
  readonly position: number;
  /** Instances further on in order, from the one nearest to the position. Default 0. */
  readonly sliceOffset?: number | undefined;
  /** Of the chosen instance show this frame, from 1. */
  readonly frame?: number | undefined;
}

/** Which attributes of an open series are read. */
export interface AttributesOptions extends RunOptions {
  /**
   * Keywords ('EchoTime') or numbers ('(0018,0081)', '00180081'), with `*` for any characters and `?` for one. Default: all.
   * Sequences are left out.
   */
  readonly tags?: readonly string[] | undefined;
  /** Attributes that describe a person or can help to find one, too. Default false. */
  readonly includePatient?: boolean | undefined;
  /** Only those of the instance nearest to this position (0..1). Default: of all instances. */
  readonly position?: number | undefined;
  /** Instances further on in order, from that one. Default 0. */
  readonly sliceOffset?: number | undefined;
}

/** Which frames of an open series are decoded, and how large. */
export interface FramesOptions extends RunOptions {
  /** So many frames at most, evenly spaced over the order. Default: all. */
  readonly count?: number | undefined;
  /** The frames nearest to these positions (0..1), in this order. Not together with `count` or `range`. */
  readonly positions?: readonly number[] | undefined;
  /** Keep what lies between these positions (0..1), ends included. Default: all. */
  readonly range?: readonly [start: number, end: number] | undefined;
  /**
   * Columns of the arrays (1..16384): frames are decoded at reduced resolution where their codestream allows it, and
   * averaged to this width. Rows follow from the stored shape. Frames with fewer columns keep their own. Default:
   * 'native', the stored size.
   */
  readonly width?: number | 'native' | undefined;
}

/** What a whole picture call takes: where the series lies, and how the picture looks. */
export interface PictureOptions extends SeriesOptions, PictureViewOptions {}

/** What a mosaic call takes. */
export interface MosaicOptions extends SeriesOptions, MosaicViewOptions {
  /**
   * Read a sample of the headers only, and estimate from it where the tiles lie: faster where a series has many
   * instances. The report says how far off they may be, and the picture carries the word DRAFT. Default false.
   */
  readonly draft?: boolean | undefined;
  /** What reading may cost; asks for a draft. Where it does not suffice for all tiles, there are fewer of them. */
  readonly budget?: DraftBudget | undefined;
}

/** What an image call takes; `position` is required. */
export interface ImageOptions extends SeriesOptions, ImageViewOptions {}

/** Limits for a draft: of bytes, of time, or of both. */
export interface DraftBudget {
  /** Bytes of headers and pixel data together, listings not counted. */
  readonly byteLength?: number | undefined;
  /** Milliseconds from the call on for listing and reading; drawing and encoding come after. */
  readonly timeMs?: number | undefined;
}

/** How an index is written: a Parquet file, one JSON array, or JSON Lines. */
export type IndexFormat = 'parquet' | 'json' | 'jsonl';

/** What a call about kept headers takes. */
export interface IndexOptions extends SeriesOptions, RunOptions {}
