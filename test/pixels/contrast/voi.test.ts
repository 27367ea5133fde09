import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianWindow, usableWindow, windowFraction } from '../../../src/pixels/contrast/voi.ts';
import type { VoiWindow } from '../../../src/types/pixels.ts';

const window = (center: number, width: number, name: VoiWindow['function'] = 'LINEAR'): VoiWindow => ({
  center,
  width,
  function: name,
});

describe('windowFraction', () => {
  // PS3.3 C.11.2.1.2.1, notes: c=2048, w=4096 maps 0..4095 onto the whole range.
  it('maps the whole 12-bit range with 4096,2048 as the standard says', () => {
    const fraction = windowFraction(window(2048, 4096));
    expect(fraction(0)).toBe(0);
    expect(fraction(4095)).toBe(1);
    expect(fraction(1)).toBeCloseTo(1 / 4095, 12);
    expect(fraction(-1)).toBe(0);
    expect(fraction(4096)).toBe(1);
  });

  // PS3.3 C.11.2.1.2.1: c=2048, w=1 becomes a threshold; c=0, w=100 and c=0, w=1 likewise.
  it('is a threshold at a width of 1', () => {
    const fraction = windowFraction(window(2048, 1));
    expect([2047, 2047.5, 2047.6, 2048].map(fraction)).toEqual([0, 0, 1, 1]);
  });

  it('has its ends where the standard puts them for 100,0', () => {
    const fraction = windowFraction(window(0, 100));
    expect(fraction(-50)).toBe(0);
    expect(fraction(49)).toBe(1);
    expect(fraction(-0.5)).toBe(0.5);
  });

  it('has its ends at c +- w/2 with LINEAR_EXACT', () => {
    const fraction = windowFraction(window(0, 100, 'LINEAR_EXACT'));
    expect([-50, -25, 0, 25, 50, 51].map(fraction)).toEqual([0, 0.25, 0.5, 0.75, 1, 1]);
  });

  it('is the logistic curve with SIGMOID', () => {
    const fraction = windowFraction(window(100, 40, 'SIGMOID'));
    expect(fraction(100)).toBe(0.5);
    expect(fraction(110)).toBeCloseTo(1 / (1 + Math.exp(-1)), 12);
    expect(fraction(80)).toBeCloseTo(1 / (1 + Math.exp(2)), 12);
  });

  it('never falls and stays within 0..1', () => {
    const any = fc.record({
      center: fc.double({ min: -5000, max: 5000, noNaN: true }),
      width: fc.double({ min: 1, max: 5000, noNaN: true }),
      function: fc.constantFrom<VoiWindow['function']>('LINEAR', 'LINEAR_EXACT', 'SIGMOID'),
    });
    const value = fc.double({ min: -20_000, max: 20_000, noNaN: true });
    fc.assert(
      fc.property(any, value, value, (chosen, one, other) => {
        const fraction = windowFraction(chosen);
        const [low, high] = [fraction(Math.min(one, other)), fraction(Math.max(one, other))];
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('usableWindow', () => {
  it('refuses widths that no function has a meaning for', () => {
    for (const width of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const name of ['LINEAR', 'LINEAR_EXACT', 'SIGMOID'] as const) {
        expect(usableWindow(window(10, width, name))).toBeUndefined();
      }
    }
    expect(usableWindow(window(Number.NaN, 10))).toBeUndefined();
  });

  it('takes a LINEAR width below 1 as exact and leaves the others alone', () => {
    expect(usableWindow(window(0.5, 0.25))).toEqual(window(0.5, 0.25, 'LINEAR_EXACT'));
    expect(usableWindow(window(0.5, 1))).toEqual(window(0.5, 1));
    expect(usableWindow(window(0.5, 0.25, 'SIGMOID'))).toEqual(window(0.5, 0.25, 'SIGMOID'));
  });
});

describe('medianWindow', () => {
  it('takes the median of the bounds, not of centers and widths', () => {
    // Bounds 0..100, 50..60, -10..1000: medians 0 and 100.
    expect(medianWindow([window(50, 100), window(55, 10), window(495, 1010)])).toEqual(window(50, 100));
  });

  it('averages the middle two of an even number', () => {
    expect(medianWindow([window(50, 100), window(100, 100)])).toEqual(window(75, 100));
  });

  it('takes the function most windows have', () => {
    const windows = [window(1, 2, 'SIGMOID'), window(1, 2, 'SIGMOID'), window(1, 2)];
    expect(medianWindow(windows).function).toBe('SIGMOID');
    expect(medianWindow([window(1, 2, 'SIGMOID'), window(1, 2)]).function).toBe('LINEAR');
  });
});
