import { describe, expect, it } from 'vitest';
import { averageValues } from '../../../src/pixels/scale/average-values.ts';

describe('averageValues', () => {
  const isPadding = (value: number): boolean => value === -9999;
  const average = (...values: readonly number[]) =>
    averageValues({ rows: 2, columns: values.length / 2, values }, 1, values.length / 4, isPadding);

  it('averages areas', () => {
    expect([...average(1, 2, 10, 20, 3, 4, 30, 40)]).toEqual([2.5, 25]);
  });

  it('counts neither padding nor what is not a finite number', () => {
    expect([...average(-9999, 2, Number.NaN, 20, 3, 4, 30, 40)]).toEqual([3, 30]);
    expect([...average(Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY, 20, 3, 4, 30, 40)]).toEqual([3, 30]);
  });

  it('keeps padding where an area holds nothing else', () => {
    expect([...average(-9999, -9999, Number.NaN, Number.NaN, -9999, -9999, Number.NaN, -9999)]).toEqual([-9999, -9999]);
  });
});
