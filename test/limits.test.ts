import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMosaic, createPreviewer, type MosaicOptions } from '../src/index.ts';
import { nextHeaderLength } from '../src/series/header-pass/header-growth.ts';
import { defaultLimits } from '../src/types/limits.ts';
import { type Attributes, ctSeries, transferSyntax, writeSeriesFolder } from './support/dicom/index.js';
import { startFakeS3 } from './support/fake-s3.ts';
import { runHere } from './support/run-here.ts';
import { zipOf } from './support/zip.ts';

const series = ctSeries({ seed: 5, instances: 9, rows: 16 });
let work = '';
let folder = '';
let zip = '';
let deflated = '';

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'limits-'));
  folder = join(work, 'series');
  writeSeriesFolder(folder, series);
  zip = join(work, 'series.zip');
  writeFileSync(zip, zipOf(series));
  deflated = join(work, 'deflated');
  const write = { transferSyntaxUid: transferSyntax.deflatedExplicitLittleEndian };
  writeSeriesFolder(deflated, ctSeries({ seed: 5, instances: 9, rows: 16, write }));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

type LimitName = keyof NonNullable<MosaicOptions['limits']>;

function mosaic(place: string, limits: MosaicOptions['limits']): ReturnType<typeof createMosaic> {
  return createMosaic(place, { noCache: true, tileWidth: 3, imageWidth: 16, limits });
}

describe('a limit that the caller sets', () => {
  it.each<[LimitName, number, code: string, place: () => string]>([
    ['framePixels', 16 * 16, 'unsupported', () => folder],
    ['frames', 9, 'invalid-dicom', () => folder],
    ['headerElements', 60, 'not-dicom', () => folder],
    ['inflatedHeaderBytes', 2048, 'not-dicom', () => deflated],
    ['inflatedBytes', 2048, 'invalid-dicom', () => deflated],
    ['listingEntries', 9, 'storage', () => folder],
    ['zipEntries', 9, 'storage', () => zip],
    ['outputPixels', 48 * 48, 'usage', () => folder],
  ])('%s = %d holds, and its error says which option raises it', async (name, enough, code, place) => {
    await expect(mosaic(place(), { [name]: enough })).resolves.toMatchObject({
      report: { series: { instances: 9 }, tiles: expect.objectContaining({ length: 9 }) },
    });
    const tooFew = name === 'headerElements' || name.startsWith('inflated') ? 12 : enough - 1;
    await expect(mosaic(place(), { [name]: tooFew })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`limits.${name} (--safety-limit ${name}=NUMBER)`),
    });
  });

  it('headerBytes holds too', () => {
    const limits = { ...defaultLimits, headerBytes: 100_000 };
    expect(nextHeaderLength(8192, 100_000, undefined, limits)).toBe(100_000);
    expect(() => nextHeaderLength(8192, 100_001, undefined, limits)).toThrow(
      /at most 100000 .*--safety-limit headerBytes=/,
    );
  });

  it('holds for listings over a network', async () => {
    const objects = new Map([...series].map(([key, bytes]) => [`uid/${key}`, bytes]));
    const s3 = await startFakeS3({ objects });
    try {
      const options = { endpointUrl: s3.origin, noSignRequest: true, noCache: true, limits: { listingEntries: 8 } };
      await expect(createMosaic('s3://bucket/uid', options)).rejects.toThrow(
        /more than 8 entries.*--safety-limit listingEntries=/,
      );
    } finally {
      await s3.stop();
    }
    const server = createServer((_, response) => response.end(`<html>${' '.repeat(1000)}</html>`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      await expect(mosaic(`http://127.0.0.1:${port}/a/`, { listingBytes: 500 })).rejects.toThrow(
        /larger than 500 bytes.*--safety-limit listingBytes=/,
      );
    } finally {
      server.close();
    }
  });

  it('holds for the views of an open series', async () => {
    const previewer = createPreviewer();
    const opened = await previewer.openSeries(folder, {
      noCache: true,
      limits: { framePixels: 255, outputPixels: 99 },
    });
    await expect(opened.mosaic({ tileWidth: 2, imageWidth: 64 })).rejects.toThrow(/at most 99 pixels/);
    await expect(opened.image({ position: 0, imageWidth: 8 })).rejects.toThrow(/the limit of 255 samples/);
    await expect(opened.frames()[Symbol.asyncIterator]().next()).rejects.toThrow(/the limit of 255 samples/);
    await opened.close();
    await previewer.close();
  });

  it('is not remembered: what was beyond it is read again', async () => {
    const cacheDir = join(work, 'cache');
    const options = { cacheDir, tileWidth: 3, imageWidth: 16 };
    const place = join(work, 'mixed');
    const openItem = Uint8Array.of(0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0);
    const bytes = Buffer.alloc(16 * 400, openItem);
    const long = { ReferencedImageSequence: { vr: 'SQ', bytes, undefinedLength: true } };
    const attributes = (each: Attributes, index: number): Attributes => (index === 4 ? { ...each, ...long } : each);
    writeSeriesFolder(place, ctSeries({ seed: 5, instances: 9, rows: 16, attributes }));
    const few = await createMosaic(place, { ...options, limits: { headerElements: 300 } });
    expect(few.report.series.instances).toBe(8);
    const { report } = await createMosaic(place, options);
    expect(report.series.instances).toBe(9);
  });

  it('is taken by the program, which suggests the nearest name for a mistyped one', async () => {
    const output = join(work, 'a.png');
    const run = (...limits: string[]): ReturnType<typeof runHere> =>
      runHere('mosaic', folder, output, '--no-cache', ...limits.flatMap((limit) => ['--safety-limit', limit]));
    expect(await run('framePixels=256', 'frames=9')).toMatchObject({ status: 0 });
    expect(await run('frames=8')).toMatchObject({ status: 4, err: expect.stringContaining('at most 8 frames') });
    expect(await run('frame=8')).toMatchObject({
      status: 2,
      err: expect.stringContaining("There is no 'frame' in --safety-limit. Did you mean 'frames'?"),
    });
  });
});
