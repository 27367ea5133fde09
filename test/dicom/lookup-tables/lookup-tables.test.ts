import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidDicomError } from '../../../src/base/errors.ts';
import {
  interpretLutDescriptor,
  lookupTable,
  palette,
  voiInputIsSigned,
} from '../../../src/dicom/lookup-tables/lookup-tables.ts';
import { expandSegments } from '../../../src/dicom/lookup-tables/segmented-palette.ts';
import { repetitions } from '../../support/repetitions.ts';

const little = { littleEndian: true, signed: false } as const;

function words(values: readonly number[], littleEndian = true): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 2));
  values.forEach((value, index) => {
    view.setUint16(2 * index, value, littleEndian);
  });
  return new Uint8Array(view.buffer);
}

describe('interpretLutDescriptor', () => {
  it('takes 0 entries as 65536', () => {
    expect(interpretLutDescriptor([0, 0, 16], false)).toEqual({ entries: 65_536, firstMapped: 0, bits: 16 });
  });

  it('signs the first mapped value by Pixel Representation, however it was read', () => {
    expect(interpretLutDescriptor([256, 64_512, 16], true).firstMapped).toBe(-1024);
    expect(interpretLutDescriptor([256, -1024, 16], true).firstMapped).toBe(-1024);
    expect(interpretLutDescriptor([256, 64_512, 16], false).firstMapped).toBe(64_512);
    expect(interpretLutDescriptor([256, -1024, 16], false).firstMapped).toBe(64_512);
  });

  it('reads a number of entries that was taken for negative', () => {
    expect(interpretLutDescriptor([-32_768, 0, 16], false).entries).toBe(32_768);
  });

  it('refuses values that are not a descriptor', () => {
    expect(() => interpretLutDescriptor([Number.NaN, 0, 16], false)).toThrow(InvalidDicomError);
    expect(() => interpretLutDescriptor([1, 70_000, 16], false)).toThrow(InvalidDicomError);
  });
});

describe('voiInputIsSigned', () => {
  it('asks whether modality values can be negative', () => {
    const unsigned = { pixelRepresentation: 0, bitsStored: 12 } as const;
    const signed = { pixelRepresentation: 1, bitsStored: 12 } as const;
    expect(voiInputIsSigned({ kind: 'linear', slope: 1, intercept: -1024 }, unsigned)).toBe(true);
    expect(voiInputIsSigned({ kind: 'linear', slope: 1, intercept: 0 }, unsigned)).toBe(false);
    expect(voiInputIsSigned({ kind: 'linear', slope: 1, intercept: 0 }, signed)).toBe(true);
    expect(voiInputIsSigned({ kind: 'linear', slope: 1, intercept: 2048 }, signed)).toBe(false);
    const table = { firstMapped: 0, bits: 12, entries: Uint16Array.of(1) };
    expect(voiInputIsSigned({ kind: 'table', table }, signed)).toBe(false);
  });
});

describe('lookupTable', () => {
  it('reads words of both byte orders', () => {
    const entries = [0, 300, 4095];
    for (const littleEndian of [true, false]) {
      const table = lookupTable([3, 5, 12], words(entries, littleEndian), { littleEndian, signed: false });
      expect(table).toEqual({ firstMapped: 5, bits: 12, entries: Uint16Array.from(entries) });
    }
  });

  it('reads one byte an entry, and swaps the pairs of big endian words', () => {
    const bytes = Uint8Array.of(1, 2, 3, 0);
    expect([...lookupTable([3, 0, 8], bytes, little).entries]).toEqual([1, 2, 3]);
    expect([
      ...lookupTable([3, 0, 8], Uint8Array.of(2, 1, 0, 3), { littleEndian: false, signed: false }).entries,
    ]).toEqual([1, 2, 3]);
    expect([...lookupTable([3, 0, 8], Uint8Array.of(1, 2, 3), little).entries]).toEqual([1, 2, 3]);
  });

  it('finds the bits where the descriptor is wrong about them', () => {
    expect(lookupTable([2, 0, 0], words([0, 255]), little).bits).toBe(8);
    expect(lookupTable([2, 0, 8], words([0, 1023]), little).bits).toBe(10);
    expect(lookupTable([2, 0, 99], words([0, 65_535]), little).bits).toBe(16);
  });

  it('refuses a table that is not whole', () => {
    expect(() => lookupTable([0, 0, 16], words([1, 2, 3]), little)).toThrow('Expected 65536 LUT entries');
    expect(() => lookupTable([4, 0, 16], new Uint8Array(7), little)).toThrow(InvalidDicomError);
    expect(() => lookupTable([4, 0, 16], new Uint8Array(0), little)).toThrow(InvalidDicomError);
  });

  it('reads from the middle of a buffer', () => {
    const data = Uint8Array.of(9, 9, 9, 1, 0, 2, 0, 9).subarray(3, 7);
    expect([...lookupTable([2, 0, 16], data, little).entries]).toEqual([1, 2]);
  });
});

describe('palette', () => {
  const channel = (bits: number, data: Uint8Array, entries: number, segmented = false) => ({
    descriptor: [entries, 0xffff, bits] as const,
    data,
    segmented,
  });

  it('tells 8 from 16 bits by the entries', () => {
    const wide = channel(16, words([0, 65_535]), 2);
    const narrow = channel(16, words([0, 255]), 2);
    expect(palette({ red: wide, green: narrow, blue: narrow }, little)).toMatchObject({
      bits: 16,
      firstMapped: 65_535,
    });
    expect(palette({ red: narrow, green: narrow, blue: narrow }, { ...little, signed: true })).toMatchObject({
      bits: 8,
      firstMapped: -1,
    });
  });

  it('makes three tables of one length', () => {
    const long = channel(8, Uint8Array.of(1, 2, 3), 3);
    const short = channel(8, Uint8Array.of(7, 9), 2);
    const tables = palette({ red: long, green: short, blue: long }, little);
    expect([...tables.green]).toEqual([7, 9, 9]);
  });

  it('expands segments', () => {
    const segments = channel(16, words([0, 1, 0, 1, 4, 400]), 5, true);
    expect([...palette({ red: segments, green: segments, blue: segments }, little).blue]).toEqual([
      0, 100, 200, 300, 400,
    ]);
  });
});

describe('expandSegments', () => {
  const expand = (values: readonly number[], entries: number): readonly number[] => [
    ...expandSegments(words(values), { bytesPerEntry: 2, littleEndian: true, entries }),
  ];

  // The example of PS3.3 C.7.9.2: discrete, linear and indirect segments after each other.
  it('lists, runs and repeats', () => {
    const values = [0, 2, 5, 6, 1, 3, 0, 2, 2, 0, 0, 0, 1, 77];
    expect(expand(values, 11)).toEqual([5, 6, 4, 2, 0, 5, 6, 4, 2, 0, 77]);
  });

  it('runs downwards, stands still, and rounds half up', () => {
    expect(expand([0, 1, 10, 1, 4, 0], 5)).toEqual([10, 8, 5, 3, 0]);
    expect(expand([0, 1, 3, 1, 3, 3], 4)).toEqual([3, 3, 3, 3]);
  });

  it('reads 8-bit segments, their indirect offset in bytes', () => {
    const bytes = Uint8Array.of(0, 2, 5, 6, 0, 1, 9, 2, 1, 4, 0, 0, 0, 0);
    expect([...expandSegments(bytes, { bytesPerEntry: 1, littleEndian: true, entries: 4 })]).toEqual([5, 6, 9, 9]);
  });

  it('cuts what is too much, and repeats the last entry where there is too little', () => {
    expect(expand([0, 3, 1, 2, 3], 2)).toEqual([1, 2]);
    expect(expand([0, 2, 1, 2, 0], 4)).toEqual([1, 2, 2, 2]);
  });

  it.each([
    ['an unknown type', [3, 1, 1], 'received type 3'],
    ['a linear segment first', [1, 2, 5], 'received a linear one'],
    ['an indirect segment first', [2, 1, 0, 0], 'received an indirect one'],
    ['data that end inside', [0, 5, 1, 2], 'end before their last value'],
    ['nothing', [], 'without entries'],
    ['an offset outside', [0, 1, 7, 2, 1, 500, 0], 'end before their last value'],
    ['an odd offset', [0, 1, 7, 2, 1, 1, 0], 'even byte'],
    ['an indirect segment that repeats itself', [0, 1, 7, 2, 9, 6, 0], 'received an indirect one'],
    ['an empty segment to repeat', [0, 1, 7, 0, 0, 2, 9, 6, 0], 'received an empty one'],
  ])('refuses %s', (_, values, message) => {
    expect(() => expand(values, 65_536)).toThrow(InvalidDicomError);
    expect(() => expand(values, 65_536)).toThrow(message);
  });

  it('ends on any bytes, with as many entries as asked or an InvalidDicomError', () => {
    const bytesPerEntry = fc.constantFrom<1 | 2>(1, 2);
    const word = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 65_535 }));
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 80 }),
        fc.integer({ min: 1, max: 65_536 }),
        bytesPerEntry,
        (values, entries, size) => {
          const data = size === 2 ? words(values) : Uint8Array.from(values);
          try {
            const found = expandSegments(data, { bytesPerEntry: size, littleEndian: true, entries });
            expect(found.length).toBe(entries);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidDicomError);
          }
        },
      ),
      { numRuns: repetitions(100, 500) },
    );
  });
});
