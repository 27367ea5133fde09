import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autoWindow, valueStatistics } from '../../../src/pixels/contrast/statistics.ts';
import { type MeasuredFrame, valuesInOrder } from '../../../src/pixels/contrast/value-ranks.ts';
import type { ModalityTransform, PaddingRange, StoredValues } from '../../../src/types/pixels.ts';
import { repetitions } from '../../support/repetitions.ts';

const identity: ModalityTransform = { kind: 'linear', slope: 1, intercept: 0 };

function measured(values: StoredValues, modality = identity, padding?: PaddingRange): MeasuredFrame {
  return { values, modality, padding };
}

/** Modality values that count, sorted, by plain means. */
function plainValues(frames: readonly MeasuredFrame[]): readonly number[] {
  const values: number[] = [];
  for (const { values: stored, modality, padding } of frames) {
    const isFloat = stored instanceof Float32Array || stored instanceof Float64Array;
    for (const one of stored) {
      if (!Number.isFinite(one)) continue;
      const tolerance = isFloat ? 2e-6 : 0;
      const isPadding = ({ low, high }: PaddingRange): boolean =>
        one >= low - tolerance * Math.abs(low) && one <= high + tolerance * Math.abs(high);
      if (padding !== undefined && isPadding(padding)) continue;
      if (modality.kind === 'linear') values.push(one * modality.slope + modality.intercept);
      else {
        const { entries, firstMapped } = modality.table;
        const index = Math.min(Math.max(Math.floor(one + 0.5) - firstMapped, 0), entries.length - 1);
        values.push(entries[index] ?? 0);
      }
    }
  }
  return values.sort((one, other) => one - other);
}

/** numpy.percentile's default ('linear'). */
function plainPercentile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

const modality: fc.Arbitrary<ModalityTransform> = fc.oneof(
  fc.constant(identity),
  fc.record({
    kind: fc.constant('linear' as const),
    slope: fc.constantFrom(1, 2, -1.5, 0.37),
    intercept: fc.constantFrom(0, -1024, 0.1),
  }),
  fc.record({
    kind: fc.constant('table' as const),
    table: fc.record({
      firstMapped: fc.integer({ min: -20, max: 20 }),
      bits: fc.constant(16),
      entries: fc.uint16Array({ minLength: 1, maxLength: 50 }),
    }),
  }),
);
const padding: fc.Arbitrary<PaddingRange | undefined> = fc.option(
  fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 20 }))
    .map(([low, span]) => ({ low, high: low + span })),
  { nil: undefined },
);
const few = { minLength: 1, maxLength: 60 };
const short: fc.Arbitrary<StoredValues> = fc.oneof(
  fc.uint8Array(few),
  fc.int8Array(few),
  fc.uint16Array(few),
  fc.int16Array({ ...few, min: -100, max: 100 }),
);
const wide: fc.Arbitrary<StoredValues> = fc.oneof(
  fc.float32Array(few),
  fc.float64Array({ ...few, min: -1e300, max: 1e300 }),
  fc.int32Array(few),
  fc.uint32Array(few),
  fc.array(fc.double({ min: -2, max: 2, noNaN: true }), few).map((list) => Float64Array.from(list)),
);
const frames = (values: fc.Arbitrary<StoredValues>): fc.Arbitrary<readonly MeasuredFrame[]> =>
  fc.array(fc.record({ values, modality, padding }), { minLength: 1, maxLength: 5 });

describe('valueStatistics', () => {
  for (const [name, values] of [
    ['integers of at most 16 bits', short],
    ['32-bit and float values', wide],
    ['both together', fc.oneof(short, wide)],
  ] as const) {
    it(`gives the exact pooled percentiles of ${name}`, () => {
      fc.assert(
        fc.property(frames(values), (pooled) => {
          const sorted = plainValues(pooled);
          const found = valueStatistics(pooled);
          if (sorted.length === 0) expect(found).toBeUndefined();
          else {
            expect(found?.count).toBe(sorted.length);
            expect(found?.minimum).toBe((sorted[0] ?? 0) + 0);
            expect(found?.maximum).toBe((sorted.at(-1) ?? 0) + 0);
            expect(found?.low).toBeCloseTo(plainPercentile(sorted, 0.02), 9);
            expect(found?.high).toBeCloseTo(plainPercentile(sorted, 0.98), 9);
          }
        }),
        { numRuns: repetitions(50, 250) },
      );
    });
  }

  it('leaves out what the rescale makes infinite', () => {
    const twice: ModalityTransform = { kind: 'linear', slope: 2, intercept: 0 };
    expect(valueStatistics([measured(Float64Array.of(1e308, 1, 2), twice)])).toMatchObject({ count: 2, maximum: 4 });
  });

  it('leaves padding, NaN and infinities out', () => {
    const values = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -9999, 1, 2, 3);
    expect(valueStatistics([measured(values, identity, { low: -9999, high: -9999 })])).toMatchObject({
      count: 3,
      minimum: 1,
      maximum: 3,
    });
    expect(valueStatistics([measured(Int16Array.of(5, 5), identity, { low: 5, high: 5 })])).toBeUndefined();
  });
});

describe('valuesInOrder', () => {
  it('finds every rank of doubles that differ in their last bits only', () => {
    const values = Float64Array.from({ length: 500 }, (_, index) => 1 + ((index * 7919) % 500) * Number.EPSILON);
    const ranks = [0, 1, 249, 250, 498, 499];
    const expected = ranks.map((rank) => 1 + rank * Number.EPSILON);
    expect(valuesInOrder([measured(values)]).at(ranks)).toEqual(expected);
    const negative = valuesInOrder([measured(values.map((value) => -value))]).at(ranks.map((rank) => 499 - rank));
    expect(negative).toEqual(expected.map((value) => -value));
  });
});

describe('autoWindow', () => {
  it('puts the 2nd percentile at black and the 98th at white', () => {
    const values = Int16Array.from({ length: 101 }, (_, index) => index * 10);
    expect(autoWindow([measured(values)])?.window).toEqual({ center: 500, width: 960, function: 'LINEAR_EXACT' });
  });

  it('spans all values where both percentiles are one', () => {
    const values = new Int16Array(1000);
    values[3] = 40;
    expect(autoWindow([measured(values)])?.window).toEqual({ center: 20, width: 40, function: 'LINEAR_EXACT' });
  });

  it('shows a single value mid-grey', () => {
    expect(autoWindow([measured(new Int16Array(9).fill(-7))])?.window).toEqual({
      center: -7,
      width: 1,
      function: 'LINEAR_EXACT',
    });
  });

  it('is undefined where all values are padding', () => {
    expect(autoWindow([measured(new Int16Array(9), identity, { low: 0, high: 0 })])).toBeUndefined();
  });

  it.each([1e30, -1e30, 3.4028234663852886e38, 9.96921e36, -(2 ** 60)])(
    'leaves out the fill value %d, and says so',
    (fill) => {
      for (const values of [new Float32Array(1000), new Float64Array(1000)]) {
        for (let index = 0; index < 1000; index++) values[index] = index % 20 === 0 ? fill : index / 1000;
        const found = autoWindow([measured(values), measured(Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY))]);
        expect(found?.window.center).toBeCloseTo(0.5, 2);
        expect(found?.window.width).toBeCloseTo(0.96, 2);
        expect(found?.warning).toMatch(/^50 of 1000 values lie beyond 1e\+15, and no other beyond 1e\+9/);
      }
    },
  );

  it.each([
    ['large values without a gap', (index: number) => 10 ** (index / 40)],
    ['large values that are all', (index: number) => 1e18 + index * 1e15],
    ['one small value beside the large ones', (index: number) => (index % 20 === 0 ? 1e30 : 7)],
    ['a few that the percentiles leave out', (index: number) => (index === 3 ? 1e30 : index)],
    ['tiny values beside usual ones', (index: number) => (index % 20 === 0 ? 100 : 1e-30 * index)],
  ])('keeps %s', (_name, value) => {
    const values = Float64Array.from({ length: 1000 }, (_, index) => value(index));
    const found = autoWindow([measured(values)]);
    expect(found?.warning).toBeUndefined();
    const sorted = values.toSorted();
    const [low = 0, high = 0] = [sorted[20], sorted[979]];
    expect(found?.window.width).toBeGreaterThanOrEqual((high - low) * 0.99);
  });
});

describe('float padding', () => {
  const least = -(2 - 2 ** -23) * 2 ** 127;

  it.each([
    ['its exact value', -9999, { low: -9999, high: -9999 }],
    ['a decimal that no 32-bit float has', -9999.1, { low: -9999.1, high: -9999.1 }],
    ['six digits of the least float', least, { low: -3.40282e38, high: -3.40282e38 }],
    ['a range', -5000, { low: -9999, high: -1000 }],
    ['a range, upper end first', -5000, { low: -1000, high: -9999 }],
    ['a range without a lower end', -5000, { low: Number.NEGATIVE_INFINITY, high: -1000 }],
  ])('is no value for the window: %s', (_, stored, range) => {
    const values = Float32Array.of(stored, stored, -1, 0, 1, Number.NaN, Number.NEGATIVE_INFINITY);
    const found = valueStatistics([measured(values, identity, range)]);
    expect([found?.count, found?.minimum, found?.maximum]).toEqual([3, -1, 1]);
    const doubles = valueStatistics([measured(Float64Array.from(values), identity, range)]);
    expect([doubles?.count, doubles?.minimum, doubles?.maximum]).toEqual([3, -1, 1]);
  });

  it('that is not a number is none', () => {
    const range = { low: Number.NaN, high: Number.NaN };
    expect(valueStatistics([measured(Float32Array.of(-1, 0, 1), identity, range)])?.count).toBe(3);
  });

  it('is padding too where it differs in the last bits only', () => {
    const values = Float64Array.of(1.9999999999999998, 0, 1);
    expect(valueStatistics([measured(values, identity, { low: 2, high: 2 })])?.count).toBe(2);
  });

  it('spares its neighbours', () => {
    const values = Float32Array.of(-9999.1, -9999, -9998.9, 0, 1e-30);
    const count = (end: number) => valueStatistics([measured(values, identity, { low: end, high: end })])?.count;
    expect([count(-9999), count(0)]).toEqual([4, 4]);
  });
});
