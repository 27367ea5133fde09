/** 8-bit sRGB. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** XYZ of the reference white D50: CIELab in the standard refers to it. */
const whiteD50 = [0.9642, 1, 0.8249] as const;

/**
 * XYZ relative to D50 -> linear sRGB (D65): Bradford adaptation and the sRGB primaries (IEC 61966-2-1) in one matrix.
 */
const xyzD50ToRgb = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;

/**
 * A CIELab value as the standard encodes it (PS3.3 C.10.7.1.1) -> sRGB: L* 0..100 and a*, b* -128..127 are each stored
 * as 0..65535, for example in Recommended Display CIELab Value (0062,000D). Colours outside sRGB are clipped.
 */
export function encodedCielabToRgb(encoded: readonly [lightness: number, a: number, b: number]): Rgb {
  const [lightness, a, b] = encoded;
  return cielabToRgb((lightness / 65535) * 100, (a / 65535) * 255 - 128, (b / 65535) * 255 - 128);
}

/** L* 0..100, a* and b* about -128..127, reference white D50 -> sRGB. Colours outside sRGB are clipped. */
export function cielabToRgb(lightness: number, a: number, b: number): Rgb {
  const [red, green, blue] = cielabToLinear(lightness, a, b).map((light) => {
    const value = light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
    return Math.min(Math.max(Math.round(255 * value), 0), 255);
  });
  return [red ?? 0, green ?? 0, blue ?? 0];
}

/** Whether sRGB has this colour. */
export function isInSrgb(lightness: number, a: number, b: number): boolean {
  return cielabToLinear(lightness, a, b).every((light) => light >= -1e-4 && light <= 1 + 1e-4);
}

function cielabToLinear(lightness: number, a: number, b: number): readonly number[] {
  const y = (lightness + 16) / 116;
  const xyz = [y + a / 500, y, y - b / 200].map((root, index) => inverseRoot(root) * (whiteD50[index] ?? 1));
  return xyzD50ToRgb.map((row) => row.reduce((sum, weight, index) => sum + weight * (xyz[index] ?? 0), 0));
}

function inverseRoot(root: number): number {
  return root > 6 / 29 ? root ** 3 : 3 * (6 / 29) ** 2 * (root - 4 / 29);
}
