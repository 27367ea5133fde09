// What a large multi-frame instance on a web server costs: requests and bytes, counted by the server.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFarStore } from '../../../bench/far-store.js';
import { createImage, createMosaic } from '../../../src/index.ts';
import {
  type EnhancedOptions,
  encodeRleFrame,
  enhancedMultiFrame,
  type StoredArray,
  transferSyntax,
  writeEnhancedMultiFrameFile,
} from '../../support/dicom/index.js';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-reads-'));
const store = createFarStore({ folder, firstByteDelayMs: 0, bytesPerSecond: 1e9 });
let base = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => store.server.listen(0, '127.0.0.1', resolve));
  const address = store.server.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(async () => {
  store.server.closeAllConnections();
  await new Promise((resolve) => store.server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const frames = 1000;
const rows = 96;
const frameLength = rows * rows * 2;
const options: EnhancedOptions = { seed: 2, slices: frames, rows, columns: rows, distinctSlices: 4, noise: 40 };

const encoded = new Map<StoredArray, Uint8Array>();
const encodeFrame = (stored: StoredArray): Uint8Array => {
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  const known = encoded.get(stored) ?? encodeRleFrame(bytes, { columns: rows, bytesPerSample: 2 });
  encoded.set(stored, known);
  return known;
};

interface Cost {
  readonly requests: number;
  readonly bytes: number;
}

/** What one call asks of the server. */
async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const before = store.statistics();
  await work();
  const after = store.statistics();
  return { requests: after.requests - before.requests, bytes: after.bodyBytes - before.bodyBytes };
}

let caches = 0;
/** Nothing is known from an earlier call. */
const afresh = (): { cacheDir: string } => ({ cacheDir: join(folder, `cache-${caches++}`) });

const mosaic = (name: string): Promise<Cost> =>
  costOf(async () => {
    const { report } = await createMosaic(`${base}/${name}`, { tileWidth: 6, imageWidth: 32, ...afresh() });
    expect(report.series.frames).toBe(frames);
    expect(report.tiles.map(({ index }) => index)).toEqual(
      Array.from({ length: 36 }, (_, tile) => Math.round((tile * (frames - 1)) / 35)),
    );
    expect(report.tiles.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(report.warnings).toEqual([]);
  });
const image = (name: string): Promise<Cost> =>
  costOf(() => createImage(`${base}/${name}`, { position: 0.5, ...afresh() }));

/** Listing or looking for the object, and the steps in which a header of unknown length is read. */
const otherRequests = 6;

function written(
  name: string,
  offsetTable: 'basic' | 'extended' | 'empty',
): { readonly headerLength: number; readonly longestFrame: number } {
  encoded.clear();
  const encapsulation = { offsetTable };
  const transferSyntaxUid = transferSyntax.rleLossless;
  const bytes = enhancedMultiFrame({ ...options, transferSyntaxUid, encodeFrame, encapsulation });
  writeFileSync(join(folder, name), bytes);
  const items = [...encoded.values()].map(({ length }) => length + (length % 2) + 8);
  expect(items).toHaveLength(4);
  const values = items.reduce((sum, length) => sum + length * (frames / 4), 0);
  return { headerLength: bytes.length - values, longestFrame: Math.max(...items) };
}

describe(`a multi-frame instance of ${frames} frames on a web server`, () => {
  it('native: costs its header and the frames that are shown', async () => {
    const length = writeEnhancedMultiFrameFile(join(folder, 'native.dcm'), options);
    const headerLength = length - frames * frameLength;
    for (const [count, cost] of [
      [36, await mosaic('native.dcm')],
      [1, await image('native.dcm')],
    ] as const) {
      expect(cost.requests).toBeLessThanOrEqual(count + otherRequests);
      expect(cost.bytes).toBeGreaterThan(count * frameLength);
      // A header's length is not known beforehand: it is read in growing steps.
      expect(cost.bytes).toBeLessThan(count * frameLength + 2 * headerLength);
    }
  });

  it.each(['basic', 'extended'] as const)('with an offset table (%s): the same, compressed', async (offsetTable) => {
    const { headerLength, longestFrame } = written(`${offsetTable}.dcm`, offsetTable);
    for (const [count, cost] of [
      [36, await mosaic(`${offsetTable}.dcm`)],
      [1, await image(`${offsetTable}.dcm`)],
    ] as const) {
      expect(cost.requests).toBeLessThanOrEqual(count + otherRequests);
      expect(cost.bytes).toBeLessThan(count * longestFrame + 2 * headerLength);
    }
  });

  it('without an offset table: once through, in few requests', async () => {
    const { headerLength } = written('empty.dcm', 'empty');
    const { requests, bytes } = await mosaic('empty.dcm');
    expect(requests).toBeLessThanOrEqual(1 + otherRequests);
    expect(bytes).toBeLessThan(statSync(join(folder, 'empty.dcm')).size + 2 * headerLength);
  });
});
