import { UsageError } from './base/errors.ts';
import { parseContrast } from './pixels/contrast/presets.ts';
import type { ImageOptions, MosaicOptions, PictureOptions, StorageOptions } from './types/options.ts';
import type {
  CacheSettings,
  DraftSettings,
  ImageSettings,
  MosaicSettings,
  PictureSettings,
  StorageSettings,
} from './types/settings.ts';

/** Tiles of a mosaic at most: more would be no overview, and would read the whole series. */
const maxTiles = 10_000;
const maxTimeoutMs = 24 * 3600 * 1000;

/** @throws UsageError for a value outside its range */
export function storageSettings(options: StorageOptions): StorageSettings {
  return {
    root: options.root,
    endpointUrl: options.endpointUrl,
    region: options.region,
    noSignRequest: options.noSignRequest ?? false,
    headers: options.headers,
    concurrency: wholeNumber('concurrency', options.concurrency ?? 128, 1, 1024),
    timeoutMs: wholeNumber('timeoutMs', options.timeoutMs ?? 30_000, 1, maxTimeoutMs),
    retries: wholeNumber('retries', options.retries ?? 5, 0, 100),
  };
}

export function cacheSettings({ cacheDir, noCache, idcIndex }: StorageOptions): CacheSettings {
  return { cacheDir, noCache: noCache ?? false, idcIndex };
}

/** @throws UsageError for a value outside its range */
export function mosaicSettings(options: MosaicOptions): MosaicSettings {
  const tileWidth = wholeNumber('tileWidth', options.tileWidth ?? 6, 1, maxTiles);
  const tileHeight = wholeNumber('tileHeight', options.tileHeight ?? tileWidth, 1, maxTiles);
  if (tileWidth * tileHeight > maxTiles) {
    throw new UsageError(`Expected at most ${maxTiles} tiles but received ${tileWidth} x ${tileHeight}.`);
  }
  const start = fraction('start', options.start ?? 0);
  const end = fraction('end', options.end ?? 1);
  if (!(start < end)) throw new UsageError(`Expected start below end but received start ${start} and end ${end}.`);
  return { ...pictureSettings(options), tileWidth, tileHeight, start, end };
}

/**
 * What a draft may cost; undefined where none is asked for.
 *
 * @throws UsageError for limits that cannot be
 */
export function draftSettings({ draft, budget }: MosaicOptions): DraftSettings | undefined {
  if (budget === undefined) return draft === true ? { byteLength: Infinity, timeMs: Infinity } : undefined;
  if (draft === false) {
    throw new UsageError('Expected no budget without a draft: only a draft reads less than the tiles ask for.');
  }
  const { byteLength = Infinity, timeMs = Infinity } = budget;
  if (!(byteLength >= 1) || !(timeMs > 0)) {
    throw new UsageError(
      `Expected a budget of 1 byte or more and of more than 0 milliseconds but received ${String(byteLength)} and ${String(timeMs)}.`,
    );
  }
  return { byteLength, timeMs };
}

/** @throws UsageError for a value outside its range */
export function imageSettings(options: ImageOptions): ImageSettings {
  const sliceOffset = options.sliceOffset ?? 0;
  return {
    ...pictureSettings(options),
    position: fraction('position', options.position),
    sliceOffset: wholeNumber('sliceOffset', sliceOffset, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    frame: options.frame === undefined ? undefined : wholeNumber('frame', options.frame, 1, Number.MAX_SAFE_INTEGER),
  };
}

function pictureSettings(options: PictureOptions): PictureSettings {
  const { imageWidth = 128, format = 'webp', windowIndex } = options;
  if (format !== 'webp' && format !== 'jpeg' && format !== 'png') {
    throw new UsageError(`Expected webp, jpeg or png as the format but received '${String(format)}'.`);
  }
  return {
    imageWidth: imageWidth === 'native' ? 'native' : wholeNumber('imageWidth', imageWidth, 1, 16_384),
    contrast: parseContrast(options.contrast),
    format,
    windowIndex: windowIndex === undefined ? undefined : wholeNumber('windowIndex', windowIndex, 1, 1000) - 1,
    overlays: options.overlays ?? false,
    quality: wholeNumber('quality', options.quality ?? 25, 1, 100),
  };
}

function wholeNumber(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  const range = min === Number.MIN_SAFE_INTEGER ? '' : ` from ${min} to ${max}`;
  throw new UsageError(`Expected a whole number${range} for ${name} but received ${String(value)}.`);
}

function fraction(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new UsageError(
    `Expected a number from 0 (first image) to 1 (last image) for ${name} but received ${String(value)}.`,
  );
}
