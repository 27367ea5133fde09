import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { draftSettings, imageSettings, mosaicSettings, storageSettings } from '../../src/settings/settings.ts';
import { framesSettings } from '../../src/settings/values-settings.ts';
import { defaultLimits } from '../../src/types/limits.ts';

describe('settings of stores', () => {
  it('fill in the defaults', () => {
    expect(storageSettings({})).toMatchObject({
      concurrency: 128,
      timeoutMs: 30_000,
      retries: 5,
      noSignRequest: false,
    });
  });

  it.each([
    { concurrency: 0 },
    { concurrency: 1.5 },
    { concurrency: 5000 },
    { timeoutMs: 0 },
    { retries: -1 },
    { retries: Number.NaN },
  ])('refuses %j', (options) => {
    expect(() => storageSettings(options)).toThrow(UsageError);
  });
});

describe('limits', () => {
  it('are those that are named, and the defaults', () => {
    expect(storageSettings({}).limits).toBe(defaultLimits);
    const limits = { frames: 10, zipEntries: undefined, outputPixels: Infinity };
    expect(storageSettings({ limits }).limits).toEqual({ ...defaultLimits, frames: 10, outputPixels: Infinity });
  });

  it('suggest the nearest name for a mistyped one', () => {
    const limits = JSON.parse('{"frame": 10}');
    expect(() => storageSettings({ limits })).toThrow("There is no 'frame' in limits. Did you mean 'frames'?");
    expect(() => storageSettings({ limits: JSON.parse('{"size": 1}') })).toThrow(/Expected framePixels, frames, /);
  });
});

describe('a wrong option', () => {
  it.each([
    [['timeoutMs'], () => storageSettings({ timeoutMs: 86_400_001 })],
    [['limits'], () => storageSettings({ limits: { frames: 0 } })],
    [['limits'], () => storageSettings({ limits: { headerBytes: Number.NaN } })],
    [['tileHeight'], () => mosaicSettings({ tileHeight: 0 })],
    [['tileWidth', 'tileHeight'], () => mosaicSettings({ tileWidth: 101 })],
    [['start', 'end'], () => mosaicSettings({ start: 0.5, end: 0.5 })],
    [['imageWidth'], () => mosaicSettings({ imageWidth: 0 })],
    [['budget'], () => draftSettings({ budget: { timeMs: 0 } })],
    [['budget', 'draft'], () => draftSettings({ draft: false, budget: {} })],
    [['position'], () => imageSettings({ position: -0.1 })],
    [['frame'], () => imageSettings({ position: 0, frame: 0 })],
    [['positions', 'count', 'range'], () => framesSettings({ positions: [0], count: 1 })],
    [['width'], () => framesSettings({ width: 16_385 })],
  ])('is named by the error and in its message: %j', (optionNames, read) => {
    let error: unknown;
    try {
      read();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'usage', optionNames });
    for (const name of optionNames) expect(String(error)).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it('is refused at the ends of its range and nowhere within', () => {
    expect(mosaicSettings({ tileWidth: 100 })).toMatchObject({ tileWidth: 100, tileHeight: 100 });
    expect(storageSettings({ concurrency: 1024, timeoutMs: 1, retries: 0 }).concurrency).toBe(1024);
    expect(imageSettings({ position: 1, sliceOffset: -3 }).sliceOffset).toBe(-3);
    expect(() => imageSettings({ position: 1, sliceOffset: 0.5 })).toThrow(
      'Expected a whole number for sliceOffset but received 0.5.',
    );
  });
});
