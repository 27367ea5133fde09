import { UsageError } from './base/errors.ts';
import { type ContrastChoice, parseContrast } from './pixels/contrast/presets.ts';
import type { ImageOptions, MosaicOptions, PictureOptions } from './types/options.ts';
import type { OutputFormat } from './types/report.ts';

/** Picture options, checked, with their defaults. */
export interface PictureSettings {
  readonly imageWidth: number | 'native';
  readonly contrast: ContrastChoice;
  readonly format: OutputFormat;
  readonly quality: number;
  /** Of several stored windows this one, from 0; undefined: the first. */
  readonly windowIndex: number | undefined;
  /** Draw overlay planes. */
  readonly overlays: boolean;
}

export interface MosaicSettings extends PictureSettings {
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly start: number;
  readonly end: number;
  /** undefined: no draft. */
  readonly draft: DraftSettings | undefined;
}

/** What a draft may cost at most. */
export interface DraftSettings {
  /** Bytes of headers and pixel data; Infinity for any. */
  readonly byteLength: number;
  /** Milliseconds for listing and reading; Infinity for any. */
  readonly timeMs: number;
}

export interface ImageSettings extends PictureSettings {
  readonly position: number;
  readonly sliceOffset: number;
  /** From 1. */
  readonly frame: number | undefined;
}

/** Tiles of a mosaic at most: more would be no overview, and would read the whole series. */
const maximumTiles = 10_000;

/** @throws UsageError for a value outside its range */
export function mosaicSettings(options: MosaicOptions): MosaicSettings {
  const tileWidth = wholeNumber('tileWidth', options.tileWidth ?? 6, 1, maximumTiles);
  const tileHeight = wholeNumber('tileHeight', options.tileHeight ?? tileWidth, 1, maximumTiles);
  if (tileWidth * tileHeight > maximumTiles) {
    throw new UsageError(`Expected at most ${maximumTiles} tiles but received ${tileWidth} x ${tileHeight}.`);
  }
  const start = fraction('start', options.start ?? 0);
  const end = fraction('end', options.end ?? 1);
  if (!(start < end)) throw new UsageError(`Expected start below end but received start ${start} and end ${end}.`);
  return { ...pictureSettings(options), tileWidth, tileHeight, start, end, draft: draftSettings(options) };
}

function draftSettings({ draft, budget }: MosaicOptions): DraftSettings | undefined {
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
  const { imageWidth = 128, format = 'webp' } = options;
  if (format !== 'webp' && format !== 'jpeg' && format !== 'png') {
    throw new UsageError(`Expected webp, jpeg or png as the format but received '${String(format)}'.`);
  }
  if (options.concurrency !== undefined) wholeNumber('concurrency', options.concurrency, 1, 1024);
  if (options.retries !== undefined) wholeNumber('retries', options.retries, 0, 100);
  if (options.timeoutMs !== undefined && !(options.timeoutMs > 0)) {
    throw new UsageError(`Expected a time above 0 milliseconds for timeoutMs but received ${options.timeoutMs}.`);
  }
  return {
    imageWidth: imageWidth === 'native' ? 'native' : wholeNumber('imageWidth', imageWidth, 1, 16_384),
    contrast: parseContrast(options.contrast),
    format,
    windowIndex:
      options.windowIndex === undefined ? undefined : wholeNumber('windowIndex', options.windowIndex, 1, 1000) - 1,
    overlays: options.overlays ?? false,
    quality: wholeNumber('quality', options.quality ?? 25, 1, 100),
  };
}

function wholeNumber(name: string, value: number, least: number, greatest: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= greatest) return value;
  const range = least === Number.MIN_SAFE_INTEGER ? '' : ` from ${least} to ${greatest}`;
  throw new UsageError(`Expected a whole number${range} for ${name} but received ${String(value)}.`);
}

function fraction(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new UsageError(
    `Expected a number from 0 (first image) to 1 (last image) for ${name} but received ${String(value)}.`,
  );
}
