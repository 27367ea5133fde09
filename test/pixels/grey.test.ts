import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Voi } from '../../src/pixels/contrast/voi.ts';
import { type GreyMapping, greyTable, isInverted, mapToGrey } from '../../src/pixels/grey.ts';
import { bitPatterns, type ShortValues } from '../../src/pixels/short-values.ts';
import type { ModalityTransform, PaddingRange, StoredValues, VoiWindow } from '../../src/types/pixels.ts';
import { repetitions } from '../support/repetitions.ts';

/** The pipeline of the standard, written a second time, as plainly as possible. */
function plainByte(stored: number, { modality, voi, inverted, padding }: GreyMapping): number {
  if (padding !== undefined && stored >= padding.low && stored <= padding.high) return 0;
  if (Number.isNaN(stored)) return 0;
  const fromTable = (table: { firstMapped: number; entries: Uint16Array }, value: number): number => {
    const index = Math.floor(value + 0.5) - table.firstMapped;
    if (index < 0) return table.entries[0] ?? 0;
    return index >= table.entries.length ? (table.entries.at(-1) ?? 0) : (table.entries[index] ?? 0);
  };
  const x =
    modality.kind === 'table' ? fromTable(modality.table, stored) : stored * modality.slope + modality.intercept;
  let y: number;
  if (voi.kind === 'table') y = fromTable(voi.table, x) / (2 ** voi.table.bits - 1);
  else {
    const { center: c, width: w } = voi.window;
    if (voi.window.function === 'SIGMOID') y = 1 / (1 + Math.exp((-4 * (x - c)) / w));
    else if (voi.window.function === 'LINEAR') {
      y = x <= c - 0.5 - (w - 1) / 2 ? 0 : x > c - 0.5 + (w - 1) / 2 ? 1 : (x - (c - 0.5)) / (w - 1) + 0.5;
    } else y = x <= c - w / 2 ? 0 : x > c + w / 2 ? 1 : (x - c) / w + 0.5;
  }
  const byte = Math.floor(255 * y + 0.5);
  return inverted ? 255 - byte : byte;
}

const anyWindow: fc.Arbitrary<VoiWindow> = fc.record({
  center: fc.double({ min: -3000, max: 3000, noNaN: true }),
  width: fc.oneof(fc.constant(1), fc.double({ min: 1, max: 70_000, noNaN: true })),
  function: fc.constantFrom('LINEAR', 'LINEAR_EXACT', 'SIGMOID'),
});
const anyTable = fc.record({
  firstMapped: fc.integer({ min: -2000, max: 2000 }),
  bits: fc.constant(12),
  entries: fc.uint16Array({ minLength: 1, maxLength: 300, max: 4095 }),
});
const anyModality: fc.Arbitrary<ModalityTransform> = fc.oneof(
  fc.record({
    kind: fc.constant('linear' as const),
    slope: fc.oneof(fc.constantFrom(1, -1), fc.double({ min: 0.01, max: 20, noNaN: true })),
    intercept: fc.double({ min: -2000, max: 2000, noNaN: true }),
  }),
  fc.record({ kind: fc.constant('table' as const), table: anyTable }),
);
const anyVoi: fc.Arbitrary<Voi> = fc.oneof(
  fc.record({ kind: fc.constant('window' as const), window: anyWindow }),
  fc.record({ kind: fc.constant('table' as const), table: anyTable }),
);
const anyPadding: fc.Arbitrary<PaddingRange | undefined> = fc.option(
  fc.record({ low: fc.integer({ min: -40_000, max: 0 }), high: fc.integer({ min: 0, max: 70_000 }) }),
  { nil: undefined },
);
const anyMapping: fc.Arbitrary<GreyMapping> = fc.record({
  modality: anyModality,
  voi: anyVoi,
  inverted: fc.boolean(),
  padding: anyPadding,
});
const shortValues: fc.Arbitrary<ShortValues> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
  fc.int8Array({ minLength: 1, maxLength: 40 }),
  fc.uint16Array({ minLength: 1, maxLength: 40 }),
  fc.int16Array({ minLength: 1, maxLength: 40 }),
);

function throughTable(values: ShortValues, mapping: GreyMapping): readonly number[] {
  const table = greyTable(values, mapping);
  return Array.from(bitPatterns(values), (pattern) => table[pattern] ?? -1);
}

describe('greyTable', () => {
  it('gives the byte of the plain pipeline for any transform and any integer', () => {
    fc.assert(
      fc.property(shortValues, anyMapping, (values, mapping) => {
        expect(throughTable(values, mapping)).toEqual(Array.from(values, (stored) => plainByte(stored, mapping)));
      }),
      { numRuns: repetitions(80, 400) },
    );
  });

  it('agrees with the plain pipeline at every 16-bit value of a CT window', () => {
    const mapping: GreyMapping = {
      modality: { kind: 'linear', slope: 1, intercept: -1024 },
      voi: { kind: 'window', window: { center: 40, width: 400, function: 'LINEAR' } },
      inverted: false,
      padding: { low: -2000, high: -2000 },
    };
    const every = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768);
    expect(throughTable(every, mapping)).toEqual(Array.from(every, (stored) => plainByte(stored, mapping)));
  });

  it('draws padding black, inverted or not, and only padding', () => {
    const voi: Voi = { kind: 'window', window: { center: 128, width: 256, function: 'LINEAR' } };
    const modality: ModalityTransform = { kind: 'linear', slope: 1, intercept: 100 };
    const values = Uint8Array.of(9, 10, 11, 12, 13);
    for (const inverted of [false, true]) {
      const bytes = throughTable(values, { modality, voi, inverted, padding: { low: 10, high: 12 } });
      const plain = throughTable(values, { modality, voi, inverted, padding: undefined });
      expect(bytes).toEqual([plain[0], 0, 0, 0, plain[4]]);
      expect(plain.every((byte) => byte > 0)).toBe(true);
    }
  });

  it('inverts bytes, not fractions: a tie stays the complement of the plain one', () => {
    const voi: Voi = { kind: 'window', window: { center: 0, width: 2, function: 'LINEAR_EXACT' } };
    const modality: ModalityTransform = { kind: 'linear', slope: 1, intercept: 0 };
    const byte = (inverted: boolean) => throughTable(Int16Array.of(0), { modality, voi, inverted, padding: undefined });
    expect([byte(false), byte(true)]).toEqual([[128], [127]]);
  });

  it('takes a padding range whichever end comes first', () => {
    const voi: Voi = { kind: 'window', window: { center: 0, width: 2, function: 'LINEAR' } };
    const modality: ModalityTransform = { kind: 'linear', slope: 1, intercept: 100 };
    const bytes = throughTable(Uint16Array.of(4, 5, 6, 7), {
      modality,
      voi,
      inverted: false,
      padding: { low: 6, high: 5 },
    });
    expect(bytes).toEqual([255, 0, 0, 255]);
  });
});

describe('mapToGrey', () => {
  const wide: fc.Arbitrary<StoredValues> = fc.oneof(
    fc.float32Array({ minLength: 1, maxLength: 30 }),
    fc.float64Array({ minLength: 1, maxLength: 30 }),
    fc
      .array(fc.float({ min: -3000, max: 3000 }), { minLength: 1, maxLength: 30 })
      .map((list) => Float32Array.from(list)),
    fc.int32Array({ minLength: 1, maxLength: 30 }),
    fc.uint32Array({ minLength: 1, maxLength: 30 }),
    fc.int16Array({ minLength: 1, maxLength: 30 }),
  );
  it('gives the byte of the plain pipeline for any values', () => {
    fc.assert(
      fc.property(wide, anyMapping, (values, mapping) => {
        expect([...mapToGrey(values, mapping)]).toEqual(Array.from(values, (stored) => plainByte(stored, mapping)));
      }),
      { numRuns: repetitions(80, 400) },
    );
  });

  it('draws what is not a number as background and infinities as the ends', () => {
    const mapping: GreyMapping = {
      modality: { kind: 'linear', slope: 1, intercept: 0 },
      voi: { kind: 'window', window: { center: 0, width: 2, function: 'LINEAR_EXACT' } },
      inverted: true,
      padding: undefined,
    };
    const values = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0);
    expect([...mapToGrey(values, mapping)]).toEqual([0, 0, 255, 127]);
  });
});

describe('isInverted', () => {
  it('follows the photometric interpretation unless a shape is given', () => {
    expect(isInverted('MONOCHROME1', undefined)).toBe(true);
    expect(isInverted('MONOCHROME2', undefined)).toBe(false);
    expect(isInverted('MONOCHROME1', 'INVERSE')).toBe(true);
    expect(isInverted('MONOCHROME1', 'IDENTITY')).toBe(false);
    expect(isInverted('MONOCHROME2', 'INVERSE')).toBe(true);
  });
});

describe('bitPatterns', () => {
  it('looks at the same memory, wherever the values start in it', () => {
    const values = new Int16Array(new ArrayBuffer(16), 4, 3);
    values.set([-1, 2, -32_768]);
    expect([...bitPatterns(values)]).toEqual([65_535, 2, 32_768]);
    expect(bitPatterns(values).buffer).toBe(values.buffer);
  });
});
