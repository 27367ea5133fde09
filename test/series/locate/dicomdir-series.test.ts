import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locateSeries } from '../../../src/series/locate/locate.ts';
import { type Attributes, ctInstances } from '../../support/dicom/index.js';
import { makeDicomdir, seriesRecords } from '../../support/dicomdir.ts';
import { startFaultyServer } from '../../support/faulty-server.ts';
import { makeZip } from '../../support/zip.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-dicomdir-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const listed = { '1.2.3.4': ['DICOM/IM1', 'DICOM/IM2'], '1.2.3.5': ['DICOM/IM3'] };

function write(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

/** The three images as DICOM: all of them of the series that is asked for, whatever a DICOMDIR says. */
function images(seriesInstanceUid: string): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const attributes = (given: Attributes): Attributes => ({ ...given, SeriesInstanceUID: seriesInstanceUid });
  const instances = [...ctInstances({ instances: 3, rows: 8, attributes })];
  return instances.map(({ bytes }, index) => ({ name: `DICOM/IM${index + 1}`, bytes }));
}

function writeImages(seriesInstanceUid: string): void {
  for (const { name, bytes } of images(seriesInstanceUid)) write(name, bytes);
}

function writeMedium(dicomdir: Uint8Array = makeDicomdir(seriesRecords(listed))): void {
  write('DICOMDIR', dicomdir);
  for (const path of ['DICOM/IM1', 'DICOM/IM2', 'DICOM/IM3', 'VIEWER/viewer.exe']) write(path, new Uint8Array(10));
}

async function locate(
  series: string,
  root?: string,
): Promise<{ keys: string[]; uid: string | undefined; warnings: string[]; requests: number }> {
  const warnings: string[] = [];
  const options = { onWarning: (message: string) => warnings.push(message) };
  const found = await locateSeries(series, root === undefined ? options : { ...options, root });
  const { requests } = found.store.statistics;
  await found.store.close();
  return { keys: found.objects.map(({ key }) => key), uid: found.seriesInstanceUid, warnings, requests };
}

const dicom = ['DICOM/IM1', 'DICOM/IM2', 'DICOM/IM3'];
const all = ['DICOM/IM1', 'DICOM/IM2', 'DICOM/IM3', 'VIEWER/viewer.exe'];

describe('a folder with a DICOMDIR', () => {
  it('gives the files of a series without a look at any other', async () => {
    writeMedium();
    expect(await locate('1.2.3.4', folder)).toEqual({
      keys: ['DICOM/IM1', 'DICOM/IM2'],
      uid: '1.2.3.4',
      warnings: [],
      requests: 1,
    });
  });

  it('is found by the DICOMDIR itself, as series and as root', async () => {
    writeMedium();
    const path = join(folder, 'DICOMDIR');
    expect((await locate('1.2.3.5', path)).keys).toEqual(['DICOM/IM3']);
    await expect(locate(path)).rejects.toMatchObject({
      code: 'ambiguous',
      candidates: ['1.2.3.4', '1.2.3.5'],
      message: expect.stringContaining('1.2.3.4  CT "series 1"  2 instances'),
    });
    writeMedium(makeDicomdir(seriesRecords({ '1.2.3.4': ['DICOM/IM2'] })));
    expect(await locate(path)).toMatchObject({ keys: ['DICOM/IM2'], uid: '1.2.3.4', warnings: [] });
  });

  it('is scanned, the DICOMDIR left out, where the folder itself is named', async () => {
    writeMedium();
    expect(await locate(folder)).toMatchObject({ keys: all, uid: undefined });
  });

  it('is scanned with a warning where files are missing', async () => {
    writeMedium();
    writeImages('1.2.3.4');
    rmSync(join(folder, 'DICOM/IM2'));
    const found = await locate('1.2.3.4', folder);
    expect(found).toMatchObject({ keys: ['DICOM/IM1', 'DICOM/IM3'], uid: '1.2.3.4' });
    expect(found.warnings).toEqual([expect.stringMatching(/1 of 2 files.*missing: DICOM\/IM2\. All files/)]);
  });

  it('says which files are missing where none of them is there', async () => {
    write('DICOMDIR', makeDicomdir(seriesRecords({ '1.2.3.4': ['DICOM/IM1', 'DICOM/IM2'] })));
    const missing = {
      code: 'not-found',
      message: expect.stringMatching(/2 of 2 files.*missing: DICOM\/IM1, DICOM\/IM2\./) as string,
    };
    await expect(locate(join(folder, 'DICOMDIR'))).rejects.toMatchObject(missing);
    await expect(locate('1.2.3.4', folder)).rejects.toMatchObject(missing);
    await expect(locate(folder)).rejects.toMatchObject(missing);
    write('VIEWER/viewer.exe', new Uint8Array(10));
    await expect(locate(join(folder, 'DICOMDIR'))).rejects.toMatchObject(missing);
  });

  it('is scanned with a warning where the series is not listed, or the DICOMDIR is damaged', async () => {
    writeMedium();
    writeImages('1.2.3.99');
    const unlisted = await locate('1.2.3.99', folder);
    expect(unlisted).toMatchObject({ keys: dicom, uid: '1.2.3.99' });
    expect(unlisted.warnings).toEqual([expect.stringContaining('does not list the series 1.2.3.99')]);
    writeMedium(makeDicomdir(seriesRecords(listed)).slice(0, 400));
    writeImages('1.2.3.4');
    const damaged = await locate('1.2.3.4', folder);
    expect(damaged).toMatchObject({ keys: dicom, uid: '1.2.3.4' });
    expect(damaged.warnings).toEqual([expect.stringContaining('of no use')]);
  });

  it.each([['../OUTSIDE/IM1'], ['/etc/passwd'], ['C:/IM1'], ['DICOM/../../IM1']])(
    'never leads out of the folder: %s',
    async (file) => {
      writeMedium(makeDicomdir(seriesRecords({ '1.2.3.4': [file, 'DICOM/IM1'] })));
      writeImages('1.2.3.4');
      const found = await locate('1.2.3.4', folder);
      expect(found.keys).toEqual(dicom);
      expect(found.warnings).toEqual([expect.stringContaining('outside of the folder')]);
    },
  );

  it('finds files whose names came through a file system that changed them', async () => {
    writeMedium();
    renameSync(join(folder, 'DICOM'), join(folder, 'dicom'));
    renameSync(join(folder, 'dicom/IM1'), join(folder, 'dicom/im1.;1'));
    expect(await locate('1.2.3.4', folder)).toMatchObject({ keys: ['dicom/im1.;1', 'dicom/IM2'], warnings: [] });
  });

  it('may lie in an archive', async () => {
    const file = (name: string): { name: string; bytes: Uint8Array } => ({ name, bytes: new Uint8Array(10) });
    const dicomdir = { name: 'DICOMDIR', bytes: makeDicomdir(seriesRecords(listed)) };
    write('cd.zip', makeZip([dicomdir, ...all.map(file)]));
    expect(await locate('1.2.3.4', join(folder, 'cd.zip'))).toMatchObject({
      keys: ['DICOM/IM1', 'DICOM/IM2'],
      uid: '1.2.3.4',
      warnings: [],
    });
  });

  it('may lie in an archive on a web server', async () => {
    const file = (name: string): { name: string; bytes: Uint8Array } => ({ name, bytes: new Uint8Array(10) });
    const dicomdir = { name: 'DICOMDIR', bytes: makeDicomdir(seriesRecords(listed)) };
    const objects = new Map([
      ['/cd.zip', { bytes: makeZip([dicomdir, ...all.map(file)]) }],
      ['/plain.zip', { bytes: makeZip([...images('1.2.3.4'), file('VIEWER/viewer.exe')]) }],
    ]);
    const server = await startFaultyServer({ objects });
    expect(await locate('1.2.3.4', `${server.origin}/cd.zip`)).toMatchObject({ keys: ['DICOM/IM1', 'DICOM/IM2'] });
    expect(await locate('1.2.3.4', `${server.origin}/plain.zip`)).toMatchObject({ keys: dicom, uid: '1.2.3.4' });
    await server.stop();
  });

  it('may be called DICOMDIR', async () => {
    write('DICOMDIR/a.dcm', new Uint8Array(10));
    expect((await locate(join(folder, 'DICOMDIR'))).keys).toEqual(['a.dcm']);
  });
});
