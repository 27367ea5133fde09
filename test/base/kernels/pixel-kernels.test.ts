import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import openAssembler from 'wabt';
import { kernelBytes } from '../../../src/base/kernels/kernel-bytes.ts';
import { PixelKernels, pixelKernels } from '../../../src/base/kernels/pixel-kernels.ts';
import { createRandom } from '../../support/random.ts';
import { repetitions } from '../../support/repetitions.ts';

const kernels = new PixelKernels();
/** Grey levels that tell neighbouring patterns apart. */
const table = Uint8Array.from({ length: 65_536 }, (_, pattern) => (pattern ^ (pattern >> 8)) & 0xff);

function seededValues(count: number, seed: number, max: number): readonly number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => Math.floor(random() * (max + 1)));
}

function plainAverages(
  indices: ArrayLike<number>,
  { width, columns, rows }: { readonly width: number; readonly columns: number; readonly rows: number },
  boxWidth: number,
  boxHeight: number,
): Uint8Array {
  return Uint8Array.from({ length: columns * rows }, (_, box) => {
    let sum = 0;
    for (let line = 0; line < boxHeight; line++) {
      const start = (Math.floor(box / columns) * boxHeight + line) * width + (box % columns) * boxWidth;
      for (let value = 0; value < boxWidth; value++) sum += table[indices[start + value] ?? 0] ?? 0;
    }
    return Math.floor(sum / (boxWidth * boxHeight) + 0.5);
  });
}

describe('kernel-bytes.ts', () => {
  it('is what kernels.wat gives', async () => {
    const text = readFileSync(new URL('../../../src/base/kernels/kernels.wat', import.meta.url), 'utf8');
    const assembler = await openAssembler();
    const { buffer } = assembler.parseWat('kernels.wat', text, { simd: true }).toBinary({});
    expect(Buffer.from(buffer).toString('base64'), 'npm run kernels makes it again').toBe(kernelBytes);
  });
});

describe('seenBits', () => {
  const words = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 40 });

  it('gives the bits that are set in any word, wherever the words lie', () => {
    fc.assert(
      fc.property(words, fc.nat(7), (values, offset) => {
        const bytes = new Uint8Array(offset + values.length * 4 + 3);
        const own = bytes.subarray(offset);
        const view = new DataView(bytes.buffer, offset);
        values.forEach((value, index) => {
          view.setUint32(index * 4, value, true);
        });
        const { seen, byteLength } = kernels.seenBits(own, false);
        expect(byteLength).toBe(own.length - (own.length % 16));
        expect(seen >>> 0).toBe(values.slice(0, byteLength / 4).reduce((all, value) => (all | value) >>> 0, 0));
        const differing = values.slice(0, byteLength / 4).map((value) => (value ^ (value << 1)) >>> 0);
        expect(kernels.seenBits(own, true).seen >>> 0).toBe(differing.reduce((all, value) => (all | value) >>> 0, 0));
      }),
      { numRuns: repetitions(100, 1000) },
    );
  });

  it('looks at all of a long frame, and leaves nothing behind for the next', () => {
    const bytes = new Uint8Array(600_000);
    const lastBlock = bytes.length - (bytes.length % 16) - 16;
    for (const at of [0, 262_143, 262_144, 524_288, lastBlock + 15]) {
      bytes[at] = 0x40;
      expect(kernels.seenBits(bytes, false).seen, `${at}`).not.toBe(0);
      bytes[at] = 0;
      expect(kernels.seenBits(bytes, false)).toEqual({ seen: 0, byteLength: lastBlock + 16 });
    }
    expect(kernels.seenBits(new Uint8Array(15).fill(255), false)).toEqual({ seen: 0, byteLength: 0 });
  });
});

describe('averageBoxes', () => {
  it('averages boxes of every size, of values of 8 and of 16 bits', () => {
    const side = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.boolean(),
        fc.nat(),
        (columns, rows, boxWidth, boxHeight, isByte, seed) => {
          const width = columns * boxWidth;
          const values = seededValues(width * rows * boxHeight, seed, isByte ? 255 : 65_535);
          const indices = isByte ? Uint8Array.from(values) : Uint16Array.from(values);
          const averages = new Uint8Array(columns * rows);
          expect(kernels.averageBoxes({ indices, width, table }, averages, boxWidth, boxHeight)).toBe(true);
          expect(averages).toEqual(plainAverages(indices, { width, columns, rows }, boxWidth, boxHeight));
        },
      ),
      { numRuns: repetitions(150, 1500) },
    );
  });

  it('goes on where a piece of the frame ends', () => {
    for (const [columns, rows, boxWidth, boxHeight] of [
      [128, 100, 4, 4],
      [128, 3, 32, 32],
      [8192, 9, 1, 3],
      [512, 33, 2, 7],
      [1, 40, 1000, 5],
    ] as const) {
      const width = columns * boxWidth;
      const indices = Uint16Array.from(seededValues(width * rows * boxHeight, 7, 65_535));
      const averages = new Uint8Array(columns * rows);
      expect(kernels.averageBoxes({ indices, width, table }, averages, boxWidth, boxHeight)).toBe(true);
      expect(averages).toEqual(plainAverages(indices, { width, columns, rows }, boxWidth, boxHeight));
    }
  });

  it('refuses lines and boxes that it has no room for, and writes nothing then', () => {
    const averages = new Uint8Array(8193).fill(7);
    const tooMany = { indices: new Uint16Array(8193 * 2), width: 8193, table };
    expect(kernels.averageBoxes(tooMany, averages, 1, 2)).toBe(false);
    const tooHigh = { indices: new Uint16Array(131_073), width: 1, table };
    expect(kernels.averageBoxes(tooHigh, averages.subarray(0, 1), 1, 131_073)).toBe(false);
    expect(averages.every((value) => value === 7)).toBe(true);
  });
});

describe('pixelKernels', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it('is made once', () => {
    expect(pixelKernels()).toBeInstanceOf(PixelKernels);
    expect(pixelKernels()).toBe(pixelKernels());
  });

  it('does without where there is no WebAssembly: pictures and values are the same', async () => {
    const withKernels = await import('../../../src/pixels/scale/resize.ts');
    const indices = Uint16Array.from(seededValues(64 * 48, 3, 65_535));
    const image = { width: 64, height: 48, samplesPerPixel: 1, indices } as const;
    const cells = Uint16Array.from(seededValues(1000, 4, 4095));
    vi.resetModules();
    vi.stubGlobal('WebAssembly', undefined);
    const { pixelKernels: missing } = await import('../../../src/base/kernels/pixel-kernels.ts');
    expect(missing()).toBeUndefined();
    const without = await import('../../../src/pixels/scale/resize.ts');
    expect(without.resizeThroughTables).not.toBe(withKernels.resizeThroughTables);
    for (const [width, height] of [
      [16, 12],
      [32, 24],
      [8, 16],
    ] as const) {
      expect(without.resizeThroughTables(image, [table], width, height)).toEqual(
        withKernels.resizeThroughTables(image, [table], width, height),
      );
    }
    const { storedValues } = await import('../../../src/codecs/stored-values.ts');
    expect(storedValues(cells, { shift: 0, bitsStored: 12, signed: false }).buffer).toBe(cells.buffer);
    const broken = cells.slice();
    broken[999] = 0x1fff;
    expect(storedValues(broken, { shift: 0, bitsStored: 12, signed: false }).at(999)).toBe(0xfff);
  });
});
