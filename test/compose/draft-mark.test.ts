import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markAsDraft } from '../../src/compose/draft-mark.ts';
import type { DisplayImage } from '../../src/types/pixels.ts';

function plain(width: number, height: number, value: number, channels: 1 | 3 = 1): DisplayImage {
  return { width, height, channels, data: new Uint8Array(width * height * channels).fill(value) };
}

/** A part of a grey picture as text: bright and dark pixels, and those that were left as they were. */
function drawn({ width, data }: DisplayImage, left: number, top: number, columns: number, rows: number): string[] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const value = data[(top + row) * width + left + column] ?? 0;
      return value === 235 ? '#' : value === 16 ? '.' : ' ';
    }).join(''),
  );
}

describe('markAsDraft', () => {
  it('writes the word into the lower right corner, with a dark rim and nothing behind it', () => {
    const picture = markAsDraft(plain(64, 20, 128), 64);
    expect(drawn(picture, 0, 0, 64, 9).join('').trim()).toBe('');
    expect(drawn(picture, 32, 10, 32, 10).map((line) => line.replaceAll('.', ' ').trimEnd())).toEqual([
      '',
      ' ####  ####   ###  ##### #####',
      ' #   # #   # #   # #       #',
      ' #   # #   # #   # #       #',
      ' #   # ####  ##### ####    #',
      ' #   # # #   #   # #       #',
      ' #   # #  #  #   # #       #',
      ' ####  #   # #   # #       #',
      '',
      '',
    ]);
    // The rim of the T.
    expect(drawn(picture, 56, 10, 8, 4)).toEqual([`....... `, `.#####. `, `...#... `, `  .#.   `]);
  });

  it('leaves the picture it was given alone, and its size and channels', () => {
    const picture = plain(768, 768, 90, 3);
    const marked = markAsDraft(picture, 128);
    expect(picture.data.every((value) => value === 90)).toBe(true);
    expect(marked).toMatchObject({ width: 768, height: 768, channels: 3 });
    expect(marked.data.every((value, at) => value === marked.data[at - (at % 3)])).toBe(true);
  });

  it('covers little: within half a cell, and about a tenth of its height', () => {
    const size = 768;
    const { data } = markAsDraft(plain(size, size, 90), 128);
    let changed = 0;
    for (const [at, value] of data.entries()) {
      if (value === 90) continue;
      changed++;
      expect([at % size > size - 70, at / size > size - 22]).toEqual([true, true]);
    }
    expect(changed).toBeGreaterThan(300);
    expect(changed).toBeLessThan(1100);
  });

  it('is seen on any picture, however small, bright or dark', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 90 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom<1 | 3>(1, 3),
        (width, height, value, cellWidth, channels) => {
          const marked = markAsDraft(plain(width, height, value, channels), cellWidth);
          expect(marked.data).toHaveLength(width * height * channels);
          const contrast = Math.max(...marked.data.map((shown) => Math.abs(shown - value)));
          expect(contrast).toBeGreaterThan(100);
        },
      ),
    );
  });
});
