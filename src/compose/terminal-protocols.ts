import { encoder } from './encode.ts';

/** How a picture gets into a terminal: a protocol for images, or coloured half-blocks, which all terminals show. */
export type TerminalProtocol = 'kitty' | 'iterm2' | 'sixel' | 'blocks' | 'blocks-256';

/** Pixels of a character, where the terminal does not scale by itself: it is wider in nearly all fonts. */
const pixelsPerColumn = 8;

const escapeSign = '\u001b';

/**
 * The text that shows a picture.
 *
 * @throws sharp's errors where it is no picture
 */
export async function textOfPicture(picture: Uint8Array, protocol: TerminalProtocol, columns: number): Promise<string> {
  switch (protocol) {
    case 'kitty':
      return kitty(await pngOf(picture), columns);
    case 'iterm2':
      return iterm2(await pngOf(picture), columns);
    case 'sixel':
      return sixel(await pixelsOf(picture, columns * pixelsPerColumn));
    case 'blocks':
      return blocks(await pixelsOf(picture, columns), trueColour);
    case 'blocks-256':
      return blocks(await pixelsOf(picture, columns), indexedColour);
  }
}

async function pngOf(picture: Uint8Array): Promise<Buffer> {
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength);
  if (bytes.toString('latin1', 1, 4) === 'PNG') return bytes;
  return await encoder()(picture).png().toBuffer();
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue, row by row. */
  readonly data: Uint8Array;
}

async function pixelsOf(picture: Uint8Array, maxWidth: number): Promise<Pixels> {
  const scaled = encoder()(picture)
    .toColourspace('srgb')
    .removeAlpha()
    .resize({ width: maxWidth, withoutEnlargement: true });
  const { data, info } = await scaled.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** https://sw.kovidgoyal.net/kitty/graphics-protocol/: base64 in pieces of 4096; the terminal is asked for no answer (q=2). */
function kitty(png: Buffer, columns: number): string {
  const pieces = png.toString('base64').match(/.{1,4096}/g) ?? [];
  const sent = pieces.map((piece, index) => {
    const keys = index === 0 ? `a=T,f=100,q=2,c=${columns},` : '';
    return `${escapeSign}_G${keys}m=${index < pieces.length - 1 ? 1 : 0};${piece}${escapeSign}\\`;
  });
  return `${sent.join('')}\n`;
}

/** https://iterm2.com/documentation-images.html */
function iterm2(png: Buffer, columns: number): string {
  const keys = `inline=1;size=${png.length};width=${columns};preserveAspectRatio=1`;
  return `${escapeSign}]1337;File=${keys}:${png.toString('base64')}\u0007\n`;
}

/** Levels of red, green and blue, and of grey, in a palette of 6^3 + 40 colours. */
const cubeLevels = 6;
const greyLevels = 40;

/** DEC sixel graphics: bands of six rows, one colour after the other, with repeats. */
function sixel({ width, height, data }: Pixels): string {
  const indices = new Uint16Array(width * height);
  for (let pixel = 0; pixel < indices.length; pixel++) indices[pixel] = paletteIndex(data, pixel * 3);
  const used = new Set(indices);
  const parts = [`${escapeSign}P0;1q"1;1;${width};${height}`];
  for (const index of used) parts.push(`#${index};2;${paletteColour(index).join(';')}`);
  for (let top = 0; top < height; top += 6) {
    const inBand = new Set(indices.subarray(top * width, Math.min(top + 6, height) * width));
    for (const index of inBand) parts.push(`#${index}${sixelRow(indices, index, { top, width, height })}$`);
    parts.push('-');
  }
  return `${parts.join('')}${escapeSign}\\\n`;
}

/** One colour of a band: a sign a column, whose six bits are the rows. */
function sixelRow(
  indices: Uint16Array,
  index: number,
  { top, width, height }: { readonly top: number; readonly width: number; readonly height: number },
): string {
  let text = '';
  let last = '';
  let repeats = 0;
  const flush = (): void => {
    text += repeats > 3 ? `!${repeats}${last}` : last.repeat(repeats);
  };
  for (let column = 0; column < width; column++) {
    let bits = 0;
    for (let row = 0; row < 6 && top + row < height; row++) {
      if (indices[(top + row) * width + column] === index) bits |= 1 << row;
    }
    const sign = String.fromCodePoint(63 + bits);
    if (sign === last) repeats++;
    else {
      flush();
      [last, repeats] = [sign, 1];
    }
  }
  flush();
  return text;
}

function paletteIndex(data: Uint8Array, at: number): number {
  const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
  if (isGrey(red, green, blue)) return cubeLevels ** 3 + Math.round((green * (greyLevels - 1)) / 255);
  const level = (value: number): number => Math.round((value * (cubeLevels - 1)) / 255);
  return (level(red) * cubeLevels + level(green)) * cubeLevels + level(blue);
}

/** Percents of red, green and blue. */
function paletteColour(index: number): readonly number[] {
  const grey = index - cubeLevels ** 3;
  if (grey >= 0) {
    const share = Math.round((grey * 100) / (greyLevels - 1));
    return [share, share, share];
  }
  return [Math.floor(index / cubeLevels ** 2), Math.floor(index / cubeLevels) % cubeLevels, index % cubeLevels].map(
    (level) => Math.round((level * 100) / (cubeLevels - 1)),
  );
}

/** Lossy pictures are not exactly grey. */
function isGrey(red: number, green: number, blue: number): boolean {
  return Math.max(red, green, blue) - Math.min(red, green, blue) <= 8;
}

/** Parameters of SGR (ECMA-48 8.3.117) for a colour, after 38 or 48. */
type ColourCode = (red: number, green: number, blue: number) => string;

const trueColour: ColourCode = (red, green, blue) => `2;${red};${green};${blue}`;

/** Of the 256 colours: 24 greys from 232 on (8, 18 .. 238), and a cube of 6 x 6 x 6 from 16 on (0, 95, 135 .. 255). */
const indexedColour: ColourCode = (red, green, blue) => {
  if (isGrey(red, green, blue)) {
    if (green < 4) return '5;16';
    return green > 246 ? '5;231' : `5;${232 + Math.min(23, Math.max(0, Math.round((green - 8) / 10)))}`;
  }
  const level = (value: number): number => (value < 48 ? 0 : value < 115 ? 1 : Math.round((value - 55) / 40));
  return `5;${16 + (level(red) * 6 + level(green)) * 6 + level(blue)}`;
};

/** A character shows two pixels, one above the other: the upper half in its own colour, the lower half as its ground. */
function blocks({ width, height, data }: Pixels, code: ColourCode): string {
  const colourAt = (row: number, column: number): string => {
    const at = (row * width + column) * 3;
    return code(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
  };
  let text = '';
  for (let row = 0; row < height; row += 2) {
    let last = '';
    for (let column = 0; column < width; column++) {
      const lower = row + 1 < height ? `48;${colourAt(row + 1, column)}` : '49';
      const colours = `38;${colourAt(row, column)};${lower}`;
      if (colours !== last) text += `${escapeSign}[${colours}m`;
      last = colours;
      text += '\u2580';
    }
    text += `${escapeSign}[0m\n`;
  }
  return text;
}
