import { describe, expect, it } from 'vitest';
import { Canvas, textWidth } from '../../src/compose/canvas.ts';
import { writable } from '../../src/compose/font.ts';
import { drawHeader, drawLabels, headerHeight, headerLines, labelScale } from '../../src/compose/labels.ts';

/** A part of a grey canvas as text: letters, and nothing else. */
function letters(canvas: Canvas, left: number, top: number, columns: number, rows: number): readonly string[] {
  const { data, width } = canvas.image;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => (data[(top + row) * width + left + column] === 235 ? '#' : ' '))
      .join('')
      .trimEnd(),
  );
}

const plain = { name: [], kind: [] };
const wholeTile = (canvas: Canvas) => ({ left: 0, top: 0, width: canvas.width, height: canvas.height });

describe('drawLabels', () => {
  it('writes letters that can be told apart', () => {
    const canvas = new Canvas(40, 12, 1);
    drawLabels(canvas, wholeTile(canvas), { ...plain, name: ['RLb4'] }, 1);
    expect(letters(canvas, 2, 2, 24, 7)).toEqual([
      '####  #     #        #',
      '#   # #     #       ##',
      '#   # #     # ##   # #',
      '####  #     ##  # #  #',
      '# #   #     #   # #####',
      '#  #  #     #   #    #',
      '#   # ##### ####     #',
    ]);
  });

  /** The rows of a canvas that have letters, without those between them. */
  const rowsOf = (canvas: Canvas): readonly number[] =>
    letters(canvas, 0, 0, canvas.width, canvas.height).flatMap((line, row) => (line === '' ? [] : [row]));
  const letterRows = (top: number): readonly number[] => Array.from({ length: 7 }, (_, row) => top + row);

  it('writes the place below the name, and behind it where an address stands above both', () => {
    const below = new Canvas(128, 128, 1);
    drawLabels(below, wholeTile(below), { ...plain, name: ['128'], place: '1234.5 mm' }, 1);
    expect(rowsOf(below)).toEqual([...letterRows(2), ...letterRows(11)]);
    const behind = new Canvas(128, 128, 1);
    drawLabels(behind, wholeTile(behind), { ...plain, address: 'C4', name: ['128'], place: '1234.5 mm' }, 1);
    const expected = new Canvas(128, 128, 1);
    expected.write('128  1234.5 mm', 2, 18, 1);
    expect(letters(behind, 0, 18, 128, 7)).toEqual(letters(expected, 0, 18, 128, 7));
    expect(rowsOf(behind).at(-1)).toBe(24);
  });

  it('writes what has no room beside the letter of the lower edge above it', () => {
    const edges = { left: 'R', right: 'L', top: 'A', bottom: 'P' };
    const tops = ['soft-tissue', 'lung'].map((kind) => {
      const canvas = new Canvas(128, 128, 1);
      drawLabels(canvas, wholeTile(canvas), { ...plain, kind: [kind], letters: edges, pixelsPerMm: 0.7 }, 1);
      const lines = letters(canvas, 0, 100, textWidth('soft', 1), 28);
      return lines.findIndex((line) => line !== '') + 100;
    });
    expect(tops).toEqual([110, 119]);
  });

  it('draws no bar that cannot say how long it is', () => {
    const canvas = new Canvas(48, 48, 1);
    const edges = { left: 'R', right: 'L', top: 'AH', bottom: 'PF' };
    drawLabels(canvas, wholeTile(canvas), { ...plain, letters: edges, pixelsPerMm: 0.1 }, 1);
    expect(letters(canvas, 32, 40, 16, 8).join('')).toBe('');
  });

  it('writes the longest text that fits, and none where none does', () => {
    const names = ['12  34 mm', '12'];
    const wide = new Canvas(64, 20, 1);
    drawLabels(wide, wholeTile(wide), { ...plain, name: names }, 1);
    const narrow = new Canvas(30, 20, 1);
    drawLabels(narrow, wholeTile(narrow), { ...plain, name: names }, 1);
    const tiny = new Canvas(8, 8, 1);
    drawLabels(tiny, wholeTile(tiny), { ...plain, name: names }, 1);
    const widthOf = (canvas: Canvas): number =>
      Math.max(0, ...letters(canvas, 0, 0, canvas.width, canvas.height).map((line) => line.length));
    expect(widthOf(wide)).toBeGreaterThan(textWidth('12  34', 1));
    expect(widthOf(narrow)).toBeLessThan(2 + textWidth('12', 1) + 1);
    expect(widthOf(narrow)).toBeGreaterThan(4);
    expect(widthOf(tiny)).toBe(0);
  });

  it.each([
    [1, '5 cm', 50],
    [0.4, '10 cm', 40],
    [30, '1 mm', 30],
    [40_000, '1 um', 40],
  ])('draws a bar whose length is true, at %s pixels a millimetre', (pixelsPerMm, text, length) => {
    const canvas = new Canvas(160, 160, 1);
    drawLabels(canvas, wholeTile(canvas), { ...plain, pixelsPerMm }, 1);
    const bar = letters(canvas, 0, 157, 160, 1)[0] ?? '';
    expect(bar.trim()).toBe('#'.repeat(length));
    const expected = new Canvas(160, 160, 1);
    expected.write(text, 158 - textWidth(text, 1), 0, 1);
    expect(letters(canvas, 0, 148, 160, 7)).toEqual(letters(expected, 0, 0, 160, 7));
  });

  it('draws no bar that would be longer than the image, or no longer than a dot', () => {
    for (const pixelsPerMm of [1e9, 1e-9]) {
      const canvas = new Canvas(100, 100, 1);
      drawLabels(canvas, wholeTile(canvas), { ...plain, pixelsPerMm }, 1);
      expect(canvas.image.data.every((value) => value === 0)).toBe(true);
    }
  });

  it('puts letters in the middle of the edges', () => {
    const canvas = new Canvas(96, 96, 1);
    const edges = { left: 'R', right: 'L', top: 'A', bottom: 'P' };
    drawLabels(canvas, wholeTile(canvas), { ...plain, letters: edges }, 1);
    const at = (left: number, top: number): string => letters(canvas, left, top, 5, 7).join('/');
    const glyph = (sign: string): string => {
      const one = new Canvas(5, 7, 1);
      one.write(sign, 0, 0, 1);
      return letters(one, 0, 0, 5, 7).join('/');
    };
    expect([at(2, 45), at(89, 45), at(46, 2), at(46, 87)]).toEqual(['R', 'L', 'A', 'P'].map(glyph));
  });
});

describe('the header', () => {
  it('breaks between its parts, and cuts a part that is too long', () => {
    expect(headerLines(['CT Thorax', 'W 400 C 40', '36 of 300'], 180, 1)).toEqual([
      'CT Thorax  W 400 C 40',
      '36 of 300',
    ]);
    const [line = ''] = headerLines(['a very long description of a series'], 100, 1);
    expect(line).toBe('a very long d...');
    expect(textWidth(line, 1)).toBeLessThanOrEqual(96);
    expect(headerLines(['', ''], 100, 1)).toEqual([]);
  });

  it('stays within its height', () => {
    const canvas = new Canvas(100, headerHeight(2, 2) + 10, 1);
    drawHeader(canvas, ['gjpqy', 'gjpqy'], 2);
    expect(letters(canvas, 0, headerHeight(2, 2), 100, 10).join('')).toBe('');
    expect(letters(canvas, 0, 0, 100, headerHeight(2, 2)).join('')).not.toBe('');
  });
});

describe('the font', () => {
  it('writes what it has no letter for as something near', () => {
    expect(writable('Schädel µ 5×5 “—” \u{1f600}')).toBe('Schadel u 5x5 ?-? ?');
    expect(writable('胸部')).toBe('??');
  });

  it('grows with the cells', () => {
    expect([64, 128, 255, 256, 512, 767, 768, 4096].map(labelScale)).toEqual([1, 1, 1, 2, 2, 2, 3, 9]);
  });
});
