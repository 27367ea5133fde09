import { describe, expect, it } from 'vitest';
import { decodeCost, type FrameToDecode } from '../../src/codecs/decode-cost.ts';
import { costOfJob } from '../../src/codecs/job-cost.ts';
import { decodeRle } from '../../src/codecs/native/rle.ts';
import type { PixelDescription } from '../../src/types/pixels.ts';
import { encodeRleFrame, transferSyntax } from '../support/dicom/index.js';
import { encodeJ2k } from '../support/encoders/wasm-encoders.ts';

function description(rows: number, columns: number, bits: number, samplesPerPixel = 1): PixelDescription {
  const photometricInterpretation = samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2';
  const layout = { samplesPerPixel, photometricInterpretation, planarConfiguration: 0, kind: 'integer' } as const;
  return { ...layout, rows, columns, bitsAllocated: bits, bitsStored: bits, highBit: bits - 1, pixelRepresentation: 0 };
}

function valueBytes(coding: FrameToDecode['coding'], reduce: number, bits = 16): number {
  return decodeCost({ coding, description: description(1024, 512, bits), storedBytes: 100, reduce }).valueBytes;
}

describe('what decoding a frame takes', () => {
  it('are its values, as wide as their kind', () => {
    const samples = 1024 * 512;
    expect([1, 8, 12, 16, 24, 32, 64].map((bits) => valueBytes('native', 1, bits) / samples)).toEqual([
      1, 1, 2, 2, 4, 4, 8,
    ]);
    const float = { ...description(10, 10, 32), kind: 'float' } as const;
    expect(decodeCost({ coding: 'native', description: float, storedBytes: 400, reduce: 1 }).valueBytes).toBe(400);
    const colour = description(10, 10, 8, 3);
    expect(decodeCost({ coding: 'native', description: colour, storedBytes: 300, reduce: 1 }).valueBytes).toBe(300);
  });

  it('are fewer where the decoder reduces', () => {
    const whole = 1024 * 512 * 2;
    expect(valueBytes('native', 9)).toBe(whole);
    expect(valueBytes('jpeg-ls', 9)).toBe(whole);
    expect(valueBytes('jpeg', 9)).toBe(whole / 64);
    expect(valueBytes('jpeg', 2)).toBe(whole);
    expect(valueBytes('jpeg-2000', 9)).toBe(whole / 64);
    expect(valueBytes('jpeg-2000', 100)).toBe(whole / 32 ** 2);
  });

  it('follow the RLE decoder, which reduces large frames only', () => {
    const frame = new Uint8Array(40 * 48);
    const bytes = encodeRleFrame(frame, { columns: 48, bytesPerSample: 1 });
    const job = {
      transferSyntaxUid: transferSyntax.rleLossless,
      description: description(40, 48, 8),
      bytes,
      reduce: 8,
    };
    expect(costOfJob(job).valueBytes).toBe(decodeRle(job).values.byteLength);
    const large = { coding: 'rle', description: description(16_384, 16_384, 16), storedBytes: 100 } as const;
    expect(decodeCost({ ...large, reduce: 50 }).valueBytes).toBe(4096 ** 2 * 2);
    expect(decodeCost({ ...large, reduce: 1 }).valueBytes).toBe(2 ** 29);
  });

  it('follow the codestream where it says another thing than usual ones', async () => {
    const values = Uint16Array.from({ length: 64 * 64 }, (_, index) => index);
    const frame = { rows: 64, columns: 64, samplesPerPixel: 1, bitsStored: 16 };
    const described = description(64, 64, 16);
    const job = (bytes: Uint8Array): Parameters<typeof costOfJob>[0] => ({
      ...{ transferSyntaxUid: transferSyntax.jpeg2000Lossless, description: described, bytes, reduce: 8 },
    });
    const bytes = await encodeJ2k(values, frame);
    // Of the COD marker segment: the number of wavelet levels.
    const at = Buffer.from(bytes).indexOf(Buffer.of(0xff, 0x52)) + 9;
    expect(costOfJob(job(bytes.with(at, 3))).valueBytes).toBe(8 * 8 * 2);
    expect(costOfJob(job(bytes.with(at, 0))).valueBytes).toBe(64 * 64 * 2);
  });
});
