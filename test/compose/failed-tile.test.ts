import { describe, expect, it } from 'vitest';
import { failedTile } from '../../src/compose/failed-tile.ts';

function picture(width: number, height: number): readonly string[] {
  const { data } = failedTile(width, height);
  return Array.from({ length: height }, (_, row) =>
    Array.from(data.subarray(row * width, (row + 1) * width), (value) => (value > 100 ? '#' : '.')).join(''),
  );
}

describe('failedTile', () => {
  it('is a border with both diagonals, never empty and never all marked', () => {
    expect(picture(9, 9)).toEqual([
      '#########',
      '##.....##',
      '#.#...#.#',
      '#..#.#..#',
      '#...#...#',
      '#..#.#..#',
      '#.#...#.#',
      '##.....##',
      '#########',
    ]);
  });

  it('runs from corner to corner of a tile that is not square', () => {
    const rows = picture(40, 12);
    expect(rows[1]?.slice(0, 7)).toMatch(/#{3,}/);
    expect(rows[6]?.slice(15, 25)).toContain('##');
    expect(rows[2]?.slice(15, 25)).toBe('..........');
  });

  it('has the size that was asked for, down to one pixel', () => {
    for (const [width, height] of [
      [1, 1],
      [2, 3],
      [128, 96],
    ] as const) {
      const tile = failedTile(width, height);
      expect([tile.width, tile.height, tile.channels, tile.data.length]).toEqual([width, height, 1, width * height]);
    }
  });
});
