import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type TerminalOptions, terminalPicture } from '../../src/compose/terminal-picture.ts';
import { randomBytes, seededRandom } from '../support/dicom/index.js';

/** What a terminal gets, with ^ for the escape sign. */
async function shownBy(bytes: Uint8Array, options: TerminalOptions): Promise<string> {
  return (await terminalPicture(bytes, options)).replaceAll('\u001b', '^');
}

/** 5 x 7 pixels: a grey ramp, and a red and a blue corner. */
const width = 5;
const height = 7;
const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => Math.trunc(at / 3) * 7);
pixels.set([255, 0, 0], 0);
pixels.set([0, 0, 255], (width * height - 1) * 3);
const picture = new Uint8Array(
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer(),
);

/** Draws sixel data as DEC's terminals do: colours are in percent. */
function drawSixel(text: string): { readonly data: Uint8Array; readonly drawn: Uint8Array } {
  const [, body = ''] = /^\^P0;1q"1;1;5;7([^^]*)\^\\\n$/.exec(text) ?? [];
  const palette = new Map<number, readonly number[]>();
  const data = new Uint8Array(width * height * 3);
  const drawn = new Uint8Array(width * height);
  let [colour, x, top]: [number, number, number] = [0, 0, 0];
  for (const [token] of body.matchAll(/#\d+;2;\d+;\d+;\d+|#\d+|!\d+.|[$-]|[?-~]/g)) {
    if (token === '$') x = 0;
    else if (token === '-') [x, top] = [0, top + 6];
    else if (token.startsWith('#')) {
      const [index = 0, , ...levels] = token.slice(1).split(';').map(Number);
      colour = index;
      if (levels.length === 3)
        palette.set(
          index,
          levels.map((level) => Math.round(level * 2.55)),
        );
    } else {
      const count = token.startsWith('!') ? Number(token.slice(1, -1)) : 1;
      const bits = (token.codePointAt(token.length - 1) ?? 63) - 63;
      for (let step = 0; step < count; step++, x++) {
        for (let row = 0; row < 6; row++) {
          if (((bits >> row) & 1) === 0) continue;
          const pixel = (top + row) * width + x;
          drawn[pixel] = (drawn[pixel] ?? 0) + 1;
          data.set(palette.get(colour) ?? [], pixel * 3);
        }
      }
    }
  }
  return { data, drawn };
}

describe('a picture in a terminal', () => {
  it('is sent to kitty in pieces, as PNG, and asks for no answer', async () => {
    const noise = randomBytes(64 * 64 * 3, seededRandom(1));
    const large = new Uint8Array(
      await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
        .png()
        .toBuffer(),
    );
    const text = await shownBy(large, { protocol: 'kitty', columns: 40 });
    const pieces = [...text.matchAll(/\^_G([^;]*);([^^]*)\^\\/g)];
    expect(pieces.map(([, keys]) => keys)).toEqual([
      'a=T,f=100,q=2,c=40,m=1',
      ...Array.from({ length: pieces.length - 2 }, () => 'm=1'),
      'm=0',
    ]);
    expect(pieces.every(([, , piece = '']) => piece.length <= 4096)).toBe(true);
    expect(Buffer.from(pieces.map(([, , piece]) => piece).join(''), 'base64').equals(Buffer.from(large))).toBe(true);
  });

  it('is sent to iTerm2 as one file', async () => {
    const text = await shownBy(picture, { protocol: 'iterm2', columns: 40 });
    const base64 = Buffer.from(picture).toString('base64');
    expect(text).toBe(`^]1337;File=inline=1;size=${picture.length};width=40;preserveAspectRatio=1:${base64}\u0007\n`);
  });

  it('is drawn in sixels: each pixel once, in about its colour', async () => {
    const { data, drawn } = drawSixel(await shownBy(picture, { protocol: 'sixel', columns: 40 }));
    expect(new Set(drawn)).toEqual(new Set([1]));
    for (const [at, value] of data.entries()) expect(Math.abs(value - (pixels[at] ?? 0))).toBeLessThanOrEqual(6);
  });

  it('is drawn in half-blocks of exactly its colours', async () => {
    const text = await shownBy(picture, { protocol: 'blocks', columns: 40 });
    const lines = text.split('\n');
    expect(lines).toHaveLength(5);
    const shown: number[][] = [];
    for (const [line, content] of lines.slice(0, 4).entries()) {
      let colours: readonly number[] = [];
      let column = 0;
      for (const [token] of content.matchAll(/\^\[[\d;]*m|\u2580/g)) {
        if (token === '\u2580') {
          shown[2 * line * width + column] = colours.slice(2, 5);
          if (colours.length > 6) shown[(2 * line + 1) * width + column] = colours.slice(7, 10);
          column++;
        } else colours = token.slice(2, -1).split(';').map(Number);
      }
      expect([column, content.endsWith('^[0m')]).toEqual([width, true]);
    }
    expect(shown.flat()).toEqual([...pixels]);
  });

  it('has only the 256 colours of older terminals where asked', async () => {
    const text = await shownBy(picture, { protocol: 'blocks-256', columns: 40 });
    expect(text).toMatch(/^\^\[38;5;196;48;5;\d+m\u2580/);
    expect(text).not.toMatch(/[34]8;2;/);
    const indices = Array.from(text.matchAll(/[34]8;5;(\d+)/g), ([, index]) => Number(index));
    expect(indices.every((index) => index >= 16 && index <= 255)).toBe(true);
  });

  it('is made as narrow as the terminal', async () => {
    const text = await shownBy(picture, { protocol: 'blocks', columns: 3 });
    expect(
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.match(/\u2580/g)?.length),
    ).toEqual([3, 3]);
  });

  it('is an error where it is no picture, or the terminal has no columns', async () => {
    await expect(terminalPicture(Uint8Array.of(1, 2), { protocol: 'sixel', columns: 80 })).rejects.toThrow('decoded');
    await expect(terminalPicture(picture, { protocol: 'sixel', columns: 0 })).rejects.toThrow('1 to 1000 columns');
  });
});
