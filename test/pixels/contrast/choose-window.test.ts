import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { chooseWindows, type ShownFrame } from '../../../src/pixels/contrast/choose-window.ts';
import { clippedEnd } from '../../../src/pixels/contrast/clipping.ts';
import { parseContrast } from '../../../src/pixels/contrast/presets.ts';
import type { LookupTable, StoredValues, VoiWindow } from '../../../src/types/pixels.ts';

const window = (center: number, width: number): VoiWindow => ({ center, width, function: 'LINEAR' });
const table: LookupTable = { firstMapped: -50, bits: 12, entries: Uint16Array.from({ length: 200 }, (_, i) => i * 20) };

/** Values 0..99 unless told otherwise. */
function shown(parts: Partial<ShownFrame> & { readonly values?: StoredValues } = {}): ShownFrame {
  const values = parts.values ?? Int16Array.from({ length: 100 }, (_, index) => index);
  return {
    frame: { rows: 1, columns: values.length, samplesPerPixel: 1, values, photometricInterpretation: 'MONOCHROME2' },
    bitsStored: 16,
    modality: { kind: 'linear', slope: 1, intercept: 0 },
    windows: [],
    voiTables: [],
    padding: undefined,
    ...parts,
  };
}

function colour(photometricInterpretation: string, samplesPerPixel: number): ShownFrame {
  const values = new Uint8Array(12);
  return shown({
    frame: { rows: 1, columns: 12 / samplesPerPixel, samplesPerPixel, values, photometricInterpretation },
    bitsStored: 8,
  });
}

function choose(frames: readonly ShownFrame[], contrast?: string, modality = 'CT', windowIndex?: number) {
  const chosen = chooseWindows(frames, { contrast: parseContrast(contrast), modality, windowIndex });
  return { windows: chosen.frames.map((frame) => frame.window), warnings: chosen.warnings, frames: chosen.frames };
}

describe('chooseWindows without a contrast', () => {
  it('uses the stored window', () => {
    const { windows, warnings } = choose([shown({ windows: [window(40, 80)] }), shown({ windows: [window(40, 80)] })]);
    expect(windows).toEqual(Array(2).fill({ ...window(40, 80), source: 'instance' }));
    expect(warnings).toEqual([]);
  });

  it('uses one window for all where the stored ones differ, and for those without', () => {
    const { windows } = choose([
      shown({ windows: [window(50, 100)] }),
      shown({ windows: [window(60, 100)] }),
      shown({ windows: [window(70, 100)] }),
      shown(),
    ]);
    expect(windows.map((one) => [one?.center, one?.width, one?.source])).toEqual([
      [60, 100, 'series-median'],
      [60, 100, 'instance'],
      [60, 100, 'series-median'],
      [60, 100, 'series-median'],
    ]);
  });

  it('shares windows only among values of one unit', () => {
    const { windows } = choose(
      [
        shown({ windows: [window(50, 100)], unit: 'BQML' }),
        shown({ windows: [window(60, 100)], unit: 'BQML' }),
        shown({ windows: [window(5, 10)], unit: 'CNTS' }),
        shown({ unit: 'GML' }),
      ],
      undefined,
      'PT',
    );
    expect(windows.map((one) => [one?.center, one?.source])).toEqual([
      [55, 'series-median'],
      [55, 'series-median'],
      [5, 'instance'],
      [49.5, 'auto'],
    ]);
  });

  it('chooses from the values where none is stored, pooled over the frames', () => {
    const { windows } = choose([
      shown({ values: new Int16Array(50).fill(0) }),
      shown({ values: new Int16Array(50).fill(100), windows: [window(0, 0)] }),
    ]);
    expect(windows).toEqual(Array(2).fill({ center: 50, width: 100, function: 'LINEAR_EXACT', source: 'auto' }));
  });

  it.each([
    ['black', 5000, 10],
    ['white', -5000, 10],
  ])('does not use a window that would leave all %s, and says so', (_, center, width) => {
    const { windows, warnings } = choose([shown({ windows: [window(center, width)] })]);
    expect(windows[0]).toMatchObject({ source: 'auto-fallback', center: 49.5, function: 'LINEAR_EXACT' });
    expect(windows[0]?.width).toBeCloseTo(95.04, 9);
    expect(warnings).toEqual([expect.stringContaining('chosen from the values instead')]);
  });

  it('judges the picture, not each tile', () => {
    const dark = shown({ values: new Int16Array(100).fill(-1000), windows: [window(50, 100)] });
    const { windows, warnings } = choose([dark, shown({ windows: [window(50, 100)] })]);
    expect(windows.map((one) => one?.source)).toEqual(['instance', 'instance']);
    expect(warnings).toEqual([]);
  });

  it('does not count padding when it judges', () => {
    const values = new Int16Array(10_000).fill(-2000);
    values.set(Int16Array.from({ length: 90 }, (_, index) => index));
    const padding = { low: -2000, high: -2000 };
    const windows = [window(45, 90)];
    expect(choose([shown({ values, windows, padding })]).windows[0]?.source).toBe('instance');
    expect(choose([shown({ values, windows })]).windows[0]?.source).toBe('auto-fallback');
  });

  it('takes the whole 8-bit range in ultrasound, the dose from 0 in RTDOSE', () => {
    const values = Uint8Array.from({ length: 100 }, (_, index) => index);
    const [us] = choose([shown({ values, bitsStored: 8 })], undefined, 'US').windows;
    expect(us).toEqual({ center: 127.5, width: 255, function: 'LINEAR_EXACT', source: 'full-range' });
    const [dark] = choose([shown({ values: new Uint8Array(200).fill(255), bitsStored: 8 })], undefined, 'US').windows;
    expect(dark?.source).toBe('auto');
    const modality = { kind: 'linear', slope: 0.5, intercept: 0 } as const;
    const [dose] = choose([shown({ values: Uint32Array.of(20, 40, 80), modality })], undefined, 'RTDOSE').windows;
    expect(dose).toEqual({ center: 20, width: 40, function: 'LINEAR_EXACT', source: 'full-range' });
  });

  it('prefers the VOI LUT in projection radiography and the window elsewhere', () => {
    const both = shown({ windows: [window(40, 80)], voiTables: [table] });
    expect(choose([both], undefined, 'DX').windows[0]).toEqual({ ...window(50, 200), source: 'voi-lut' });
    expect(choose([both], undefined, 'CT').windows[0]?.source).toBe('instance');
    expect(choose([shown({ voiTables: [table] })], undefined, 'CT').windows[0]?.source).toBe('voi-lut');
  });

  it('falls back from a VOI LUT that shows nothing', () => {
    const black: LookupTable = { ...table, entries: new Uint16Array(200) };
    expect(choose([shown({ voiTables: [black] })], undefined, 'DX').windows[0]?.source).toBe('auto-fallback');
  });

  it('has a window even where all values are padding', () => {
    const padded = shown({ values: new Int16Array(4), padding: { low: 0, high: 0 } });
    expect(choose([padded]).windows[0]?.source).toBe('full-range');
  });

  it('leaves an unusable rescale out and says so', () => {
    const modality = { kind: 'linear', slope: 0, intercept: 5 } as const;
    const { frames, warnings } = choose([shown({ modality, windows: [window(50, 100)] })]);
    expect(frames[0]?.modality).toEqual({ kind: 'linear', slope: 1, intercept: 0 });
    expect(warnings).toEqual([expect.stringContaining('unusable rescale')]);
  });

  it('does not show angiography through its Modality LUT', () => {
    const modality = { kind: 'table', table } as const;
    const windows = [window(50, 100)];
    expect(choose([shown({ modality, windows })], undefined, 'XA').frames[0]?.modality).toMatchObject({ slope: 1 });
    expect(choose([shown({ modality, windows })], undefined, 'CT').frames[0]?.modality).toBe(modality);
  });
});

describe('chooseWindows with a window index', () => {
  const several = shown({ windows: [window(40, 80), window(50, 60)], voiTables: [table] });

  it('takes that one of windows and VOI LUTs', () => {
    const centers = [0, 1, 2].map((index) => choose([several], undefined, 'CT', index).windows[0]?.center);
    expect(centers).toEqual([40, 50, 50]);
    expect(choose([several], 'embedded', 'CT', 2).windows[0]?.source).toBe('voi-lut');
    expect(choose([several], undefined, 'DX', 0).windows[0]?.source).toBe('voi-lut');
  });

  it('warns where some have fewer, and refuses where all have', () => {
    const { windows, warnings } = choose([several, shown({ windows: [window(9, 9)] })], 'embedded', 'CT', 1);
    expect(windows.map((one) => one?.center)).toEqual([50, 9]);
    expect(warnings).toEqual([expect.stringMatching(/^1 of the shown images/)]);
    expect(() => choose([several], undefined, 'CT', 3)).toThrow(UsageError);
    expect(() => choose([several], undefined, 'CT', 3)).toThrow('(1 to 3 are stored) but received 4');
    expect(() => choose([shown()], undefined, 'CT', 0)).toThrow('none is stored');
    expect(() => choose([several], undefined, 'CT', -1)).toThrow(UsageError);
  });

  it('keeps what was picked even if it shows nothing, with a warning', () => {
    const { windows, warnings } = choose([shown({ windows: [window(0, 1), window(9999, 2)] })], undefined, 'CT', 1);
    expect(windows[0]?.source).toBe('instance');
    expect(warnings).toHaveLength(1);
  });
});

describe('chooseWindows with a contrast', () => {
  it('embedded: each its own, auto where there is none', () => {
    const { windows } = choose(
      [
        shown({ windows: [window(40, 80)] }),
        shown({ windows: [window(50, 60)] }),
        shown(),
        shown({ voiTables: [table] }),
      ],
      'embedded',
    );
    expect(windows.map((one) => one?.source)).toEqual(['instance', 'instance', 'auto', 'voi-lut']);
    expect(windows.map((one) => one?.center)).toEqual([40, 50, 49.5, 50]);
  });

  it('auto: one for all, whatever is stored', () => {
    const { windows } = choose([shown({ windows: [window(40, 80)] }), shown()], 'auto');
    expect(new Set(windows.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(windows[0]?.source).toBe('auto');
    expect(windows[0]?.center).toBeCloseTo(49.5, 9);
  });

  it('a preset or a window: that one', () => {
    expect(choose([shown()], 'liver').windows[0]).toEqual({ ...window(30, 150), source: 'preset' });
    expect(choose([shown()], '60,50').windows[0]).toEqual({ ...window(50, 60), source: 'option' });
  });

  it('does not take 1 off the width where values lie closer than that', () => {
    const modality = { kind: 'linear', slope: 0.01, intercept: 0 } as const;
    expect(choose([shown({ modality })], '1,0.5', 'PT').windows[0]?.function).toBe('LINEAR_EXACT');
    expect(choose([shown({ values: Float32Array.of(0, 1, 2) })], '2,1', 'PT').windows[0]?.function).toBe(
      'LINEAR_EXACT',
    );
  });

  it('warns where it shows nothing, or is made for another modality', () => {
    expect(choose([shown()], '10,9000').warnings).toEqual([expect.stringContaining("Try 'auto'")]);
    expect(choose([shown()], 't1', 'CT').warnings[0]).toContain("made for MR; the series' modality is CT");
    expect(choose([shown()], 'liver', 'CT').warnings).toEqual([]);
  });
});

describe('chooseWindows with colour', () => {
  const mixed = [colour('RGB', 3), colour('PALETTE COLOR', 1), shown({ windows: [window(40, 80)] })];

  it('leaves it alone unless numbers are asked for', () => {
    for (const contrast of [undefined, 'auto', 'embedded']) {
      const { windows, warnings } = choose(mixed, contrast);
      expect(windows.map((one) => one === null)).toEqual([true, true, false]);
      expect(warnings).toEqual([]);
    }
    expect(choose(mixed, 'liver').warnings).toEqual([expect.stringMatching(/^2 colour images/)]);
  });

  it('applies numbers to samples, never to palette indices', () => {
    const { windows, frames } = choose(mixed, '60,50');
    expect(windows.map((one) => one?.source)).toEqual(['option', undefined, 'option']);
    expect(frames[1]?.voi).toBeUndefined();
  });
});

describe('clippedEnd', () => {
  const judge = (values: StoredValues, center: number) =>
    clippedEnd([
      {
        frame: { values, modality: { kind: 'linear', slope: 1, intercept: 0 }, padding: undefined },
        rowLength: 512,
        voi: { kind: 'window', window: window(center, 100) },
      },
    ]);

  it('needs more than 99 in 100 at one end', () => {
    for (const [type, count] of [
      [Int16Array, 512 * 512],
      [Float32Array, 512 * 64],
    ] as const) {
      const values = new type(count).fill(-500);
      values.fill(50, 0, Math.ceil(count / 100) + 1);
      expect(judge(values, 50)).toBeUndefined();
      values.fill(-500, 0, 3);
      expect(judge(values, 50)).toBe('low');
      expect(judge(values, -5000)).toBe('high');
    }
  });

  it('is not misled by columns: a step over rows meets all of them', () => {
    const values = Int16Array.from({ length: 512 * 512 }, (_, index) => (index % 512 < 256 ? -500 : 50));
    expect(judge(values, 50)).toBeUndefined();
    // Every 256th column, which a step of 256 values would meet alone.
    const sparse = Int16Array.from({ length: 512 * 512 }, (_, index) => (index % 256 === 0 ? 50 : -500));
    expect(judge(sparse, 50)).toBe('low');
  });
});
