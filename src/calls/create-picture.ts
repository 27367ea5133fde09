import { UsageError } from '../base/errors.ts';
import { withWarnings } from '../base/with-warnings.ts';
import { createFrameDecoder, type FrameDecoder } from '../codecs/frame-decoder.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import {
  cacheSettings,
  checkOptionNames,
  checkSeriesName,
  draftSettings,
  imageSettings,
  mosaicSettings,
  optionNames,
  storageSettings,
} from '../settings/settings.ts';
import type { ImageOptions, MosaicOptions, RunOptions, SeriesOptions } from '../types/options.ts';
import type { Preview } from '../types/report.ts';
import type { MosaicSettings, PictureSettings } from '../types/settings.ts';
import { image } from '../views/image.ts';
import { mosaic } from '../views/mosaic.ts';
import { StaleHeadersError } from '../views/picture/draw-picture.ts';
import { createHeadStart } from '../views/picture/head-start.ts';
import type { GridCount } from '../views/picture/layout.ts';
import { checkPictureWidth } from '../views/picture/render-picture.ts';
import { type ExpectedTiles, type OpenRequest, openSeries } from './open-series.ts';

/** What several pictures share. Whoever creates it closes it. */
export interface PictureTools extends Pick<OpenRequest, 'connections' | 'trees'> {
  readonly decoder: FrameDecoder;
}

/** What a call that makes one picture asks for: its options, parsed once. */
export interface PictureCall extends Pick<OpenRequest, 'storage' | 'cache'>, RunOptions {
  readonly name: string;
  readonly settings: PictureSettings;
  readonly expected: ExpectedTiles;
  readonly draw: (series: OpenedSeries, decoder: FrameDecoder, options: RunOptions) => Promise<Preview>;
}

/** @throws UsageError for options that make no sense, before anything is read */
export function mosaicCall(name: string, options: MosaicOptions = {}): PictureCall {
  checkSeriesName(name);
  checkOptionNames('createMosaic', options, optionNames.mosaic);
  const settings = mosaicSettings(options);
  const { tileWidth, tileHeight, start, end } = settings;
  const budget = draftSettings(options);
  const call = callOf(name, options);
  checkPictureWidth(settings, leastGrid(settings), call.storage.limits);
  return {
    ...call,
    settings,
    expected: { count: tileWidth * tileHeight, draft: budget === undefined ? undefined : { start, end, budget } },
    draw: (series, decoder, run) => mosaic(series, settings, decoder, run),
  };
}

/** @throws UsageError for options that make no sense, before anything is read */
export function imageCall(name: string, options: ImageOptions): PictureCall {
  checkSeriesName(name);
  if (options === undefined)
    throw new UsageError('Expected options with a position for createImage but received none.');
  checkOptionNames('createImage', options, optionNames.image);
  const settings = imageSettings(options);
  const call = callOf(name, options);
  checkPictureWidth(settings, { rows: 1, columns: 1 }, call.storage.limits);
  return {
    ...call,
    settings,
    expected: { count: 1 },
    draw: (series, decoder, run) => image(series, settings, decoder, run),
  };
}

/** What a mosaic's grid has in any case. */
export function leastGrid({ isSquare, tileWidth, tileHeight }: MosaicSettings): GridCount {
  return isSquare ? { rows: 1, columns: 1 } : { rows: tileHeight, columns: tileWidth };
}

/** What all calls have in common. */
export function callOf(
  name: string,
  options: SeriesOptions & RunOptions,
): Pick<PictureCall, 'name' | 'storage' | 'cache' | 'signal' | 'onProgress'> {
  const { signal, onProgress } = options;
  return { name, storage: storageSettings(options), cache: cacheSettings(options), signal, onProgress };
}

/**
 * Makes one picture: opens the series, draws, and closes it.
 *
 * @throws every error of this package
 */
export async function createPicture(call: PictureCall, tools: PictureTools): Promise<Preview> {
  const { name, settings, expected, storage, cache, signal, onProgress } = call;
  const { decoder, connections, trees } = tools;
  const headStart = createHeadStart(decoder, settings, expected.draft !== undefined);
  const run: RunOptions = { signal, onProgress };
  const request: OpenRequest = { storage, cache, connections, trees, expected, headStart, ...run };
  for (let isAgain = false; ; isAgain = true) {
    const series = await openSeries(name, request);
    try {
      return await call.draw(series, decoder, run);
    } catch (error) {
      // The kept headers were forgotten: try once more without them.
      if (isAgain || !(error instanceof StaleHeadersError)) throw withWarnings(error, series.warnings);
    } finally {
      await series.located.store.close();
    }
  }
}

/**
 * Makes a single picture, with a decoder of its own.
 *
 * @throws every error of this package
 */
export async function createAlone(call: PictureCall): Promise<Preview> {
  const decoder = createFrameDecoder();
  try {
    return await createPicture(call, { decoder });
  } finally {
    await decoder.close();
  }
}
