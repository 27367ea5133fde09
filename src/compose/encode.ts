import type Sharp from 'sharp';
import { OutputError } from '../base/errors.ts';
import type { DisplayImage } from '../types/pixels.ts';
import type { OutputFormat } from '../types/report.ts';
import { loadSharp } from './load-sharp.ts';

export interface EncodeOptions {
  readonly format: OutputFormat;
  /** 1 (smallest) .. 100 (best). PNG is lossless at any quality. */
  readonly quality: number;
  /** Make the picture smaller. Default: as it is. */
  readonly size?: { readonly width: number; readonly height: number };
}

/** Takes half the time of libwebp's default (4) for 4-8 % more bytes, as measured on mosaics of CT and MR. */
const webpEffort = 2;
/** With adaptive filters, which save a quarter on MR: a third of the time of level 9 for up to 4 % more bytes. */
const pngCompressionLevel = 4;
/** AVIF takes seconds from 4 on. */
const avifEffort = 2;
/** From this quality on colour keeps its full resolution: the eye might see that it was halved. */
const fullChromaQuality = 90;

let loaded: typeof Sharp | undefined;

/**
 * Encodes a picture. Grey stays grey: one channel in JPEG and PNG, neutral chroma in WebP. The same picture and options
 * give the same bytes. No metadata is written.
 *
 * @throws OutputError where the encoder is missing, or fails
 */
export async function encode(image: DisplayImage, options: EncodeOptions): Promise<Uint8Array> {
  const { width, height, channels, data } = image;
  const { format, quality } = options;
  if (data.length !== width * height * channels) {
    throw new OutputError(
      `Expected ${width * height * channels} bytes for ${width} x ${height} pixels of ${channels} channels but received ${data.length}.`,
    );
  }
  const picture = encoder()(data, { raw: { width, height, channels }, limitInputPixels: false });
  // Else grey would be stored as three equal channels, which takes twice the bytes in PNG.
  picture.toColourspace(channels === 1 ? 'b-w' : 'srgb');
  if (options.size !== undefined) picture.resize({ ...options.size, fit: 'fill' });
  if (format === 'webp') picture.webp({ quality, effort: webpEffort });
  else if (format === 'png') picture.png({ compressionLevel: pngCompressionLevel, adaptiveFiltering: true });
  else if (format === 'avif') picture.avif({ quality, effort: avifEffort });
  else if (format === 'tiff') picture.tiff({ compression: 'deflate', predictor: 'horizontal' });
  else picture.jpeg({ quality, chromaSubsampling: quality >= fullChromaQuality ? '4:4:4' : '4:2:0' });
  try {
    const { buffer, byteOffset, byteLength } = await picture.toBuffer();
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    throw new OutputError(`Could not encode ${width} x ${height} pixels as ${format}.`, { cause: error });
  }
}

/** How often to look whether a request has left; after that it takes as long until it is written to its connection. */
const preloadDelayMs = 2;

const tiny: DisplayImage = { width: 16, height: 16, channels: 1, data: new Uint8Array(16 * 16) };

/**
 * Loads the encoder before it is needed: while a request is under way, the 30-50 ms that it takes cost nothing. Its first
 * picture takes 3 ms more than others, so that a tiny picture can be encoded before. If it cannot be loaded, {@link encode}
 * will say so.
 *
 * @param tinyFormat the format of the tiny picture; undefined for none: where there is nothing to wait for, it gains nothing
 * @param isUnderWay whether the request has left; loading waits for that. Default: it has left.
 */
export function preloadEncoder(tinyFormat?: OutputFormat, isUnderWay: () => boolean = () => true): void {
  if (loaded !== undefined) return;
  let isDue = false;
  const timer = setInterval(() => {
    if (loaded === undefined && !isDue) {
      isDue = isUnderWay();
      return;
    }
    clearInterval(timer);
    if (loaded !== undefined) return;
    try {
      encoder();
      // An error will come again where someone can catch it.
      if (tinyFormat !== undefined) encode(tiny, { format: tinyFormat, quality: 50 }).catch(() => undefined);
    } catch {
      // encode() will try again, and throw where someone can catch it.
    }
  }, preloadDelayMs);
  timer.unref();
}

/** @throws OutputError where it cannot be loaded */
export function encoder(): typeof Sharp {
  if (loaded === undefined) {
    try {
      loaded = loadSharp();
    } catch (error) {
      throw new OutputError(
        `The image encoder 'sharp' could not be loaded on ${process.platform}-${process.arch}. Install this package again on this machine, with optional dependencies (npm install --include=optional).`,
        { cause: error },
      );
    }
  }
  return loaded;
}
