import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { OutputError } from '../../src/base/errors.ts';
import { encode } from '../../src/compose/encode.ts';
import type { DisplayImage } from '../../src/types/pixels.ts';

function ramp(width: number, height: number, channels: 1 | 3): DisplayImage {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) =>
    Math.floor((((Math.floor(i / channels) % width) + (i % channels) * 20) * 255) / (width + 60)),
  );
  return { width, height, channels, data };
}

async function decoded(bytes: Uint8Array): Promise<{ data: Buffer; channels: number }> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { data, channels: info.channels };
}

describe('encode', () => {
  it('writes PNG without loss, grey in one channel and colour in three', async () => {
    for (const channels of [1, 3] as const) {
      const image = ramp(64, 16, channels);
      const bytes = await encode(image, { format: 'png', quality: 1 });
      expect([...bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
      // Colour type (PNG 11.2.2): 0 is grey, 2 is RGB; bit depth 8.
      expect([bytes[24], bytes[25]]).toEqual([8, channels === 1 ? 0 : 2]);
      const { data, channels: stride } = await decoded(bytes);
      const firsts = Array.from(image.data, (_, i) => data[channels === 3 ? i : i * stride]);
      expect(firsts).toEqual([...image.data]);
    }
  });

  it('writes grey JPEG with one component, colour with three', async () => {
    for (const channels of [1, 3] as const) {
      const bytes = await encode(ramp(64, 16, channels), { format: 'jpeg', quality: 75 });
      expect([...bytes.subarray(0, 2)]).toEqual([0xff, 0xd8]);
      expect((await sharp(bytes).metadata()).channels).toBe(channels);
    }
  });

  it('writes WebP close to the picture, without a tint in grey', async () => {
    const image = ramp(64, 16, 1);
    const bytes = await encode(image, { format: 'webp', quality: 90 });
    expect(Buffer.from(bytes.subarray(8, 12)).toString('latin1')).toBe('WEBP');
    const { data, channels } = await decoded(bytes);
    for (const [index, value] of image.data.entries()) {
      for (let channel = 0; channel < 3; channel += 1) {
        expect(Math.abs((data[index * channels + channel] ?? Number.NaN) - value)).toBeLessThanOrEqual(6);
      }
    }
  });

  it('gives fewer bytes at lower quality', async () => {
    const image = ramp(200, 200, 3);
    for (const format of ['webp', 'jpeg'] as const) {
      const low = await encode(image, { format, quality: 10 });
      const high = await encode(image, { format, quality: 95 });
      expect(low.length).toBeLessThan(high.length);
    }
  });

  it('gives equal bytes for equal input, also abreast', async () => {
    const image = ramp(97, 61, 3);
    for (const format of ['webp', 'jpeg', 'png'] as const) {
      const all = await Promise.all([1, 2, 3].map(() => encode(image, { format, quality: 25 })));
      expect(all[1]).toEqual(all[0]);
      expect(all[2]).toEqual(all[0]);
    }
  });

  it('does not change its input', async () => {
    const image = ramp(8, 8, 1);
    const before = image.data.slice();
    await encode(image, { format: 'webp', quality: 25 });
    expect(image.data).toEqual(before);
  });

  it('reports what the encoder refuses as an output error', async () => {
    const image: DisplayImage = { width: 16_384, height: 1, channels: 1, data: new Uint8Array(16_384) };
    await expect(encode(image, { format: 'webp', quality: 25 })).rejects.toThrow(OutputError);
    await expect(encode({ ...image, width: 5 }, { format: 'png', quality: 25 })).rejects.toThrow(OutputError);
  });
});
