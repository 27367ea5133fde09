import { describe, expect, it } from 'vitest';
import { InvalidDicomError } from '../../src/base/errors.ts';
import { GreyTables } from '../../src/pixels/grey.ts';
import { type RenderRequest, renderFrame } from '../../src/pixels/render.ts';
import type { DecodedFrame, Palette, StoredValues } from '../../src/types/pixels.ts';

function request(
  values: StoredValues,
  parts: Partial<RenderRequest> & { readonly photometric?: string } = {},
): RenderRequest {
  const frame: DecodedFrame = {
    rows: 1,
    columns: values.length,
    samplesPerPixel: 1,
    values,
    photometricInterpretation: parts.photometric ?? 'MONOCHROME2',
  };
  return {
    frame,
    width: values.length,
    height: 1,
    bitsStored: 8,
    modality: { kind: 'linear', slope: 1, intercept: 0 },
    voi: undefined,
    ...parts,
  };
}

const palette: Palette = {
  firstMapped: 1,
  bits: 8,
  red: Uint16Array.of(10, 20),
  green: Uint16Array.of(30, 40),
  blue: Uint16Array.of(50, 60),
};

describe('renderFrame', () => {
  it('draws float padding black, also where the header has it as a decimal', () => {
    for (const photometric of ['MONOCHROME1', 'MONOCHROME2']) {
      const values = Float32Array.of(-9999.1, -1, 0, 1);
      const padding = { low: -9999.1, high: -9999.1 };
      const voi = { kind: 'window', window: { center: 0, width: 2, function: 'LINEAR_EXACT' } } as const;
      const bytes = [...renderFrame(request(values, { padding, voi, photometric })).data];
      expect(bytes).toEqual(photometric === 'MONOCHROME1' ? [0, 255, 127, 0] : [0, 0, 128, 255]);
    }
  });

  it('shows 8-bit values as they are without a window, in one channel', () => {
    const values = Uint8Array.from({ length: 256 }, (_, index) => index);
    const image = renderFrame(request(values));
    expect(image).toMatchObject({ width: 256, height: 1, channels: 1 });
    expect([...image.data]).toEqual([...values]);
  });

  it('spans signed, rescaled and float values without a window', () => {
    const int12 = request(Int16Array.of(-2048, 0, 2047), { bitsStored: 12 });
    expect([...renderFrame(int12).data]).toEqual([0, 128, 255]);
    const negative = { ...int12, modality: { kind: 'linear', slope: -2, intercept: 7 } } as const;
    expect([...renderFrame(negative).data]).toEqual([255, 127, 0]);
    expect([...renderFrame(request(Float32Array.of(-1, 0, 1), { bitsStored: 32 })).data]).toEqual([0, 128, 255]);
    expect([...renderFrame(request(Uint8Array.of(0, 1), { bitsStored: 1 })).data]).toEqual([0, 255]);
  });

  it('inverts MONOCHROME1 last, unless a shape says otherwise', () => {
    const values = Uint8Array.of(0, 100, 255);
    const inverted = [255, 155, 0];
    expect([...renderFrame(request(values, { photometric: 'MONOCHROME1' })).data]).toEqual(inverted);
    const identity = request(values, { photometric: 'MONOCHROME1', presentationLutShape: 'IDENTITY' });
    expect([...renderFrame(identity).data]).toEqual([...values]);
    expect([...renderFrame(request(values, { presentationLutShape: 'INVERSE' })).data]).toEqual(inverted);
  });

  it('draws padding black in both', () => {
    const padding = { low: 200, high: 255 };
    const values = Uint8Array.of(0, 199, 200, 255);
    expect([...renderFrame(request(values, { padding })).data]).toEqual([0, 199, 0, 0]);
    expect([...renderFrame(request(values, { padding, photometric: 'MONOCHROME1' })).data]).toEqual([255, 56, 0, 0]);
  });

  it('looks palette colours up without modality, window or padding', () => {
    const image = renderFrame(
      request(Uint8Array.of(0, 1, 2, 9), {
        photometric: 'PALETTE COLOR',
        palette,
        modality: { kind: 'linear', slope: 3, intercept: 9 },
        voi: { kind: 'window', window: { center: 5, width: 2, function: 'LINEAR' } },
        padding: { low: 2, high: 9 },
      }),
    );
    expect(image.channels).toBe(3);
    expect([...image.data]).toEqual([10, 30, 50, 10, 30, 50, 20, 40, 60, 20, 40, 60]);
  });

  it('averages colours, never palette indices', () => {
    const image = renderFrame({ ...request(Uint8Array.of(1, 2), { photometric: 'PALETTE COLOR', palette }), width: 1 });
    expect([...image.data]).toEqual([15, 35, 55]);
  });

  it('refuses a palette image without a palette, and a frame that is not whole', () => {
    expect(() => renderFrame(request(Uint8Array.of(1), { photometric: 'PALETTE COLOR' }))).toThrow(InvalidDicomError);
    const frame = { ...request(Uint8Array.of(1, 2)).frame, rows: 2 };
    expect(() => renderFrame({ ...request(Uint8Array.of(1, 2)), frame })).toThrow('Expected 2 x 2 pixels');
    const empty = { ...frame, rows: 0, columns: 0, values: new Uint8Array(0) };
    expect(() => renderFrame({ ...request(Uint8Array.of(1)), frame: empty })).toThrow(InvalidDicomError);
  });

  it('colours values of a supplemental palette, and leaves the others grey', () => {
    const image = renderFrame(
      request(Uint8Array.of(0, 100, 200), { supplementalPalette: { ...palette, firstMapped: 200 } }),
    );
    expect([...image.data]).toEqual([0, 0, 0, 100, 100, 100, 10, 30, 50]);
  });

  it('colours grey by a map, through tables and without', () => {
    const ramp = Uint8Array.from({ length: 256 }, (_, index) => index);
    const colourMap = { name: 'hot', tables: [ramp, ramp.map((byte) => 255 - byte), new Uint8Array(256)] } as const;
    const expected = [0, 255, 0, 128, 127, 0, 255, 0, 0];
    expect([...renderFrame(request(Int16Array.of(-2048, 0, 2047), { bitsStored: 12, colourMap })).data]).toEqual(
      expected,
    );
    const wide = request(Uint32Array.of(0, 2, 4), { bitsStored: 32, colourMap });
    expect([...renderFrame(wide).data]).toEqual(expected);
  });

  it('draws overlays in units of the stored image', () => {
    const overlay = { rows: 1, columns: 4, origin: [1, 1], bits: Uint8Array.of(0b0011), bitOffset: 0 } as const;
    const overlays = { planes: [overlay], rows: 1, columns: 4 };
    // Decoded at half the size: the overlay covers the first of two pixels.
    expect([...renderFrame(request(Uint8Array.of(7, 7), { overlays })).data]).toEqual([255, 7]);
  });

  it('windows before it reduces', () => {
    const voi = { kind: 'window', window: { center: 0.5, width: 1, function: 'LINEAR' } } as const;
    const image = renderFrame({ ...request(Uint8Array.of(0, 0, 0, 200), { voi }), width: 1 });
    expect([...image.data]).toEqual([64]);
  });

  it('does not mix up the tables of frames that share a cache', () => {
    const tables = new GreyTables();
    const low = { kind: 'window', window: { center: 50, width: 100, function: 'LINEAR_EXACT' } } as const;
    const high = { kind: 'window', window: { center: 150, width: 100, function: 'LINEAR_EXACT' } } as const;
    const variants: readonly Partial<RenderRequest>[] = [
      { voi: low },
      { voi: high },
      { voi: high, presentationLutShape: 'INVERSE' },
      { voi: high, padding: { low: 120, high: 130 } },
      { voi: high, padding: { low: 120, high: 122 } },
      { voi: high, padding: { low: 124, high: 122 } },
      { voi: high, modality: { kind: 'linear', slope: 1, intercept: 20 } },
      { voi: high, presentationLutShape: 'INVERSE' },
      { voi: { kind: 'table', table: { firstMapped: 0, bits: 8, entries: Uint16Array.of(9) } } },
    ];
    for (const values of [Uint8Array.of(60, 125, 180), Int8Array.of(60, 125, -76), Int16Array.of(60, 125, 180)]) {
      for (const parts of [...variants, ...variants.toReversed()]) {
        const one = request(values, parts);
        expect(renderFrame(one, tables)).toEqual(renderFrame(one));
      }
    }
  });

  it('leaves its input as it is', () => {
    const values = Int16Array.of(1, 2, 3, 4);
    renderFrame({ ...request(values, { photometric: 'MONOCHROME1' }), width: 2 });
    expect([...values]).toEqual([1, 2, 3, 4]);
  });
});
