import type { DisplayImage } from '../types/pixels.ts';
import { isLetterPixel, letterHeight, letterStep, letterWidth } from './font.ts';

/** Red, green and blue, 0..255. Equal parts are grey. */
export type Colour = readonly [red: number, green: number, blue: number];

export const black: Colour = [0, 0, 0];

export function isGreyColour([red, green, blue]: Colour): boolean {
  return red === green && green === blue;
}

/** A rectangle in pixels from the left upper corner. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Grey levels of letters and of the rim around them: legible on bright and on dark images. */
const letterGrey = 235;
const rimGrey = 16;

/** A picture while it is drawn. What lies outside is left out. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly #data: Uint8Array;

  /** @param background must be grey where there is one channel */
  constructor(width: number, height: number, channels: 1 | 3, background: Colour = black) {
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.#data = new Uint8Array(width * height * channels);
    if (background.some((part) => part !== 0)) this.fill({ left: 0, top: 0, width, height }, background);
  }

  /** A canvas with a copy of a picture. */
  static of(image: DisplayImage): Canvas {
    const canvas = new Canvas(image.width, image.height, image.channels);
    canvas.#data.set(image.data);
    return canvas;
  }

  /** The picture. The canvas must not be drawn on any more. */
  get image(): DisplayImage {
    return { width: this.width, height: this.height, channels: this.channels, data: this.#data };
  }

  fill({ left, top, width, height }: Rectangle, [red, green, blue]: Colour): void {
    const { channels } = this;
    const [firstColumn, firstRow] = [Math.max(left, 0), Math.max(top, 0)];
    const [endColumn, endRow] = [Math.min(left + width, this.width), Math.min(top + height, this.height)];
    for (let row = firstRow; row < endRow; row++) {
      const start = (row * this.width + firstColumn) * channels;
      const end = (row * this.width + endColumn) * channels;
      if (channels === 1 || (red === green && green === blue)) {
        if (end > start) this.#data.fill(red, start, end);
        continue;
      }
      for (let at = start; at < end; at += 3) {
        this.#data[at] = red;
        this.#data[at + 1] = green;
        this.#data[at + 2] = blue;
      }
    }
  }

  /** Draws the edge of a rectangle, inside of it. */
  frame({ left, top, width, height }: Rectangle, thickness: number, colour: Colour): void {
    this.fill({ left, top, width, height: thickness }, colour);
    this.fill({ left, top: top + height - thickness, width, height: thickness }, colour);
    this.fill({ left, top, width: thickness, height }, colour);
    this.fill({ left: left + width - thickness, top, width: thickness, height }, colour);
  }

  /**
   * Copies an image that lies within the canvas. A grey image on a colour canvas has its value in all three channels.
   */
  draw(image: DisplayImage, left: number, top: number): void {
    const { width, height, data } = image;
    const { channels, width: canvasWidth } = this;
    const canvas = this.#data;
    for (let row = 0; row < height; row++) {
      const source = row * width * image.channels;
      let target = ((top + row) * canvasWidth + left) * channels;
      if (image.channels === channels) {
        canvas.set(data.subarray(source, source + width * channels), target);
        continue;
      }
      for (let column = 0; column < width; column++, target += 3) {
        canvas.fill(data[source + column] ?? 0, target, target + 3);
      }
    }
  }

  /**
   * Writes a text of one line in bright letters with a dark rim.
   *
   * @param scale pixels of a pixel of the font, 1 or more
   */
  write(text: string, left: number, top: number, scale: number): void {
    const rim = Math.ceil(scale / 2);
    this.#letters(text, left, top, scale, rim, rimGrey);
    this.#letters(text, left, top, scale, 0, letterGrey);
  }

  /** A line with a rim, as letters have: a scale bar. */
  bar({ left, top, width, height }: Rectangle): void {
    const rim = { left: left - 1, top: top - 1, width: width + 2, height: height + 2 };
    this.fill(rim, [rimGrey, rimGrey, rimGrey]);
    this.fill({ left, top, width, height }, [letterGrey, letterGrey, letterGrey]);
  }

  #letters(text: string, left: number, top: number, scale: number, grow: number, grey: number): void {
    const size = scale + 2 * grow;
    for (const [index, sign] of Array.from(text).entries()) {
      const x = left + index * letterStep * scale - grow;
      for (let row = 0; row < letterHeight; row++) {
        for (let column = 0; column < letterWidth; column++) {
          if (!isLetterPixel(sign, row, column)) continue;
          const square = { left: x + column * scale, top: top + row * scale - grow, width: size, height: size };
          this.fill(square, [grey, grey, grey]);
        }
      }
    }
  }
}

/** Pixels that a text takes, without the rim. */
export function textWidth(text: string, scale: number): number {
  return Math.max(0, Array.from(text).length * letterStep - 1) * scale;
}

export function textHeight(scale: number): number {
  return letterHeight * scale;
}
