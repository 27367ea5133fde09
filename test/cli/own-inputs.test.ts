import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPreviewer, getIndex } from '../../src/index.ts';
import { ctInstances, writeSeriesFolder } from '../support/dicom/index.js';
import { makeDicomdir } from '../support/dicomdir.ts';
import { runHere } from '../support/run-here.ts';
import { makeZip } from '../support/zip.ts';

let work = '';
let series = '';
let instance = '';
/** One without preamble: only the series tells that it is an instance. */
let bare = '';

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'own-inputs-'));
  series = join(work, 'series');
  const instances = [...ctInstances({ instances: 3, rows: 16 })];
  const [without] = [...ctInstances({ instances: 3, rows: 16, write: { preamble: false } })];
  writeSeriesFolder(series, instances.slice(1));
  const [name = ''] = readdirSync(series);
  instance = join(series, name);
  bare = join(series, 'bare');
  writeFileSync(bare, without?.bytes ?? new Uint8Array(0));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

/** Every regular file below the work folder with its bytes. */
function everything(): Readonly<Record<string, string>> {
  const files = readdirSync(work, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      relative(work, join(parentPath, name)),
      readFileSync(join(parentPath, name)).toString('base64'),
    ]),
  );
}

async function expectRefused(named: string, ...args: readonly string[]): Promise<void> {
  const before = everything();
  const { status, err } = await runHere(...args);
  expect(err).toContain(`'${named}'`);
  expect(err).toContain('Name another file.');
  expect(status).toBe(2);
  expect(everything()).toEqual(before);
}

const png = ['--format', 'png', '--no-cache'];

describe.each([
  ['with a preamble', () => instance],
  ['without one', () => bare],
])('an instance of the series %s is never written over', (_, target) => {
  it('by its own path', async () => {
    await expectRefused(target(), 'mosaic', series, target(), ...png);
    await expectRefused(target(), 'get-image', series, target(), '--position', '0', ...png);
    await expectRefused(target(), 'index', 'get', series, target(), '--format', 'json', '--no-cache');
  });

  it('by a path relative to the working folder, or a roundabout one', async () => {
    const path = relative(process.cwd(), target());
    await expectRefused(path, 'mosaic', series, path, ...png);
    const roundabout = `${series}/../series/./${relative(series, target())}`;
    await expectRefused(roundabout, 'mosaic', pathToFileURL(series).href, roundabout, ...png);
  });

  it('by a symbolic link, a hard link, or through a linked folder', async () => {
    const [link, hard, folder] = [join(work, 'link.png'), join(work, 'hard.png'), join(work, 'folder')];
    symlinkSync(target(), link);
    linkSync(target(), hard);
    symlinkSync(series, folder);
    const through = join(folder, relative(series, target()));
    for (const path of [link, hard, through]) await expectRefused(path, 'mosaic', series, path, ...png);
    await expectRefused(target(), 'mosaic', folder, target(), ...png);
  });

  it('where the series holds a link to it', async () => {
    const other = join(work, 'other');
    mkdirSync(other);
    symlinkSync(target(), join(other, 'linked'));
    await expectRefused(target(), 'mosaic', other, target(), ...png);
  });

  it('by the report', async () => {
    const picture = join(work, 'picture.png');
    await expectRefused(target(), 'mosaic', series, picture, '--json', target(), ...png);
  });

  it('by the report of a failure, whatever the failure is', async () => {
    for (const args of [
      ['mosaic', series, join(work, 'a.png'), '--no-such-option'],
      ['mosaic', join(work, 'nothing'), join(work, 'a.png')],
      ['mosaic', series, target(), '--format', 'png'],
    ]) {
      const before = everything();
      const { status } = await runHere(...args, '--json', target(), '--no-cache');
      expect(status).not.toBe(0);
      expect(everything()).toEqual(before);
    }
  });

  it('where it alone is the series', async () => {
    await expectRefused(target(), 'mosaic', target(), target(), ...png);
    const hard = join(work, 'hard.png');
    linkSync(target(), hard);
    await expectRefused(hard, 'mosaic', target(), hard, ...png);
  });

  it('where the series is found by its UID below a root', async () => {
    await using previewer = createPreviewer();
    const open = await previewer.openSeries(series, { noCache: true });
    const uid = open.info.seriesInstanceUid;
    await open.close();
    await expectRefused(target(), 'mosaic', uid, target(), '--root', work, ...png);
  });
});

describe('other inputs', () => {
  it('an archive', async () => {
    const zip = join(work, 'series.zip');
    writeFileSync(zip, makeZip(readdirSync(series).map((name) => ({ name, bytes: readFileSync(join(series, name)) }))));
    await expectRefused(zip, 'mosaic', zip, zip, ...png);
    const link = join(work, 'link.png');
    symlinkSync(zip, link);
    await expectRefused(link, 'mosaic', zip, link, ...png);
    await expectRefused(zip, 'mosaic', zip, join(work, 'a.png'), '--json', zip, ...png);
  });

  it('a DICOMDIR, named or in the folder', async () => {
    const dicomdir = join(series, 'DICOMDIR');
    writeFileSync(dicomdir, makeDicomdir([]));
    await expectRefused(dicomdir, 'mosaic', dicomdir, dicomdir, ...png);
    await expectRefused(dicomdir, 'mosaic', series, dicomdir, ...png);
  });

  it('the instances of another series', async () => {
    const other = join(work, 'other');
    writeSeriesFolder(other, ctInstances({ instances: 1, rows: 16, seed: 9 }));
    const target = join(other, readdirSync(other)[0] ?? '');
    await expectRefused(target, 'mosaic', series, target, ...png);
  });
});

describe('what may be written over', () => {
  it('a picture and a report of before, in the folder of the series too', async () => {
    const [picture, report] = [join(series, 'mosaic.webp'), join(series, 'report.json')];
    for (let time = 0; time < 2; time++) {
      const { status, err } = await runHere('mosaic', series, picture, '--json', report, '--no-cache');
      expect({ status, err }).toMatchObject({ status: 0 });
    }
    const table = join(series, 'headers.parquet');
    for (let time = 0; time < 2; time++) {
      expect(await runHere('index', 'get', series, table, '--no-cache')).toMatchObject({ status: 0 });
    }
  });

  it('a copy of an instance without preamble that lies elsewhere', async () => {
    const copy = join(work, 'copy.png');
    copyFileSync(bare, copy);
    expect(await runHere('mosaic', series, copy, '--no-cache')).toMatchObject({ status: 0 });
  });

  it('the report of a failure over the one of before, not over other files', async () => {
    const report = join(work, 'r.json');
    for (let time = 0; time < 2; time++) {
      await runHere('mosaic', join(work, 'nothing'), join(work, 'a.png'), '--json', report, '--no-cache');
      expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ error: { code: 'not-found' } });
    }
    writeFileSync(report, 'my notes');
    const { err } = await runHere('mosaic', join(work, 'nothing'), join(work, 'a.png'), '--json', report, '--no-cache');
    expect(err).toContain('is not a report');
    expect(readFileSync(report, 'utf8')).toBe('my notes');
  });
});

describe('the library', () => {
  it('refuses outputs that belong to the series before it reads a header', async () => {
    await using previewer = createPreviewer();
    const options = { outputs: [join(work, 'new.png'), bare], noCache: true };
    const refused = { code: 'usage', message: expect.stringContaining(`'${bare}'`) as string };
    await expect(previewer.createMosaic(series, options)).rejects.toMatchObject(refused);
    await expect(previewer.createImage(series, { ...options, position: 0 })).rejects.toMatchObject(refused);
    await expect(previewer.openSeries(series, options)).rejects.toMatchObject(refused);
    await expect(getIndex(series, { ...options, format: 'json' })).rejects.toMatchObject(refused);
    const stages: string[] = [];
    const onProgress = ({ stage }: { readonly stage: string }): void => void stages.push(stage);
    await expect(previewer.createMosaic(series, { ...options, onProgress })).rejects.toMatchObject(refused);
    expect(stages).not.toContain('headers');
  });
});
