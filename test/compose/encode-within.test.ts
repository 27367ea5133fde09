import { describe, expect, it } from 'vitest';
import { encodeWithin } from '../../src/compose/encode-within.ts';
import type { DisplayImage } from '../../src/types/pixels.ts';
import { randomBytes } from '../support/random.ts';

/** Noise compresses badly: its bytes hardly depend on the encoder. */
function noise(width: number, height: number): DisplayImage {
  return { width, height, channels: 1, data: randomBytes(7, width * height) };
}

describe('encodeWithin', () => {
  it('encodes as asked where that fits', async () => {
    const image = noise(64, 64);
    const free = await encodeWithin(image, { format: 'jpeg', quality: 80 }, {});
    const bound = await encodeWithin(image, { format: 'jpeg', quality: 80 }, { maxByteLength: free.bytes.length });
    expect(bound).toEqual(free);
    expect(free).toMatchObject({ quality: 80, width: 64, height: 64 });
  });

  it('lowers the quality first, and only as far as needed', async () => {
    const image = noise(128, 128);
    const { length } = (await encodeWithin(image, { format: 'jpeg', quality: 55 }, {})).bytes;
    const found = await encodeWithin(image, { format: 'jpeg', quality: 90 }, { maxByteLength: length });
    expect(found).toMatchObject({ quality: 55, width: 128, height: 128 });
    expect(found.bytes.length).toBe(length);
  });

  it.each(['jpeg', 'webp', 'png'] as const)('then makes %s smaller, with the same shape', async (format) => {
    const found = await encodeWithin(noise(400, 200), { format, quality: 80 }, { maxByteLength: 5_000 });
    expect(found.bytes.length).toBeLessThanOrEqual(5_000);
    expect(found.width).toBeLessThan(400);
    expect(found.width / found.height).toBeCloseTo(2, 1);
    expect(found.quality).toBe(format === 'png' ? 80 : 25);
  });

  it('makes a picture smaller that is too long', async () => {
    const found = await encodeWithin(noise(400, 200), { format: 'jpeg', quality: 80 }, { maxSide: 100 });
    expect(found).toMatchObject({ width: 100, height: 50, quality: 80 });
  });

  it('says so where no picture is small enough', async () => {
    await expect(encodeWithin(noise(400, 200), { format: 'png', quality: 80 }, { maxByteLength: 50 })).rejects.toThrow(
      'Expected a picture of at most 50 bytes',
    );
  });
});
