import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createImage, createMosaic, type MosaicOptions, type Preview } from '../../src/index.ts';
import {
  ctSeries,
  enhancedMultiFrame,
  mrSeries,
  paletteUltrasound,
  radiograph,
  secondaryCapture,
  segmentation,
  transferSyntax,
  writeSeriesFolder,
} from '../support/dicom/index.js';
import { takeApart } from '../support/dicom-json.ts';
import { type DicomwebServer, type DicomwebServerOptions, startDicomwebServer } from '../support/dicomweb-server.ts';
import { createRandom } from '../support/random.ts';
import { repetitions } from '../support/repetitions.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

type Series = ReadonlyMap<string, Uint8Array>;

const picture: MosaicOptions = { tileWidth: 3, imageWidth: 48, format: 'png', retries: 0 };

async function localPicture(series: Series, options: MosaicOptions = picture): Promise<Preview> {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  writeSeriesFolder(folder, series);
  return createMosaic(folder, options);
}

async function serve(series: Series, options: Partial<DicomwebServerOptions> = {}): Promise<DicomwebServer> {
  const server = await startDicomwebServer({ instances: series.values(), ...options });
  cleanups.push(() => server.stop());
  return server;
}

const seriesUidOf = (series: Series): string => {
  const [first = new Uint8Array(0)] = series.values();
  return String(takeApart(first).json['0020000E']?.Value?.[0]);
};

/** The report but what must differ: where instances lie, and what it cost. */
const truth = ({ report }: Preview): unknown => ({
  series: report.series,
  tiles: report.tiles.map(({ key: _key, ...tile }) => tile),
});

/** The same picture and the same report over DICOMweb; answers the server for counting. */
async function expectSamePicture(
  series: Series,
  options: Partial<DicomwebServerOptions> = {},
): Promise<DicomwebServer> {
  const expected = await localPicture(series);
  const server = await serve(series, options);
  const preview = await createMosaic(seriesUidOf(series), { ...picture, root: server.root });
  expect(Buffer.from(preview.bytes).equals(expected.bytes)).toBe(true);
  expect(truth(preview)).toEqual(truth(expected));
  expect(preview.report.io.requests).toBe(server.requests.length);
  return server;
}

const single = (bytes: Uint8Array): Series => new Map([['one.dcm', bytes]]);

const ct = ctSeries({ instances: 30, rows: 32, shuffleKeys: true, pixelPaddingValue: -2000 });

describe('a mosaic over DICOMweb', () => {
  it('costs a search, the metadata, and a request a tile', async () => {
    const server = await expectSamePicture(ct);
    expect(server.requests).toHaveLength(2 + 9);
    expect(server.paths.filter((path) => path.includes('/frames/'))).toHaveLength(9);
  });

  it('costs no more for a short series, and one request less where the study is named', async () => {
    const series = ctSeries({ instances: 4, rows: 32 });
    const server = await expectSamePicture(series);
    expect(server.requests).toHaveLength(2 + 4);
    const study = String(takeApart([...series.values()][0] ?? new Uint8Array(0)).json['0020000D']?.Value?.[0]);
    const named = await createMosaic(`${server.root}/studies/${study}/series/${seriesUidOf(series)}`, picture);
    expect(named.report.io.requests).toBe(1 + 4);
  });

  it.each<[string, Series, number]>([
    ['RLE', ctSeries({ instances: 6, rows: 32, transferSyntaxUid: transferSyntax.rleLossless }), 8],
    ['repeated positions', mrSeries({ instances: 5, rows: 32, volumes: 2, windowsPerInstance: true }), 11],
    [
      'enhanced multi-frame',
      single(enhancedMultiFrame({ slices: 12, rows: 32, columns: 32, shuffleFrames: true })),
      11,
    ],
    ['RGB by plane', single(secondaryCapture({ rows: 32, columns: 32, planarConfiguration: 1 })), 3],
    [
      'YCbCr, from the instance',
      single(secondaryCapture({ rows: 32, columns: 32, photometricInterpretation: 'YBR_FULL_422' })),
      4,
    ],
    ['a VOI LUT', single(radiograph({ rows: 32, columns: 32 })), 3],
    ['a palette', single(paletteUltrasound({ rows: 32, columns: 32, frames: 3 })), 5],
  ])('shows the same picture: %s', async (_, series, requests) => {
    expect((await expectSamePicture(series)).requests).toHaveLength(requests);
  });

  it('shows the same picture of segmentations, whose frames share bytes', async () => {
    await expectSamePicture(single(segmentation({ rows: 30, columns: 30, slices: 4, segments: 2 })));
    await expectSamePicture(single(segmentation({ rows: 5, columns: 5, slices: 3 })));
  });

  it.each<[string, Partial<DicomwebServerOptions>]>([
    ['wraps nothing', { wrap: 'single' }],
    ['compresses everything', { gzip: true }],
    ['sends byte by byte', { chunkLength: 61 }],
    ['names no syntax', { frameType: () => 'application/octet-stream' }],
    ['has no frames', { refuse: ({ path }) => (path.includes('/frames/') ? 404 : 0) }],
    ['has no metadata', { refuse: ({ path }) => (path.endsWith('/metadata') ? 501 : 0) }],
    ['tells no places', { metadata: (all) => all.map(({ '00200032': _position, ...rest }) => rest) }],
    ['tells no sizes', { metadata: (all) => all.map(({ '00280010': _rows, ...rest }) => rest) }],
    ['leaves instances out of the metadata', { metadata: (all) => all.slice(7) }],
    ['sends frames too short', { frame: (frame) => frame.subarray(2) }],
  ])('shows the same picture from a server that %s', async (_, options) => {
    await expectSamePicture(ct, options);
  });

  it('gets tables that stand elsewhere for the instances it shows, not for all', async () => {
    const server = await expectSamePicture(single(paletteUltrasound({ rows: 32, columns: 32 })), { withBulk: true });
    expect(server.paths.filter((path) => path.includes('/bulk/'))).toHaveLength(3);
    const image = radiograph({ rows: 32, columns: 32 });
    const elsewhere = await expectSamePicture(single(image), { withBulk: true, bulkBase: () => 'http://127.0.0.1:1/' });
    // What is not to be had there is in the instance.
    expect(elsewhere.paths.at(-1)).toMatch(/\/instances\/[\d.]+$/);
  });

  it('shows the same picture however bad the line', async () => {
    const expected = await localPicture(ct);
    for (let seed = 0; seed < repetitions(3, 12); seed++) {
      const random = createRandom(seed);
      const server = await serve(ct, {
        fault: () => {
          const drawn = random();
          if (drawn < 0.08) return { kind: 'drop' };
          return drawn < 0.14 ? { kind: 'status', status: 503 } : undefined;
        },
        breakBody: () => (['short', 'broken', 'length'] as const)[Math.floor(random() * 30)],
      });
      const preview = await createMosaic(seriesUidOf(ct), { ...picture, root: server.root, retries: 8 });
      expect(Buffer.from(preview.bytes).equals(expected.bytes), `seed ${seed}`).toBe(true);
    }
  });

  it('shows one frame of one image', async () => {
    const series = single(enhancedMultiFrame({ slices: 7, rows: 32, columns: 32 }));
    const server = await serve(series);
    const image = await createImage(seriesUidOf(series), { root: server.root, position: 0, frame: 5 });
    expect(image.report.tiles[0]?.frame).toBe(5);
    expect(server.paths.at(-1)).toMatch(/\/frames\/5$/);
    expect(server.requests).toHaveLength(3);
  });

  it('names the choices where a prefix or the root fits several series', async () => {
    const other = ctSeries({ instances: 2, rows: 8, series: 'other' });
    const server = await serve(new Map([...ct, ...[...other].map(([name, bytes]) => [`x${name}`, bytes] as const)]));
    const uid = seriesUidOf(other);
    const byPrefix = await createMosaic(`${uid.slice(0, -4)}*`, { ...picture, root: server.root });
    expect(byPrefix.report.series.seriesInstanceUid).toBe(uid);
    await expect(createMosaic('2*', { ...picture, root: server.root })).rejects.toMatchObject({
      code: 'ambiguous',
      count: 2,
    });
    await expect(createMosaic(server.root, picture)).rejects.toMatchObject({ code: 'ambiguous', count: 2 });
    await expect(createMosaic('1.2.3', { ...picture, root: server.root })).rejects.toMatchObject({ code: 'not-found' });
  });
});
