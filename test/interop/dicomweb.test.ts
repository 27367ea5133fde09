import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseHeader } from '../../src/dicom/header/parse-header.ts';
import { createMosaic, type MosaicOptions, type Preview } from '../../src/index.ts';
import { openStore } from '../../src/storage/open-store.ts';
import {
  ctSeries,
  doseGrid,
  enhancedMultiFrame,
  paletteUltrasound,
  radiograph,
  secondaryCapture,
  segmentation,
  transferSyntax,
  writeSeriesFolder,
} from '../support/dicom/index.js';
import { type OrthancServer, orthancMissing, startOrthanc } from '../support/servers/orthanc.ts';
import { sharedDicom, sharedSeries } from '../support/shared-data.ts';

const missing = orthancMissing();
if (missing !== undefined) console.log(`skipped: ${missing}`);

const folders: string[] = [];
let server: OrthancServer | undefined;
beforeAll(async () => {
  if (missing === undefined) server = await startOrthanc();
});
afterAll(async () => {
  await server?.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const orthanc = (): OrthancServer => {
  if (server === undefined) throw new Error('Orthanc was not started');
  return server;
};

const picture: MosaicOptions = { tileWidth: 3, imageWidth: 64, format: 'png', retries: 1 };

/** The report but what must differ: where instances lie, and what it cost. */
const truth = ({ report }: Preview): unknown => ({
  series: report.series,
  tiles: report.tiles.map(({ key: _key, ...tile }) => tile),
});

type Series = ReadonlyMap<string, Uint8Array>;

/** The same picture from a local folder and from Orthanc, within so many requests beyond one a tile. */
async function expectSamePicture(series: Series, moreRequests = 2): Promise<Preview> {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
  folders.push(folder);
  writeSeriesFolder(folder, series);
  for (const bytes of series.values()) await orthanc().store(bytes);
  const local = await createMosaic(folder, picture);
  const { seriesInstanceUid } = local.report.series;
  const preview = await createMosaic(seriesInstanceUid, { ...picture, root: orthanc().root });
  expect(Buffer.from(preview.bytes).equals(local.bytes)).toBe(true);
  expect(truth(preview)).toEqual(truth(local));
  expect(preview.report.io.requests).toBeLessThanOrEqual(moreRequests + preview.report.tiles.length);
  return preview;
}

/**
 * The instances of a real series. Where it holds an instance several times (in other syntaxes), of which a server keeps
 * one, each gets a SOP Instance UID of its own: as long as before, and in the order of the files.
 */
function readSeries(name: string): Series {
  const folder = `${sharedDicom}/series/${name}`;
  const files = readdirSync(folder).sort();
  const instances = files.map((file) => {
    const bytes = readFileSync(join(folder, file));
    return { bytes, uid: parseHeader(bytes, { complete: true }).header.sopInstanceUid };
  });
  const isDistinct = new Set(instances.map(({ uid }) => uid)).size === instances.length;
  return new Map(
    instances.map(({ bytes, uid }, index) => {
      const own = isDistinct ? uid : `2.25.1${String(index).padStart(uid.length - 6, '0')}`;
      const text = bytes.toString('latin1').replaceAll(uid, own);
      return [files[index] ?? '', new Uint8Array(Buffer.from(text, 'latin1'))] as const;
    }),
  );
}

describe.skipIf(missing !== undefined || sharedDicom === undefined)('the same picture over DICOMweb', () => {
  it.each(sharedSeries())('%s', async (name) => {
    const preview = await expectSamePicture(readSeries(name));
    const { requests, pixelBytes } = preview.report.io;
    console.log(`${name}: ${preview.report.tiles.length} tiles, ${requests} requests, ${pixelBytes} bytes of pixels`);
  });

  it('gives frames in every syntax they are stored in', async () => {
    const { series } = (await expectSamePicture(readSeries('mr-sag-mixed-syntax-16'))).report;
    expect(series.instances).toBe(16);
    const store = await openStore(orthanc().root);
    try {
      const syntaxes = new Set<string | undefined>();
      for (const { key } of await store.list(series.seriesInstanceUid)) {
        syntaxes.add((await store.frames?.readFrame(key, 1))?.transferSyntaxUid);
      }
      expect(syntaxes.size).toBeGreaterThan(1);
    } finally {
      await store.close();
    }
  });
});

/** Single instances that servers are known to do oddly, each with the requests it may cost beyond one a tile. */
const single = (bytes: Uint8Array): Series => new Map([['one.dcm', bytes]]);
const cases: readonly (readonly [string, Series, number])[] = [
  ['implicit VR', ctSeries({ series: 'i', instances: 12, transferSyntaxUid: transferSyntax.implicitLittleEndian }), 2],
  ['big endian', ctSeries({ series: 'b', instances: 12, transferSyntaxUid: transferSyntax.explicitBigEndian }), 2 + 9],
  [
    'deflated',
    ctSeries({ series: 'd', instances: 3, transferSyntaxUid: transferSyntax.deflatedExplicitLittleEndian }),
    2 + 9,
  ],
  ['RLE', ctSeries({ series: 'r', instances: 12, transferSyntaxUid: transferSyntax.rleLossless }), 2],
  ['padding', ctSeries({ series: 'p', instances: 3, pixelPaddingValue: -2000, stored: { pixelRepresentation: 1 } }), 2],
  ['enhanced multi-frame', single(enhancedMultiFrame({ slices: 12, rows: 32, columns: 32, shuffleFrames: true })), 2],
  ['VOI LUT', single(radiograph({ rows: 32, columns: 32 })), 3],
  // The plugin leaves out the descriptor of a table whose VR is implicit.
  [
    'VOI LUT in implicit VR',
    single(
      radiograph({ seed: 7, rows: 32, columns: 32, write: { transferSyntaxUid: transferSyntax.implicitLittleEndian } }),
    ),
    2,
  ],
  ['palette', single(paletteUltrasound({ rows: 32, columns: 32, frames: 3 })), 5],
  ['RGB by plane', single(secondaryCapture({ rows: 32, columns: 32, planarConfiguration: 1 })), 2],
  // The plugin refuses frames that are shorter than rows x columns x 3.
  [
    'YBR_FULL_422',
    single(secondaryCapture({ seed: 8, rows: 32, columns: 32, photometricInterpretation: 'YBR_FULL_422' })),
    5,
  ],
  ['segmentation', single(segmentation({ rows: 20, columns: 20, slices: 4, segments: 2 })), 12],
  ['dose grid', single(doseGrid({ rows: 20, columns: 20, slices: 5 })), 2],
];

describe.skipIf(missing !== undefined)('generated instances over DICOMweb', () => {
  it.each(cases)('%s', async (_, series, moreRequests) => {
    await expectSamePicture(series, moreRequests);
  });

  it('with a user name and password, which are never printed', async () => {
    const user = { name: 'reader', password: 'pass-w0rd' };
    const guarded = await startOrthanc({ user });
    try {
      const series = ctSeries({ series: 'guarded', instances: 3, rows: 16 });
      for (const bytes of series.values()) await guarded.store(bytes);
      await expect(createMosaic(guarded.root, picture)).rejects.toMatchObject({ code: 'access-denied' });
      const wrong = guarded.root.replace('://', '://reader:wr0ng@');
      const refusal = await createMosaic(wrong, picture).then(
        () => '',
        (error: unknown) => String(error),
      );
      expect(refusal).toContain('AccessDeniedError');
      expect(refusal).not.toContain('wr0ng');
      const right = guarded.root.replace('://', `://${user.name}:${user.password}@`);
      const preview = await createMosaic(right, picture);
      expect(preview.report.tiles).toHaveLength(3);
      expect(JSON.stringify(preview.report)).not.toContain(user.password);
      process.env['DICOM_SERIES_PREVIEW_HTTP_USER'] = user.name;
      process.env['DICOM_SERIES_PREVIEW_HTTP_PASSWORD'] = user.password;
      expect((await createMosaic(guarded.root, picture)).report.tiles).toHaveLength(3);
    } finally {
      delete process.env['DICOM_SERIES_PREVIEW_HTTP_USER'];
      delete process.env['DICOM_SERIES_PREVIEW_HTTP_PASSWORD'];
      await guarded.stop();
    }
  });
});

describe.skipIf(missing !== undefined || sharedDicom === undefined)('single real instances over DICOMweb', () => {
  it('show the same picture as the file that the server gives', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
    folders.push(folder);
    const roots = new Set<string>();
    const files = readdirSync(`${sharedDicom}/files`, { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile())) {
      const bytes = readFileSync(join(file.parentPath, file.name));
      try {
        await orthanc().store(bytes);
        const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = parseHeader(bytes, { complete: true }).header;
        const path = `studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`;
        if (sopInstanceUid !== '') roots.add(`${orthanc().root}/${path}`);
      } catch {
        // Not every broken file is one that a server, or the parser, takes.
      }
    }
    const outcomeOf = async (location: string): Promise<unknown> => {
      try {
        const preview = await createMosaic(location, { ...picture, tileWidth: 2 });
        return { bytes: Buffer.from(preview.bytes).toString('base64'), truth: truth(preview) };
      } catch {
        return 'an error';
      }
    };
    let same = 0;
    for (const root of roots) {
      const store = await openStore(root, { retries: 0 });
      const path = join(folder, 'one.dcm');
      try {
        const key = root.split('/').at(-1) ?? '';
        writeFileSync(path, (await store.read(key, { offset: 0, length: Number.POSITIVE_INFINITY })).bytes);
      } catch {
        // Refused by the server: of several patients with one UID, for example.
        continue;
      } finally {
        await store.close();
      }
      expect(await outcomeOf(root), root).toEqual(await outcomeOf(path));
      same++;
    }
    console.log(`${same} instances over DICOMweb are the same as their files`);
    expect(same).toBeGreaterThan(50);
  });
});
