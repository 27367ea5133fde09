/**
 * YCbCr of full range (JFIF; ITU-R BT.601) to RGB, in place.
 *
 * @param samples by pixel, 3 each, of `precision` bits
 */
export function convertYcbcrToRgb(samples: Uint8Array | Uint16Array, precision: number): void {
  const center = 2 ** (precision - 1);
  const greatest = 2 ** precision - 1;
  const clamp = (value: number): number => (value <= 0 ? 0 : value >= greatest ? greatest : Math.round(value));
  for (let i = 0; i + 2 < samples.length; i += 3) {
    const luma = samples[i] ?? 0;
    const blue = (samples[i + 1] ?? 0) - center;
    const red = (samples[i + 2] ?? 0) - center;
    samples[i] = clamp(luma + 1.402 * red);
    samples[i + 1] = clamp(luma - 0.344136286 * blue - 0.714136286 * red);
    samples[i + 2] = clamp(luma + 1.772 * blue);
  }
}
