// The same series gives the same picture, whatever it is read from, how, and in which order.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPreviewer, type MosaicOptions, type Preview } from '../src/index.ts';
import { seededRandom, shuffled, writeSeriesFolder } from './support/dicom/index.js';
import { type FaultyServer, type ServedObject, startFaultyServer } from './support/faulty-server.ts';
import { generatedSeries } from './support/generated-series.ts';
import { repetitions } from './support/repetitions.ts';
import { sharedDicom, sharedSeries } from './support/shared-data.ts';
import { makeZip } from './support/zip.ts';

type Series = ReadonlyMap<string, Uint8Array>;

/** How a picture is made. */
interface Way {
  readonly store: 'folder' | 'zip' | 'http' | 'zip over http';
  /** Of the listing, of the archive, of writing the files. */
  readonly order: number;
  readonly cache: 'none' | 'cold' | 'warm';
  readonly concurrency: number;
  readonly workers: number;
  /** As many at once; each must be the same. */
  readonly together: number;
}

const ways: fc.Arbitrary<Way> = fc.record({
  store: fc.constantFrom('folder', 'zip', 'http', 'zip over http'),
  order: fc.integer({ min: 1, max: 1000 }),
  cache: fc.constantFrom('none', 'cold', 'warm'),
  concurrency: fc.constantFrom(1, 2, 7, 128),
  workers: fc.constantFrom(1, 2, 4),
  together: fc.constantFrom(1, 3),
});

const usual: Way = { store: 'folder', order: 1, cache: 'none', concurrency: 128, workers: 2, together: 1 };

let work = '';
let server: FaultyServer;
const served = new Map<string, ServedObject>();
let places = 0;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'same-bytes-'));
  server = await startFaultyServer({ objects: served });
});
afterAll(async () => {
  await server.stop();
  rmSync(work, { recursive: true, force: true });
});

/** Puts a series somewhere. All places have one last name, since the keys of some stores begin with it. */
function put(series: Series, { store, order }: Way): string {
  const place = `${places++}`;
  const files = shuffled([...series], seededRandom(order));
  const zip = (): Uint8Array<ArrayBuffer> => makeZip(files.map(([name, bytes]) => ({ name, bytes })));
  const serve = (path: string, bytes: Uint8Array, contentType: string): string => {
    served.set(path, { bytes, contentType, etag: `"${place}"` });
    return `${server.origin}${path}`;
  };
  if (store === 'zip over http') return serve(`/${place}/series.zip`, zip(), 'application/zip');
  if (store === 'http') {
    for (const [name, bytes] of files) serve(`/${place}/series/${name}`, bytes, 'application/dicom');
    const links = files.map(([name]) => `<a href="${name}">${name}</a>`).join('\n');
    return serve(
      `/${place}/series/`,
      Buffer.from(`<html><title>Index of /</title><body>${links}</body></html>`),
      'text/html',
    );
  }
  const folder = join(work, place);
  mkdirSync(folder);
  if (store === 'zip') {
    writeFileSync(join(folder, 'series.zip'), zip());
    return join(folder, 'series.zip');
  }
  writeSeriesFolder(join(folder, 'series'), files);
  return join(folder, 'series');
}

async function picturesOf(series: Series, way: Way, options: MosaicOptions): Promise<readonly Preview[]> {
  const place = put(series, way);
  const { concurrency, workers, cache } = way;
  const cacheDir = join(work, `cache-${places}`);
  const given = { ...options, concurrency, ...(cache === 'none' ? { noCache: true } : { cacheDir }) };
  await using previewer = createPreviewer({ workers });
  if (cache === 'warm') await previewer.createMosaic(place, given);
  return await Promise.all(Array.from({ length: way.together }, () => previewer.createMosaic(place, given)));
}

/** What must be the same of a report: what each tile shows and how, the series, the warnings. */
function told({ report }: Preview): unknown {
  const { series, tiles, output, warnings, privacy } = report;
  return { series, tiles, output, warnings, privacy };
}

async function expectSame(series: Series, reference: Preview, way: Way, options: MosaicOptions): Promise<void> {
  for (const preview of await picturesOf(series, way, options)) {
    expect(Buffer.from(preview.bytes).equals(Buffer.from(reference.bytes))).toBe(true);
    expect(told(preview)).toEqual(told(reference));
  }
}

async function referenceOf(series: Series, options: MosaicOptions): Promise<Preview> {
  const [reference] = await picturesOf(series, usual, options);
  if (reference === undefined) throw new Error('Expected a picture.');
  return reference;
}

const options: MosaicOptions = { tileWidth: 3, imageWidth: 24, format: 'png' };

describe('the same bytes, whatever the way', () => {
  // A folder of several series is none of them.
  const single = [...generatedSeries].filter(([name]) => !name.startsWith('several kinds'));
  it.each(single)('%s', async (_, make) => {
    const series = make();
    const reference = await referenceOf(series, options);
    await fc.assert(
      fc.asyncProperty(ways, (way) => expectSame(series, reference, way, options)),
      { numRuns: repetitions(3, 40), seed: 1 },
    );
  });
});

/** Series that take longer than this to zip and serve are left to the tests with servers. */
const maxByteLength = 64 * 1024 * 1024;

describe.skipIf(repetitions(0, 1) === 0 || sharedDicom === undefined)('the same bytes of real series', () => {
  it.each(sharedSeries())('%s', async (name) => {
    const folder = `${sharedDicom}/series/${name}`;
    const names = readdirSync(folder).filter((each) => /^[\w.-]+$/.test(each));
    const series = new Map(names.map((each) => [each, readFileSync(join(folder, each))]));
    const length = [...series.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    const tiles = { tileWidth: 6 };
    const reference = await referenceOf(series, tiles);
    expect(reference.bytes.length).toBeGreaterThan(0);
    if (length > maxByteLength) return;
    await fc.assert(
      fc.asyncProperty(ways, (way) => expectSame(series, reference, way, tiles)),
      { numRuns: 4, seed: 2 },
    );
    served.clear();
  });
});
