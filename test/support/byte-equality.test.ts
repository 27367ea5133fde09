import { describe, expect, it } from 'vitest';

// vitest.config.ts has the tester run in every test file, and so in this one.
describe('toEqual of typed arrays', () => {
  const bytes = Uint8Array.of(1, 2, 3);

  it.each([
    ['the same bytes', bytes, Uint8Array.of(1, 2, 3)],
    ['a part of a larger buffer', bytes, Uint8Array.of(0, 1, 2, 3).subarray(1)],
    ['none', new Uint8Array(0), new Uint8Array(0)],
    ['not a number', Float32Array.of(Number.NaN), Float32Array.of(Number.NaN)],
    ['a property', { deep: [bytes] }, { deep: [bytes.slice()] }],
  ])('finds equal: %s', (_, one, other) => {
    expect(one).toEqual(other);
    expect(one).toStrictEqual(other);
  });

  it.each([
    ['another byte', bytes, Uint8Array.of(1, 2, 4)],
    ['less', bytes, Uint8Array.of(1, 2)],
    ['more', bytes, Uint8Array.of(1, 2, 3, 0)],
    ['another kind', bytes, Int8Array.of(1, 2, 3)],
    ['the same bytes as other numbers', Uint16Array.of(1), Uint8Array.of(1, 0)],
    ['an array', bytes, [1, 2, 3]],
    ['another byte in a property', { deep: [bytes] }, { deep: [Uint8Array.of(1, 2, 4)] }],
  ])('finds different: %s', (_, one, other) => {
    expect(one).not.toEqual(other);
    expect(one).not.toStrictEqual(other);
  });
});
