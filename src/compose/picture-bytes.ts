import type { FilmFormat, OutputFormat } from '../types/report.ts';

/** What is drawn, and how it is encoded. */
export interface PictureToMake {
  /** Pixels of all tiles together. */
  readonly tilePixels: number;
  /** Of the canvas. */
  readonly canvasPixels: number;
  readonly channels: 1 | 3;
  readonly format: OutputFormat;
  /** Pixels of the encoded picture. Default: those of the canvas. */
  readonly encodedPixels?: number | undefined;
}

/** What encoders take for each pixel, the encoded bytes included, as measured on noise. */
const encoderBytes: Readonly<Record<OutputFormat, (channels: 1 | 3) => number>> = {
  webp: () => 8,
  jpeg: () => 7,
  avif: () => 40,
  png: (channels) => 2 * channels,
  tiff: (channels) => 2 * channels,
};

/** Bytes of the drawn tiles, the canvas, and what the encoder takes. */
export function pictureBytes(picture: PictureToMake): number {
  const { tilePixels, canvasPixels, channels, format, encodedPixels = canvasPixels } = picture;
  return (tilePixels + canvasPixels) * channels + encodedPixels * encoderBytes[format](channels);
}

/** What the encoder of a film takes for each pixel of a frame. */
const filmEncoderBytes = 16;

/** Bytes of a film's frames, and of what its encoder takes: WebP and GIF have all frames in one piece. */
export function filmBytes(
  { count, framePixels }: { readonly count: number; readonly framePixels: number },
  channels: 1 | 3,
  format: FilmFormat,
): number {
  const copies = format === 'webp' || format === 'gif' ? 2 : 1;
  return count * framePixels * channels * copies + framePixels * filmEncoderBytes;
}
