import { describe, expect, it } from 'vitest';
import { drawLabelMap, drawSegments } from '../../src/pixels/colour/segments.ts';
import { drawOverlays } from '../../src/pixels/draw-overlays.ts';
import type { DecodedFrame, DisplayImage, OverlayPlane, StoredValues } from '../../src/types/pixels.ts';

const grey = (width: number, height: number, value: number): DisplayImage => ({
  width,
  height,
  channels: 1,
  data: new Uint8Array(width * height).fill(value),
});

function plane(rows: number, columns: number, set: readonly number[], parts: Partial<OverlayPlane> = {}): OverlayPlane {
  const bitOffset = parts.bitOffset ?? 0;
  const bits = new Uint8Array(Math.ceil((bitOffset + rows * columns) / 8));
  for (const index of set)
    bits[(bitOffset + index) >> 3] = (bits[(bitOffset + index) >> 3] ?? 0) | (1 << ((bitOffset + index) & 7));
  return { rows, columns, origin: [1, 1], bits, bitOffset, ...parts };
}

describe('drawOverlays', () => {
  it('draws set bits white, the least significant bit first', () => {
    const drawn = drawOverlays(grey(3, 2, 10), [plane(2, 3, [1, 5])], 2, 3);
    expect([...drawn.data]).toEqual([10, 255, 10, 10, 10, 255]);
  });

  it('puts the origin at row and column from 1, and cuts what lies outside', () => {
    const all = [0, 1, 2, 3];
    const at = (row: number, column: number) => [
      ...drawOverlays(grey(3, 3, 0), [plane(2, 2, all, { origin: [row, column] })], 3, 3).data,
    ];
    expect(at(1, 2)).toEqual([0, 255, 255, 0, 255, 255, 0, 0, 0]);
    expect(at(3, 3)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 255]);
    expect(at(0, 0)).toEqual([255, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(at(-9, 50)).toEqual(Array(9).fill(0));
  });

  it('starts a frame between bytes, and draws nothing for bits that are missing', () => {
    expect([...drawOverlays(grey(3, 1, 0), [plane(1, 3, [0, 2], { bitOffset: 13 })], 1, 3).data]).toEqual([
      255, 0, 255,
    ]);
    const short = plane(1, 3, [0], { bits: new Uint8Array(0) });
    expect([...drawOverlays(grey(3, 1, 7), [short], 1, 3).data]).toEqual([7, 7, 7]);
  });

  it('lightens a reduced image by the covered part, all channels alike', () => {
    const image: DisplayImage = { width: 1, height: 1, channels: 3, data: Uint8Array.of(0, 55, 255) };
    const drawn = drawOverlays(image, [plane(2, 2, [3])], 2, 2);
    expect([...drawn.data]).toEqual([64, 105, 255]);
    expect([...image.data]).toEqual([0, 55, 255]);
  });
});

function frame(values: StoredValues, columns: number): DecodedFrame {
  const rows = values.length / columns;
  return { rows, columns, samplesPerPixel: 1, values, photometricInterpretation: 'MONOCHROME2' };
}

describe('drawSegments', () => {
  it('lays segments over each other, the later ones on top', () => {
    const drawn = drawSegments(
      [
        { frame: frame(Uint8Array.of(1, 1, 0), 3), maximum: 1, colour: [255, 0, 0] },
        { frame: frame(Uint8Array.of(0, 1, 1), 3), maximum: 1, colour: [0, 255, 10] },
      ],
      3,
      1,
    );
    expect([...drawn.data]).toEqual([255, 0, 0, 0, 255, 10, 0, 255, 10]);
  });

  it('takes a fraction of the colour for a fraction of the pixel', () => {
    const half = drawSegments([{ frame: frame(Uint8Array.of(100), 1), maximum: 200, colour: [200, 100, 0] }], 1, 1);
    const part = drawSegments(
      [{ frame: frame(Uint8Array.of(1, 0, 0, 1), 2), maximum: 1, colour: [200, 100, 0] }],
      1,
      1,
    );
    expect([...half.data]).toEqual([100, 50, 0]);
    expect([...part.data]).toEqual([100, 50, 0]);
  });

  it('refuses values that are no labels', () => {
    const layer = { frame: frame(new Float32Array(1), 1), maximum: 1, colour: [1, 2, 3] } as const;
    expect(() => drawSegments([layer], 1, 1)).toThrow('at most 16 bits');
  });
});

describe('drawLabelMap', () => {
  it('gives each value its colour and the others black', () => {
    const colours = new Map([
      [2, [1, 2, 3] as const],
      [300, [4, 5, 6] as const],
      [99_999, [7, 8, 9] as const],
    ]);
    expect([...drawLabelMap(frame(Uint16Array.of(2, 300, 5), 3), colours, 3, 1).data]).toEqual([
      1, 2, 3, 4, 5, 6, 0, 0, 0,
    ]);
  });
});
