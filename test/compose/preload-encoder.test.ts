import type Sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const sharp = vi.hoisted(() => ({ loads: 0, encoded: [] as string[], isMissing: false }));

vi.mock('../../src/compose/load-sharp.ts', () => ({
  loadSharp(): typeof Sharp {
    sharp.loads++;
    if (sharp.isMissing) throw new Error('not installed');
    const picture = {
      toColourspace: () => picture,
      webp: () => sharp.encoded.push('webp'),
      png: () => sharp.encoded.push('png'),
      toBuffer: () => Promise.reject(new Error('no encoder')),
    };
    return (() => picture) as never;
  },
}));

async function freshEncoder(): Promise<typeof import('../../src/compose/encode.ts')> {
  vi.resetModules();
  return import('../../src/compose/encode.ts');
}

describe('preloading the encoder', () => {
  beforeEach(() => {
    Object.assign(sharp, { loads: 0, encoded: [], isMissing: false });
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('waits until the request has left', async () => {
    const { preloadEncoder } = await freshEncoder();
    let hasLeft = false;
    preloadEncoder('png', () => hasLeft);
    vi.advanceTimersByTime(100);
    expect(sharp.loads).toBe(0);
    hasLeft = true;
    vi.advanceTimersByTime(10);
    expect(sharp).toMatchObject({ loads: 1, encoded: ['png'] });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('encodes one tiny picture, however many pictures ask for it, and none without a format', async () => {
    const { preloadEncoder } = await freshEncoder();
    for (let picture = 0; picture < 5; picture++) preloadEncoder('webp');
    vi.advanceTimersByTime(10);
    expect(sharp).toMatchObject({ loads: 1, encoded: ['webp'] });
    preloadEncoder('webp');
    expect(vi.getTimerCount()).toBe(0);
    const second = await freshEncoder();
    second.preloadEncoder();
    vi.advanceTimersByTime(10);
    expect(sharp).toMatchObject({ loads: 2, encoded: ['webp'] });
  });

  it('leaves what goes wrong to the picture', async () => {
    const { preloadEncoder } = await freshEncoder();
    sharp.isMissing = true;
    preloadEncoder('webp');
    vi.advanceTimersByTime(10);
    expect(sharp).toMatchObject({ loads: 1, encoded: [] });
  });
});
