import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { chooseWindows, type ShownFrame } from '../../../src/pixels/contrast/choose-window.ts';
import { parseContrast } from '../../../src/pixels/contrast/presets.ts';
import { greyFault } from '../../../src/pixels/contrast/shown-greys.ts';
import { voiFraction } from '../../../src/pixels/contrast/voi.ts';
import type { LookupTable, StoredValues, VoiWindow } from '../../../src/types/pixels.ts';
import { repetitions } from '../../support/repetitions.ts';

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

  it('does not count float padding: a map on a background of -9999', () => {
    const values = Float32Array.from({ length: 100 }, (_, index) => (index < 40 ? -9999 : index / 100));
    const padding = { low: -9999, high: -9999 };
    const [found] = choose([shown({ values, padding })]).windows;
    expect(found?.center).toBeCloseTo(0.695, 5);
    expect(found?.width).toBeLessThan(0.6);
    const stored = [window(0.7, 0.6)];
    expect(choose([shown({ values, padding, windows: stored })]).windows[0]?.source).toBe('instance');
  });

  it('has a window even where all values are padding', () => {
    const padded = shown({ values: new Int16Array(4), padding: { low: 0, high: 0 } });
    expect(choose([padded]).windows[0]?.source).toBe('full-range');
  });

  it('leaves an unusable rescale out and says so', () => {
    const modality = { kind: 'linear', slope: 0, intercept: 5 } as const;
    const { frames, warnings } = choose([shown({ modality, windows: [window(50, 100)] })]);
    expect(frames[0]?.modality).toEqual({ kind: 'linear', slope: 1, intercept: 0 });
    expect(warnings).toEqual(['1 of the shown images has an unusable rescale, which is left out.']);
  });

  it('does not show angiography through its Modality LUT', () => {
    const modality = { kind: 'table', table } as const;
    const windows = [window(50, 100)];
    expect(choose([shown({ modality, windows })], undefined, 'XA').frames[0]?.modality).toMatchObject({ slope: 1 });
    expect(choose([shown({ modality, windows })], undefined, 'CT').frames[0]?.modality).toBe(modality);
  });
});

it.each([undefined, 'auto', 'embedded'])('leaves out fill values, with a warning (contrast %s)', (contrast) => {
  const values = Float32Array.from({ length: 200 }, (_, index) => (index % 20 === 0 ? 1e30 : index / 200));
  const frames = [shown({ values }), shown({ values, windows: contrast === undefined ? [] : [window(0.5, 1)] })];
  const { windows, warnings } = choose(frames, contrast);
  expect(windows[0]?.width).toBeLessThan(1.1);
  const said = expect.stringMatching(/ of \d+ values lie beyond 1e\+15, .* taken for fill values/);
  expect(warnings).toEqual([said]);
});

describe('chooseWindows with a window that is far too wide', () => {
  /** A ramp up to 1123, as of an MR image. */
  const ramp = Uint16Array.from({ length: 4096 }, (_, index) => Math.round((index * 1123) / 4095));
  const auto = choose([shown({ values: ramp })], 'auto').windows[0];

  it.each([
    ['17 dark greys', 8191.5, 16383],
    ['one grey in the middle', 500, 1e6],
    ['one grey', 0, 1e20],
    ['a few bright greys', -5000, 16383],
  ])('chooses from the values instead of %s, and says so', (_, center, width) => {
    for (const rows of [1, 3]) {
      const frames = Array.from({ length: rows }, () => shown({ values: ramp, windows: [window(center, width)] }));
      const { windows, warnings } = choose(frames);
      expect(windows).toEqual(Array(rows).fill({ ...auto, source: 'auto-fallback' }));
      expect(warnings).toEqual([
        expect.stringMatching(/^The stored window would show nearly nothing: .* of 256 greys/),
      ]);
    }
  });

  it('does so for signed, rescaled and float values alike, without the padding', () => {
    const padded = Int16Array.from(ramp, (value, index) => (index < 1000 ? -20_000 : value - 500));
    const padding = { low: -20_000, high: -20_000 };
    const modality = { kind: 'linear', slope: -0.001, intercept: 3 } as const;
    const floats = Float32Array.from(ramp, (value) => value / 1e5);
    for (const parts of [
      { values: padded, padding, windows: [window(0, 20_000)] },
      { values: ramp, modality, windows: [window(0, 40)] },
      { values: floats, windows: [window(0, 2)] },
    ]) {
      expect(choose([shown(parts)]).windows[0]?.source).toBe('auto-fallback');
    }
    expect(choose([shown({ values: padded, windows: [window(0, 20_000)] })]).windows[0]?.source).toBe('instance');
  });

  it('is not misled by a few defective pixels, nor takes a small hot spot for some', () => {
    const values = ramp.slice();
    values.set([65_535, 65_535], 2000);
    expect(choose([shown({ values, windows: [window(32_768, 65_536)] })]).windows[0]?.source).toBe('auto-fallback');
    values.fill(40_000, 2000, 2016);
    expect(choose([shown({ values, windows: [window(32_768, 65_536)] })]).windows[0]?.source).toBe('instance');
  });

  it('keeps a window that is only generous', () => {
    expect(choose([shown({ values: ramp, windows: [window(4096, 8192)] })]).windows[0]?.source).toBe('instance');
  });

  it('keeps the window of values without contrast, and of mere noise', () => {
    const even = new Int16Array(4096).fill(100);
    let state = 1;
    const noise = even.map((value) => {
      state = (state * 48_271) % 0x7fffffff;
      return value + (state % 21) - 10;
    });
    const spotted = even.slice().fill(200, 2000, 2002);
    for (const values of [even, noise, spotted]) {
      const { windows, warnings } = choose([shown({ values, windows: [window(40, 400)] })]);
      expect([windows[0]?.source, warnings]).toEqual(['instance', []]);
    }
    // As few steps, but in two even areas.
    const mask = even.slice().fill(110, 2000);
    expect(choose([shown({ values: mask, windows: [window(40, 400)] })]).windows[0]?.source).toBe('auto-fallback');
  });

  it('keeps what was asked for, with a warning', () => {
    const wide = shown({ values: ramp, windows: [window(-9, 9), window(500, 1e6)] });
    const fault = expect.stringContaining('only 2 of 256 greys');
    for (const [contrast, index, source] of [
      ['embedded', 1, 'instance'],
      [undefined, 1, 'instance'],
      ['1000000,500', undefined, 'option'],
    ] as const) {
      const { windows, warnings } = choose([wide], contrast, 'MR', index);
      expect(windows[0]).toEqual({ ...window(500, 1e6), source });
      expect(warnings).toEqual([fault]);
    }
    expect(choose([wide], 'embedded').warnings).toEqual([expect.stringContaining('shows nothing')]);
    expect(choose([shown({ values: ramp })], 'embedded').warnings).toEqual([]);
  });

  it('takes display values for what they are unless they span next to nothing', () => {
    const dark = Uint8Array.from(ramp, (value) => value / 70);
    expect(choose([shown({ values: dark, bitsStored: 8 })], undefined, 'US').windows[0]?.source).toBe('auto');
  });
});

describe('chooseWindows with absurd numbers', () => {
  it('leaves a window out that cannot be applied, and counts the images', () => {
    const frames = [
      shown({ windows: [window(Number.POSITIVE_INFINITY, 80)] }),
      shown({ windows: [window(1e308, 1e308), window(40, 80)] }),
      shown({ windows: [window(40, 80), window(40, 0)] }),
      shown(),
    ];
    for (const contrast of [undefined, 'embedded']) {
      const { windows, warnings } = choose(frames, contrast);
      expect(windows.slice(1, 3).map((one) => one?.center)).toEqual([40, 40]);
      expect(warnings).toEqual([expect.stringMatching(/^2 of the shown images have a stored window .* left out/)]);
    }
    expect(choose(frames, 'auto').warnings).toEqual([]);
  });

  it('never reports a number that is not finite', () => {
    const any = fc.oneof(
      fc.double(),
      fc.constantFrom(0, 1, -1e20, 1e20, 1e300, -1e308, 1.7e308, Number.MAX_VALUE, 5e-324, Number.NaN),
    );
    const anyValues = fc.oneof(
      fc.array(any, { minLength: 1, maxLength: 20 }).map((values) => Float64Array.from(values)),
      fc.float32Array({ minLength: 1, maxLength: 20 }),
      fc.uint16Array({ minLength: 1, maxLength: 20 }),
      fc.int32Array({ minLength: 1, maxLength: 20 }),
    );
    const anyFrame = fc.record({
      values: anyValues,
      windows: fc.array(
        fc.record({
          center: any,
          width: any,
          function: fc.constantFrom<VoiWindow['function']>('LINEAR', 'LINEAR_EXACT', 'SIGMOID'),
        }),
        { maxLength: 3 },
      ),
      modality: fc.record({ kind: fc.constant('linear' as const), slope: any, intercept: any }),
      padding: fc.option(fc.record({ low: any, high: any }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(undefined, 'auto', 'embedded'),
        fc.constantFrom('MR', 'US', 'RTDOSE', 'DX'),
        (frames, contrast, modality) => {
          const { windows } = choose(frames.map(shown), contrast, modality);
          expect(windows).toHaveLength(frames.length);
          expect(JSON.stringify(windows)).not.toContain('null');
        },
      ),
      { numRuns: repetitions(200, 2000) },
    );
  });
});

describe('chooseWindows with a VOI LUT that claims too many bits', () => {
  const values = Uint16Array.from({ length: 4096 }, (_, index) => index);
  const claims = (bits: number, entry: (value: number) => number): LookupTable => ({
    firstMapped: 0,
    bits,
    entries: Uint16Array.from(values, entry),
  });
  const greys = (table: LookupTable) => {
    const { frames, windows, warnings } = choose([shown({ values, voiTables: [table] })], undefined, 'CR');
    const voi = frames[0]?.voi;
    if (voi?.kind !== 'table') return { windows, warnings, bytes: undefined };
    const fraction = voiFraction(voi);
    return { windows, warnings, bytes: [0, 1024, 2048, 4095].map((value) => Math.round(255 * fraction(value))) };
  };

  it.each([
    ['entries to 4095 of 16 bits', 16, (value: number) => value],
    ['entries to 255 of 16 bits', 16, (value: number) => value / 16],
    ['entries from 5000 to 9095 of 16 bits', 16, (value: number) => value + 5000],
  ])('is scaled by its own entries: %s', (_, bits, entry) => {
    const { windows, warnings, bytes } = greys(claims(bits, entry));
    expect(windows[0]).toEqual({ ...window(2048, 4096), source: 'auto-fallback' });
    expect(warnings).toEqual([expect.stringMatching(/^The stored VOI LUT would show .* Its entries were scaled/)]);
    expect(bytes).toEqual([0, 64, 128, 255]);
  });

  it('is left alone where its entries fit its bits', () => {
    const { windows, warnings, bytes } = greys(claims(12, (value) => value));
    expect([windows[0]?.source, warnings, bytes]).toEqual(['voi-lut', [], [0, 64, 128, 255]]);
  });

  it('gives way to the values where it is flat over them', () => {
    const { windows, warnings } = greys({
      ...claims(8, () => 20),
      entries: Uint16Array.from([...Array(4096).fill(20), 30]),
    });
    expect(windows[0]?.source).toBe('auto-fallback');
    expect(warnings).toEqual([expect.stringContaining('in one of 256 greys. The window was chosen from the values')]);
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
    expect(warnings).toEqual(['1 of the shown images has no usable window 2 and is shown with its first one.']);
    expect(() => choose([several], undefined, 'CT', 3)).toThrow(UsageError);
    expect(() => choose([several], undefined, 'CT', 3)).toThrow('(1 to 3 are stored) but received 4');
    expect(() => choose([shown({ windows: [window(9, 9)] })], undefined, 'CT', 1)).toThrow('(only 1 is stored)');
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

describe('greyFault', () => {
  const judge = (values: StoredValues, center: number) =>
    greyFault([
      {
        frame: { values, modality: { kind: 'linear', slope: 1, intercept: 0 }, padding: undefined },
        rowLength: 512,
        voi: { kind: 'window', window: window(center, 100) },
      },
    ])?.kind;

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
