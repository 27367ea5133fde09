import { afterEach, describe, expect, it, vi } from 'vitest';
import { ShownPictures } from '../../src/mcp/shown-pictures.ts';
import { fakeReport } from '../cli/fake-library.ts';

afterEach(() => {
  vi.useRealTimers();
});

const picture = {
  ...({ kind: 'mosaic', root: 1, series: 'CT' } as const),
  drawFull: () => Promise.reject(new Error('Nothing is drawn here.')),
};
const { tiles } = fakeReport();

describe('ShownPictures', () => {
  it('finds a tile by its address and the name of its picture', () => {
    const pictures = new ShownPictures('numbers');
    pictures.add(picture, tiles);
    pictures.add({ ...picture, series: 'MR' }, tiles);
    const of = (text: string): readonly [string, number] => {
      const found = pictures.tile(text);
      return [found.picture.series, found.tile.index];
    };
    expect(of('B1 of mosaic 1')).toEqual(['CT', 1]);
    expect(of(' b1  OF mosaic 2 ')).toEqual(['MR', 1]);
    expect(of('A1 of 1')).toEqual(['CT', 0]);
    expect(of('A1 mosaic 1')).toEqual(['CT', 0]);
    expect(of('A1')).toEqual(['MR', 0]);
  });

  it.each(['', 'C1 of mosaic 1', 'A1 of mosaic 2', 'A1 of the mosaic', 'A1; rm', '1 of mosaic 1'])(
    'refuses %j, and says what there is',
    (text) => {
      const pictures = new ShownPictures('numbers');
      pictures.add(picture, tiles);
      expect(() => pictures.tile(text)).toThrow(/mosaic 1/);
    },
  );

  it('does not offer tiles that could not be shown', () => {
    const pictures = new ShownPictures('numbers');
    const [first, second] = tiles;
    if (first === undefined || second === undefined) throw new Error('Expected two tiles.');
    pictures.add(picture, [first, { ...second, error: { code: 'decode', message: 'Damaged.' } }]);
    expect(() => pictures.tile('B1')).toThrow('from A1 to A1');
  });

  it('names pictures of several clients so that nobody guesses them, and never means the last', () => {
    const pictures = new ShownPictures('random');
    const names = new Set(Array.from({ length: 20 }, () => pictures.add(picture, tiles).name));
    expect(names.size).toBe(20);
    for (const name of names) expect(name).toMatch(/^[a-z2-9]{8}$/);
    const [name = ''] = names;
    expect(pictures.tile(`B1 of mosaic ${name}`).tile.index).toBe(1);
    const refused = (): unknown => pictures.tile('B1');
    expect(refused).toThrow('C4 of mosaic 2');
    for (const known of names) expect(refused).not.toThrow(known);
  });

  it('forgets the oldest of many, and all after an hour', () => {
    vi.useFakeTimers();
    const pictures = new ShownPictures('numbers');
    for (let count = 0; count < 70; count++) pictures.add(picture, tiles);
    expect(pictures.all()).toHaveLength(64);
    expect(() => pictures.byName('6')).toThrow('view_mosaic');
    expect(pictures.byName('7').name).toBe('7');
    vi.advanceTimersByTime(3600 * 1000 + 1);
    expect(pictures.all()).toEqual([]);
  });
});
