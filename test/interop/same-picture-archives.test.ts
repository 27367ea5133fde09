import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMosaic, type MosaicOptions, type Preview } from '../../src/index.ts';
import { type Azurite, azuriteMissing, startAzurite } from '../support/servers/azurite.ts';
import { type GcsServer, startGcsServer } from '../support/servers/gcs-xml.ts';
import { nginxMissing, startNginx } from '../support/servers/nginx.ts';
import { findProgram, makeTemporaryFolder, type RunningServer } from '../support/servers/process.ts';
import { sharedDicom, sharedSeries } from '../support/shared-data.ts';

const python = ['/usr/bin/python3', findProgram('python3')].find((path) => path !== undefined && existsSync(path));
const dcmmkdir = findProgram('dcmmkdir');
const withoutAzurite = sharedDicom === undefined ? 'no data' : await azuriteMissing();
for (const [what, missing] of [
  ['archives', sharedDicom === undefined ? '../shared/dicom is not there' : undefined],
  ['archives by python', python === undefined ? 'python3 is not installed' : undefined],
  ['archives on nginx', nginxMissing()],
  ['DICOMDIR', dcmmkdir === undefined ? 'dcmmkdir (DCMTK) is not installed' : undefined],
  ['Azurite', withoutAzurite],
] as const) {
  if (missing !== undefined) console.log(`skipped: ${what}: ${missing}`);
}

const folder = makeTemporaryFolder('archives');
afterAll(() => folder.remove());

/** The pictures from folders on a local disk, the ones that all others must equal. */
const local = new Map<string, Preview>();
const common: MosaicOptions = { noCache: true };

async function expectSamePicture(name: string, series: string, options: MosaicOptions = {}): Promise<Preview> {
  const reference = local.get(name) ?? (await createMosaic(`${sharedDicom}/series/${name}`, { ...common, root: '.' }));
  local.set(name, reference);
  const preview = await createMosaic(series, { ...common, ...options, retries: 1 });
  expect(Buffer.from(preview.bytes).equals(Buffer.from(reference.bytes))).toBe(true);
  expect(preview.report.tiles.map(({ window, frame, sopInstanceUid }) => [sopInstanceUid, frame, window])).toEqual(
    reference.report.tiles.map(({ window, frame, sopInstanceUid }) => [sopInstanceUid, frame, window]),
  );
  const instances = readdirSync(`${sharedDicom}/series/${name}`).length;
  // A listing (of an archive: its size, its end, and perhaps more of its directory), a header each, a read a tile.
  if (!series.startsWith('/')) expect(preview.report.io.requests).toBeLessThanOrEqual(3 + instances + 36);
  return preview;
}

const zipScript = `
import sys, zipfile, os
method = {'stored': zipfile.ZIP_STORED, 'deflated': zipfile.ZIP_DEFLATED}[sys.argv[1]]
folder = sys.argv[3]
with zipfile.ZipFile(sys.argv[2], 'w', method) as archive:
    for name in sorted(os.listdir(folder)):
        archive.write(os.path.join(folder, name), name)
`;

function makeArchive(name: string, method: 'stored' | 'deflated'): string {
  const path = join(folder.path, `${name} ${method}.zip`);
  if (!existsSync(path)) {
    execFileSync(python ?? 'python3', ['-c', zipScript, method, path, `${sharedDicom}/series/${name}`]);
  }
  return path;
}

describe.skipIf(sharedDicom === undefined || python === undefined)('the same picture from an archive', () => {
  it.each(sharedSeries())('%s', async (name) => {
    await expectSamePicture(name, makeArchive(name, 'deflated'));
    await expectSamePicture(name, makeArchive(name, 'stored'));
  });

  it('finds a series by its UID in an archive that is the root', async () => {
    const name = 'mr-ge-adc-21';
    const { report } = await expectSamePicture(name, makeArchive(name, 'deflated'));
    await expectSamePicture(name, report.series.seriesInstanceUid, { root: makeArchive(name, 'deflated') });
  });
});

describe.skipIf(sharedDicom === undefined || python === undefined || nginxMissing() !== undefined)(
  'the same picture from an archive on a web server',
  () => {
    let server: RunningServer | undefined;
    beforeAll(async () => {
      for (const name of sharedSeries()) {
        makeArchive(name, 'deflated');
        makeArchive(name, 'stored');
      }
      server = await startNginx({ folder: folder.path });
    });
    afterAll(() => server?.stop());
    it.each(sharedSeries())('%s', async (name) => {
      await expectSamePicture(name, `${server?.url}/${name}%20deflated.zip`);
      await expectSamePicture(name, `${server?.url}/${name}%20stored.zip`);
    });
  },
);

describe.skipIf(sharedDicom === undefined || dcmmkdir === undefined)('the same picture by a DICOMDIR', () => {
  const refused: string[] = [];
  it.for(sharedSeries())('%s', async (name, { skip }) => {
    const medium = join(folder.path, `medium-${name}`);
    mkdirSync(join(medium, 'DICOM'), { recursive: true });
    const source = `${sharedDicom}/series/${name}`;
    const names = readdirSync(source).sort();
    names.forEach((file, index) => {
      copyFileSync(join(source, file), join(medium, 'DICOM', `IM${String(index).padStart(5, '0')}`));
    });
    const args = ['--general-purpose', '--invent', '--no-consistency-check', '--no-resolution-check', '+r', '+id'];
    try {
      execFileSync(dcmmkdir ?? '', [...args, medium, '+D', join(medium, 'DICOMDIR'), 'DICOM'], { stdio: 'pipe' });
    } catch {
      refused.push(name);
      skip('dcmmkdir refuses it.');
    }
    const { report } = await createMosaic(source, { ...common, root: '.' });
    const warnings = report.warnings.length;
    const uid = report.series.seriesInstanceUid;
    for (const [series, root] of [
      [join(medium, 'DICOMDIR'), undefined],
      [uid, medium],
    ] as const) {
      const preview = await createMosaic(series, { ...common, ...(root === undefined ? {} : { root }) });
      expect(preview.report.series).toMatchObject({ seriesInstanceUid: uid, instances: report.series.instances });
      expect(preview.report.warnings.length).toBeLessThanOrEqual(warnings);
      expect(preview.report.tiles.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(
        report.tiles.map(({ sopInstanceUid }) => sopInstanceUid),
      );
    }
  });
  it('was tried with most series', () => {
    expect(refused.length, refused.join()).toBeLessThan(sharedSeries().length / 2);
  });
});

describe.skipIf(sharedDicom === undefined)("the same picture from Google's XML API", () => {
  let server: GcsServer | undefined;
  beforeAll(async () => {
    const objects = new Map<string, Uint8Array>();
    for (const name of sharedSeries()) {
      const source = `${sharedDicom}/series/${name}`;
      for (const file of readdirSync(source)) objects.set(`${name}/${file}`, readFileSync(join(source, file)));
    }
    server = await startGcsServer({ series: { objects, access: 'read and list' } });
  });
  afterAll(() => server?.stop());
  it.each(sharedSeries())('%s', async (name) => {
    await expectSamePicture(name, name, { root: 'gs://series', endpointUrl: server?.origin ?? '' });
  });
});

describe.skipIf(withoutAzurite !== undefined)('the same picture from Azure (Azurite)', () => {
  let azurite: Azurite | undefined;
  beforeAll(async () => {
    azurite = await startAzurite();
    await azurite.createContainer('series', 'container');
    for (const name of sharedSeries()) {
      const source = `${sharedDicom}/series/${name}`;
      for (const file of readdirSync(source)) {
        await azurite.put('series', `${name}/${file}`, readFileSync(join(source, file)));
      }
    }
  });
  afterAll(() => azurite?.stop());
  it.each(sharedSeries())('%s', async (name) => {
    const root = `az://${azurite?.account}/series`;
    await expectSamePicture(name, name, { root, endpointUrl: azurite?.url ?? '', noSignRequest: true });
  });
});
