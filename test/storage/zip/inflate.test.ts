import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflateBeginning, inflateWhole, sizesArePossible } from '../../../src/storage/zip/inflate.ts';

describe('inflateBeginning', () => {
  const zeros = deflateRawSync(new Uint8Array(16_000_000));

  it('stops soon after what is wanted, whatever follows', () => {
    const found = inflateBeginning(zeros, 8192);
    expect(found.length).toBeGreaterThanOrEqual(8192);
    expect(found.length).toBeLessThan(4_000_000);
  });

  it('gives all there is where that is less', () => {
    expect(inflateBeginning(deflateRawSync(Buffer.from('short')), 8192)).toEqual(new Uint8Array(Buffer.from('short')));
    const noise = Uint8Array.from({ length: 50_000 }, (_, index) => (index * index * 31) >> 5);
    const cut = deflateRawSync(noise).subarray(0, 10_000);
    const found = inflateBeginning(cut, 50_000);
    expect(found).toEqual(noise.slice(0, found.length));
    expect(found.length).toBeGreaterThan(5000);
  });

  it('says that damaged data are damaged', () => {
    expect(() => inflateBeginning(new Uint8Array(100).fill(0xff), 10)).toThrow('damaged');
  });
});

describe('inflateWhole', () => {
  it('never inflates more than there should be', async () => {
    await expect(inflateWhole(deflateRawSync(new Uint8Array(10_000_000)), 1000, 0)).rejects.toThrow(
      'more than the 1000',
    );
  });

  it('takes an empty file', async () => {
    expect(await inflateWhole(deflateRawSync(new Uint8Array(0)), 0, 0)).toEqual(new Uint8Array(0));
  });
});

describe('sizesArePossible', () => {
  it('knows how much deflate can make of a byte', () => {
    const zeros = deflateRawSync(new Uint8Array(5_000_000), { level: 9 });
    expect(sizesArePossible(8, zeros.length, 5_000_000)).toBe(true);
    expect(sizesArePossible(8, 1000, 2_000_000)).toBe(false);
    expect(sizesArePossible(0, 10, 11)).toBe(false);
    expect(sizesArePossible(8, 2, 0)).toBe(true);
  });
});
