import type { EdgeLetters } from '../types/instance.ts';
import { type Canvas, type Rectangle, textHeight, textWidth } from './canvas.ts';
import { letterStep, writable } from './font.ts';

/** What is written on a tile. Texts that do not fit are left out, the least important first. */
export interface TileLabels {
  /** Left upper corner, in bold size: how to refer to the tile, such as 'C4'. */
  readonly address?: string | undefined;
  /** Left upper corner: alternatives from the longest to the shortest, of which the first that fits is written. */
  readonly name: readonly string[];
  /** Where it lies: behind the name where an address stands above both, else below the name, which has less room. */
  readonly place?: string | undefined;
  /** Right upper corner, such as the laterality. */
  readonly side?: string | undefined;
  /**
   * Left lower corner: time, b-value, echo. Alternatives from the longest to the shortest, of which the first that fits is written; where
   * none fits beside the letter of the edge, one above it.
   */
  readonly kind: readonly string[];
  /** Letters in the middle of the four edges: where the patient's right, head, and so on are. */
  readonly letters?: EdgeLetters | undefined;
  /** Right lower corner: how long one millimetre is, in pixels of the picture; undefined where nobody knows. */
  readonly pixelsPerMm?: number | undefined;
}

/** Pixels of a cell's width for each further pixel of the font: letters of 7 pixels on cells of up to 255, of 14 up to 767. */
const cellPixelsPerScale = 512;
/** The narrowest cell that gets letters at its edges, and a scale bar, in pixels of the font. */
const minWidthForLetters = 48;
const margin = 2;

/** Pixels of a pixel of the font, on cells of this width. */
export function labelScale(cellWidth: number): number {
  return 1 + Math.floor((cellWidth + cellPixelsPerScale / 2) / cellPixelsPerScale);
}

/**
 * Writes labels on a tile: bright letters with a dark rim.
 *
 * @param tile where the image lies
 */
export function drawLabels(canvas: Canvas, tile: Rectangle, labels: TileLabels, scale: number): void {
  const pad = margin * scale;
  const line = textHeight(scale) + pad;
  const right = tile.left + tile.width - pad;
  const bottom = tile.top + tile.height - pad;
  const write = (text: string, left: number, top: number, size = scale): void => canvas.write(text, left, top, size);
  const middle = tile.left + tile.width / 2;

  let top = tile.top + pad;
  const { address } = labels;
  if (address !== undefined) {
    const size = addressScale(tile, scale);
    write(address, tile.left + pad, top, size);
    top += textHeight(size) + pad;
  }
  const letters = tile.width >= minWidthForLetters * scale && tile.height >= minWidthForLetters * scale;
  // The letter in the middle of an edge has its own room.
  const half = tile.width / 2 - textWidth('HA', scale);
  const room = Math.max(0, (letters && labels.letters !== undefined ? half : tile.width) - 2 * pad);
  const side = labels.side === undefined ? undefined : writable(labels.side);
  const sideFits = side !== undefined && textWidth(side, scale) <= room;
  const whole = tile.width - 2 * pad;
  const writeLine = (text: string | undefined): void => {
    if (text === undefined || top + textHeight(scale) > bottom) return;
    write(text, tile.left + pad, top);
    top += line;
  };
  const { name, place = '' } = labels;
  if (address === undefined) {
    writeLine(firstThatFits(name, room, scale));
    writeLine(firstThatFits([place], whole, scale));
  } else {
    writeLine(firstThatFits(place === '' ? name : [...name.map((text) => `${text}  ${place}`), ...name], whole, scale));
  }
  if (side !== undefined && sideFits) write(side, right - textWidth(side, scale), tile.top + pad);
  const lowest = bottom - textHeight(scale);
  const beside = firstThatFits(labels.kind, room, scale);
  const kind = beside ?? firstThatFits(labels.kind, whole - (labels.pixelsPerMm === undefined ? 0 : half), scale);
  const kindTop = beside === undefined ? lowest - line : lowest;
  if (kind !== undefined && kindTop > top) write(kind, tile.left + pad, kindTop);
  if (!letters) return;
  if (labels.letters !== undefined) {
    const { left: leftLetters, right: rightLetters, top: topLetters, bottom: bottomLetters } = labels.letters;
    const centred = (text: string): number => Math.round(middle - textWidth(text, scale) / 2);
    const centre = Math.round(tile.top + (tile.height - textHeight(scale)) / 2);
    if (address === undefined || tile.width / 2 > 3 * textWidth(address, addressScale(tile, scale))) {
      write(topLetters, centred(topLetters), tile.top + pad);
    }
    write(bottomLetters, centred(bottomLetters), lowest);
    write(leftLetters, tile.left + pad, centre);
    write(rightLetters, right - textWidth(rightLetters, scale), centre);
  }
  if (labels.pixelsPerMm !== undefined) {
    drawScaleBar(canvas, { right, bottom, room: half - 2 * pad, scale }, labels.pixelsPerMm);
  }
}

/** Addresses are twice as large as other labels, where there is room. */
function addressScale(tile: Rectangle, scale: number): number {
  return tile.width >= minWidthForLetters * 2 * scale ? 2 * scale : scale;
}

function firstThatFits(texts: readonly string[], room: number, scale: number): string | undefined {
  return texts.map(writable).find((text) => text !== '' && textWidth(text, scale) <= room);
}

/** Millimetres that scale bars stand for, and what is written beside them. */
const barLengths = [0.001, 0.01, 0.1, 1, 10, 100].flatMap((unit) => [unit, 2 * unit, 5 * unit]);

function barText(lengthMm: number): string {
  if (lengthMm < 0.1) return `${Math.round(lengthMm * 1000)} um`;
  return lengthMm < 10 ? `${lengthMm} mm` : `${lengthMm / 10} cm`;
}

/** A bar of a round length, up to most of the room, and the length above it. */
function drawScaleBar(
  canvas: Canvas,
  place: { readonly right: number; readonly bottom: number; readonly room: number; readonly scale: number },
  pixelsPerMm: number,
): void {
  const { right, bottom, room, scale } = place;
  const lengthMm = barLengths.filter((each) => each * pixelsPerMm <= room * 0.8).at(-1);
  if (lengthMm === undefined) return;
  const width = Math.round(lengthMm * pixelsPerMm);
  // Of the smallest or largest length that there is, the bar would be no longer than a dot, or say nothing.
  if (width < room / 8) return;
  const text = barText(lengthMm);
  // A bar that does not say how long it is says nothing.
  if (textWidth(text, scale) > room) return;
  canvas.bar({ left: right - width, top: bottom - scale, width, height: scale });
  canvas.write(text, right - textWidth(text, scale), bottom - 3 * scale - textHeight(scale), scale);
}

/** Pixels of a header of so many lines. */
export function headerHeight(lines: number, scale: number): number {
  return lines === 0 ? 0 : lines * (textHeight(scale) + 2 * margin * scale) + margin * scale;
}

/**
 * Breaks a header's parts into lines of at most `width` pixels: parts are never broken, but cut where one alone is too
 * long.
 */
export function headerLines(parts: readonly string[], width: number, scale: number): readonly string[] {
  const signs = Math.max(1, Math.floor((width - 2 * margin * scale + scale) / (letterStep * scale)));
  const lines: string[] = [];
  for (const part of parts.map(writable).filter((each) => each !== '')) {
    const cut = part.length <= signs ? part : `${part.slice(0, Math.max(1, signs - 3))}...`;
    const last = lines.at(-1);
    const together = last === undefined ? cut : `${last}  ${cut}`;
    if (last !== undefined && together.length <= signs) lines[lines.length - 1] = together;
    else lines.push(cut);
  }
  return lines;
}

/** Writes the lines of a header into the left upper corner of the canvas. */
export function drawHeader(canvas: Canvas, lines: readonly string[], scale: number): void {
  for (const [index, line] of lines.entries()) {
    const top = margin * scale + index * (textHeight(scale) + 2 * margin * scale);
    canvas.write(line, margin * scale, top, scale);
  }
}
