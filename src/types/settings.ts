import type { Limits } from './limits.ts';
import type { OutputFormat } from './report.ts';

/**
 * Options after `src/settings/` has checked them: every default is filled in, and what belongs together stands
 * together. All other code sees only settings.
 */

/** How stores are reached. */
export interface StorageSettings {
  /** Where series lie; undefined where the caller named no root, so that a plain name may be a local folder. */
  readonly root: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly region: string | undefined;
  /** Send no credentials to S3, Google or Azure. */
  readonly noSignRequest: boolean;
  /** For web servers and DICOMweb; sent to the root's own origin alone. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Requests under way at most (1..1024). */
  readonly concurrency: number;
  /** Milliseconds that a reply may stay silent. */
  readonly timeoutMs: number;
  /** Times that a failed request is tried again. */
  readonly retries: number;
  /** Only names below the root are taken, and links that lead out of it are not followed. */
  readonly confine: boolean;
  /** Local files that the caller will write, which must not belong to the series. */
  readonly outputs: readonly string[];
  /** What listings, headers, frames and the picture may cost. */
  readonly limits: Limits;
}

/** What is kept between runs, and where. */
export interface CacheSettings {
  /** The folder that the caller named; undefined for that of the environment or the platform. */
  readonly cacheDir: string | undefined;
  /** Keep nothing, and use nothing that was kept. */
  readonly noCache: boolean;
  /** An index of the Imaging Data Commons other than the published one. */
  readonly idcIndex: string | undefined;
}

/** A contrast preset: a window by name, in modality values (Hounsfield units for CT, arbitrary units for MR). */
export interface ContrastPreset {
  /** As the option `contrast` takes it. */
  readonly name: string;
  /** Other names of it. */
  readonly aliases: readonly string[];
  /** The DICOM modality it is made for, which is also its prefix: `ct-lung`, `mr-t1`. */
  readonly modality: 'CT' | 'MR';
  /** Window Width. */
  readonly width: number;
  /** Window Center. */
  readonly center: number;
}

/** How values become greys: a window that was asked for, or a way to choose one. */
export type ContrastChoice =
  /** The stored window; as 'auto' where there is none, or where it shows nothing. */
  | { readonly kind: 'default' }
  /** Always a window chosen from the values. */
  | { readonly kind: 'auto' }
  /** Always the stored window, even where it shows nothing; as 'auto' only where there is none. */
  | { readonly kind: 'embedded' }
  | { readonly kind: 'preset'; readonly preset: ContrastPreset }
  | { readonly kind: 'window'; readonly width: number; readonly center: number };

/** Which volumes of a series a picture shows. */
export interface VolumeChoice {
  /** From 1. */
  readonly volume: number | undefined;
  /** Which one in time, from 1. */
  readonly time: number | undefined;
  /** Seconds per square millimetre. */
  readonly bValue: number | undefined;
  /** Echo time in milliseconds. */
  readonly echo: number | undefined;
  /** Of those that agree with all of the above. */
  readonly volumes: 'first' | 'all';
}

/** How members become tiles. */
export interface TileSettings {
  /** Pixels, or 'native' for the image's own size. */
  readonly imageWidth: number | 'native';
  readonly contrast: ContrastChoice;
  /** Which of several stored windows, from 0; undefined: the first. */
  readonly windowIndex: number | undefined;
  /** Draw overlay planes. */
  readonly overlays: boolean;
  readonly filter: ResizeFilter;
  /** For grey images; undefined: as the kind of image asks for. */
  readonly colourMap: ColourMapName | undefined;
}

/** How images are made smaller: by the average, sharper, or from single values. */
export type ResizeFilter = 'area' | 'lanczos' | 'nearest';

/** Colours for grey images, by name. */
export type ColourMapName = 'grey' | 'inverted' | 'hot' | 'viridis' | 'inferno' | 'turbo' | 'dose';

/** What stands on and around the tiles. */
export interface LayoutSettings {
  readonly labels: boolean;
  readonly addresses: boolean;
  /** Say the series' date. */
  readonly includePatient: boolean;
  /** Pixels of the whole picture; undefined where the size of the tiles decides. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Pixels of the longer side at most, where `width` and `height` are bounds and nothing is added around the tiles. */
  readonly maxSide: number | undefined;
  readonly background: readonly [red: number, green: number, blue: number];
  /** Cut off what is empty around all tiles. */
  readonly crop: boolean;
  /** Make the grid no larger than the images need. */
  readonly fit: boolean;
  /** Leave out images in which nothing is to be seen. */
  readonly skipBlank: boolean;
  /** Pixels between tiles. */
  readonly gap: number;
  /** Pixels of a line around each tile. */
  readonly border: number;
}

/** How a picture is drawn and encoded. */
export interface PictureSettings extends TileSettings {
  readonly layout: LayoutSettings;
  /** undefined: all images in their order, whatever volume they belong to. */
  readonly volumeChoice: VolumeChoice | undefined;
  /** Show label and overview images of slides too. */
  readonly includeLabel: boolean;
  /** Make no picture of images that may tell who the patient is. */
  readonly strictPrivacy: boolean;
  readonly format: OutputFormat;
  /** 1..100. */
  readonly quality: number;
  /** Bytes of the encoded picture at most; undefined for any number. */
  readonly maxByteLength: number | undefined;
}

/** Which members a mosaic shows. */
export interface MosaicSettings extends PictureSettings {
  /** Tiles a row. */
  readonly tileWidth: number;
  /** Tiles a column. */
  readonly tileHeight: number;
  /** Tiles at most. */
  readonly samples: number;
  /** Nobody asked for rows or columns: the grid is about square, and smaller where the series has fewer images. */
  readonly isSquare: boolean;
  /** Make a page of it; `format` is that of the images on it. */
  readonly isPage: boolean;
  /** Positions, 0..1. */
  readonly start: number;
  readonly end: number;
  /** A row shows one volume. The rest of `tileWidth` and `tileHeight` is not drawn where there are fewer places or volumes. */
  readonly rowsBy: 'volume' | undefined;
}

/** Which member an image shows. */
export interface ImageSettings extends PictureSettings {
  /** 0..1. */
  readonly position: number;
  readonly sliceOffset: number;
  /** From 1. */
  readonly frame: number | undefined;
}

/** Which attributes are read, and of which instances. */
export interface AttributesSettings {
  /** Keywords or numbers, with `*` and `?`. */
  readonly tags: readonly string[];
  readonly includePatient: boolean;
  /** 0..1; undefined for all instances. */
  readonly position: number | undefined;
  readonly sliceOffset: number;
}

/** Which frames are decoded, and how large. */
export interface FramesSettings {
  /** At most; Infinity for all. */
  readonly count: number;
  /** Positions (0..1). If they are set, `count` and `range` have no meaning. */
  readonly positions: readonly number[] | undefined;
  readonly range: readonly [start: number, end: number];
  /** Columns, or 'native' for the stored size. */
  readonly width: number | 'native';
}

/** What a draft may cost at most. */
export interface DraftSettings {
  /** Bytes of headers and pixel data; Infinity for any. */
  readonly byteLength: number;
  /** Milliseconds for listing and reading; Infinity for any. */
  readonly timeMs: number;
}
