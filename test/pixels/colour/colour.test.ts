import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cielabToRgb, encodedCielabToRgb } from '../../../src/pixels/colour/cielab.ts';
import { colourSource, toRgb } from '../../../src/pixels/colour/colour.ts';
import { colourMap } from '../../../src/pixels/colour/colour-maps.ts';
import { paletteByPattern, paletteTables } from '../../../src/pixels/colour/palette.ts';
import { resizeThroughTables } from '../../../src/pixels/scale/resize.ts';
import type { DecodedFrame, Palette, StoredValues } from '../../../src/types/pixels.ts';

function pixels(photometricInterpretation: string, samplesPerPixel: number, values: StoredValues): DecodedFrame {
  return { rows: 1, columns: values.length / samplesPerPixel, samplesPerPixel, values, photometricInterpretation };
}

function shown(frame: DecodedFrame, options: Parameters<typeof colourSource>[1]): readonly number[] {
  const { image, tables } = colourSource(frame, options);
  return [...resizeThroughTables(image, tables, frame.columns, frame.rows).data];
}

const byte = fc.integer({ min: 0, max: 255 });

describe('toRgb', () => {
  it("undoes the standard's RGB to YBR_FULL within rounding", () => {
    fc.assert(
      fc.property(byte, byte, byte, (red, green, blue) => {
        // PS3.3 C.7.6.3.1.2
        const ybr = Uint8Array.of(
          Math.round(0.299 * red + 0.587 * green + 0.114 * blue),
          Math.min(Math.round(-0.1687 * red - 0.3313 * green + 0.5 * blue + 128), 255),
          Math.min(Math.round(0.5 * red - 0.4187 * green - 0.0813 * blue + 128), 255),
        );
        const [r = -9, g = -9, b = -9] = toRgb(pixels('YBR_FULL', 3, ybr), { bitsStored: 8 });
        expect(Math.max(Math.abs(r - red), Math.abs(g - green), Math.abs(b - blue))).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('leaves greys grey and clips what lies outside', () => {
    const ybr = Uint8Array.of(77, 128, 128, 255, 255, 255, 0, 0, 0);
    expect([...toRgb(pixels('YBR_FULL', 3, ybr), { bitsStored: 8 })]).toEqual([77, 77, 77, 255, 121, 255, 0, 135, 0]);
  });

  it('spans the whole range from YBR_PARTIAL', () => {
    const ybr = Uint8Array.of(16, 128, 128, 235, 128, 128, 81, 90, 240);
    const rgb = [...toRgb(pixels('YBR_PARTIAL_422', 3, ybr), { bitsStored: 8 })];
    expect(rgb.slice(0, 6)).toEqual([0, 0, 0, 255, 255, 255]);
    // BT.601's red.
    [254, 0, 0].forEach((expected, index) => {
      expect(Math.abs((rgb[6 + index] ?? -9) - expected)).toBeLessThanOrEqual(1);
    });
  });

  it('shows CMYK as what the inks leave', () => {
    const cmyk = Uint8Array.of(0, 0, 0, 0, 255, 0, 0, 0, 10, 20, 30, 40, 200, 200, 200, 200);
    const rgb = [255, 255, 255, 0, 255, 255, 205, 195, 185, 0, 0, 0];
    expect([...toRgb(pixels('CMYK', 4, cmyk), { bitsStored: 8 })]).toEqual(rgb);
  });

  it('lets the palette replace RGB where alpha reaches it', () => {
    const palette: Palette = {
      firstMapped: 1,
      bits: 8,
      red: Uint16Array.of(1, 4),
      green: Uint16Array.of(2, 5),
      blue: Uint16Array.of(3, 6),
    };
    const argb = Uint8Array.of(0, 9, 8, 7, 1, 9, 8, 7, 200, 9, 8, 7);
    expect([...toRgb(pixels('ARGB', 4, argb), { bitsStored: 8, palette })]).toEqual([9, 8, 7, 1, 2, 3, 4, 5, 6]);
    expect([...toRgb(pixels('ARGB', 4, argb), { bitsStored: 8 })]).toEqual([9, 8, 7, 9, 8, 7, 9, 8, 7]);
  });

  it('turns hue, saturation and value into the primaries', () => {
    const third = Math.round(256 / 3);
    const hsv = Uint8Array.of(0, 255, 255, third, 255, 255, 2 * third, 255, 255, 7, 0, 99);
    const rgb = [...toRgb(pixels('HSV', 3, hsv), { bitsStored: 8 })];
    [255, 0, 0, 0, 255, 0, 0, 0, 255, 99, 99, 99].forEach((expected, index) => {
      expect(Math.abs((rgb[index] ?? -99) - expected)).toBeLessThanOrEqual(4);
    });
  });

  it('refuses Photometric Interpretations that it does not know', () => {
    expect(() => toRgb(pixels('YBR_RCT', 3, new Uint8Array(3)), { bitsStored: 8 })).toThrow("'YBR_RCT'");
    expect(() => toRgb(pixels('RGB', 2, new Uint8Array(2)), { bitsStored: 8 })).toThrow('2 samples per pixel');
  });
});

describe('colourSource', () => {
  it('passes 8-bit RGB on unchanged, without a copy', () => {
    const values = Uint8Array.of(1, 2, 3, 253, 254, 255);
    const source = colourSource(pixels('RGB', 3, values), { bitsStored: 8 });
    expect(source.image.indices).toBe(values);
    expect(shown(pixels('RGB', 3, values), { bitsStored: 8 })).toEqual([...values]);
  });

  it('scales 16, 12 and 32 bits to 8', () => {
    const greatest = 2 ** 32 - 1;
    expect(shown(pixels('RGB', 3, Uint16Array.of(0, 257, 65_535)), { bitsStored: 16 })).toEqual([0, 1, 255]);
    expect(shown(pixels('RGB', 3, Uint16Array.of(0, 2048, 4095)), { bitsStored: 12 })).toEqual([0, 128, 255]);
    expect(shown(pixels('RGB', 3, Uint32Array.of(0, 2 ** 31, greatest)), { bitsStored: 32 })).toEqual([0, 128, 255]);
  });

  it('windows red, green and blue alike, only where asked', () => {
    const window = { center: 100, width: 100, function: 'LINEAR_EXACT' } as const;
    expect(shown(pixels('RGB', 3, Uint8Array.of(50, 100, 151)), { bitsStored: 8, window })).toEqual([0, 128, 255]);
    expect(shown(pixels('YBR_FULL', 3, Uint8Array.of(100, 128, 128)), { bitsStored: 8, window })).toEqual([
      128, 128, 128,
    ]);
    const wide = { center: 257 * 100, width: 257 * 100, function: 'LINEAR' } as const;
    const grey = Uint16Array.of(257 * 100, 32_768, 32_768);
    expect(shown(pixels('YBR_FULL', 3, grey), { bitsStored: 16, window: wide })).toEqual([128, 128, 128]);
  });
});

describe('palettes', () => {
  const palette = (bits: number, entries: readonly number[], firstMapped = 0): Palette => {
    const table = Uint16Array.from(entries);
    return { firstMapped, bits, red: table, green: table.map((entry) => entry), blue: table };
  };

  it('scales 16-bit entries, and takes the high byte of shifted ones', () => {
    expect([...paletteTables(palette(16, [0, 128, 129, 32_896, 65_535]))[0]]).toEqual([0, 0, 1, 128, 255]);
    expect([...paletteTables(palette(16, [0, 0x8000, 0xff00]))[0]]).toEqual([0, 128, 255]);
    expect([...paletteTables(palette(8, [0, 128, 255]))[0]]).toEqual([0, 128, 255]);
  });

  it('holds the first and last entry beyond its ends, for signed values too', () => {
    const table = paletteByPattern(Int8Array.of(0), palette(8, [10, 20, 30], -1))[0];
    expect([-128, -2, -1, 0, 1, 2, 127].map((value) => table[value & 0xff])).toEqual([10, 10, 10, 20, 30, 30, 30]);
  });

  it('leaves values below a supplemental palette grey', () => {
    const grey = Uint8Array.from({ length: 256 }, (_, index) => 255 - index);
    const table = paletteByPattern(Uint8Array.of(0), palette(8, [10, 20], 200), grey)[0];
    expect([0, 199, 200, 201, 255].map((value) => table[value])).toEqual([255, 56, 10, 20, 20]);
  });
});

describe('CIELab', () => {
  // D50 CIELab of the sRGB primaries, as colour management tables give them.
  it.each([
    [
      [100, 0, 0],
      [255, 255, 255],
    ],
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
    [
      [54.29, 80.8, 69.89],
      [255, 0, 0],
    ],
    [
      [87.82, -79.27, 80.99],
      [0, 255, 0],
    ],
    [
      [29.57, 68.3, -112.03],
      [0, 0, 255],
    ],
    [
      [53.39, 0, 0],
      [127, 127, 127],
    ],
  ] as const)('%j is sRGB %j', ([lightness, a, b], rgb) => {
    cielabToRgb(lightness, a, b).forEach((value, channel) => {
      expect(Math.abs(value - (rgb[channel] ?? -9))).toBeLessThanOrEqual(1);
    });
  });

  it("decodes the standard's 16-bit numbers", () => {
    expect(encodedCielabToRgb([65_535, 0x8080, 0x8080])).toEqual([255, 255, 255]);
    const red = encodedCielabToRgb([35_579, 53_662, 50_858]);
    [255, 0, 0].forEach((value, channel) => {
      expect(Math.abs((red[channel] ?? -9) - value)).toBeLessThanOrEqual(2);
    });
  });
});

describe('colourMap', () => {
  it('rises steadily in lightness from black to a pale yellow', () => {
    const [red, green = red, blue = red] = colourMap('dose').tables;
    const luminance = Array.from(red, (value, index) => {
      const linear = (byteValue: number): number => {
        const share = byteValue / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      };
      const [g = 0, b = 0] = [green[index], blue[index]];
      return 0.2126 * linear(value) + 0.7152 * linear(g) + 0.0722 * linear(b);
    });
    const lightness = luminance.map((y) => (y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y));
    expect([red[0], green[0], blue[0]]).toEqual([0, 0, 0]);
    lightness.forEach((value, index) => {
      expect(Math.abs(value - (95 * index) / 255)).toBeLessThan(3);
    });
    expect(red[255]).toBeGreaterThan(230);
    expect(green[255]).toBeGreaterThan(230);
    expect(blue[255]).toBeLessThan(200);
  });
});
