import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFarStore } from '../../bench/far-store.js';
import { createPreviewer, type Preview, type PreviewError, type Previewer } from '../../src/index.ts';
import { ctSeries, writeSeriesFolder } from '../support/dicom/index.js';

const uuid = '38902e14-b11f-4548-910e-771ee757dc82';
const jpip = '1.2.840.10008.1.2.4.94';
const noCache = { noCache: true };

let work = '';
let root = '';
let secret = '';
let previewer: Previewer;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'confined-'));
  root = join(work, 'archive');
  secret = join(work, 'secret');
  const series = ctSeries({ instances: 3, rows: 16 });
  writeSeriesFolder(join(root, 'study', 'CT'), series);
  writeSeriesFolder(join(root, uuid), ctSeries({ instances: 2, rows: 16, seed: 2 }));
  writeSeriesFolder(secret, ctSeries({ instances: 4, rows: 16, seed: 3 }));
  previewer = createPreviewer({ root });
});
afterEach(async () => {
  await previewer.close();
  rmSync(work, { recursive: true, force: true });
});

async function errorOf(work: Promise<unknown>): Promise<PreviewError> {
  return work.then(
    () => expect.unreachable('expected an error'),
    (error: unknown) => error as PreviewError,
  );
}

/** All that a caller is told by a result or an error, but the cause of the latter. */
function told(result: Preview | Error): string {
  if (!(result instanceof Error)) return JSON.stringify(result.report);
  return JSON.stringify({
    ...result,
    cause: undefined,
    message: result.message,
    stack: result.stack?.split('\n    at')[0],
  });
}

describe('a previewer with a root', () => {
  it.each(['study/CT', uuid, uuid.replaceAll('-', ''), `${uuid.slice(0, 8)}*`, 'study', 'study/CT/'])(
    'takes a name below it: %s',
    async (name) => {
      const { report } = await previewer.createMosaic(name, noCache);
      expect(report.tiles.length).toBeGreaterThan(1);
    },
  );

  it('takes the UID of a series below it', async () => {
    const open = await previewer.openSeries('study/CT', noCache);
    const uid = open.info.seriesInstanceUid;
    await open.close();
    expect((await previewer.createMosaic(uid, noCache)).report.series.seriesInstanceUid).toBe(uid);
  });

  it('refuses everything else by name', async () => {
    const file = pathToFileURL(secret).href;
    const names = [
      ...['.', '..', './', './study', '../secret', 'study/../../secret', 'study/..', './../secret', '/', '//', '///x'],
      ...[secret, `/${secret}`, file, file.replace('file:///', 'file:/'), file.toUpperCase().replace('FILE', 'file')],
      ...['%2e%2e/secret', '%2E%2E%2Fsecret', '..%2fsecret', '%252e%252e%252fsecret', 'study/%2e%2e/%2e%2e/secret'],
      ...['..\\secret', 'study\\..\\..\\secret', '\\\\host\\share', 'study\\CT', '%5c%5chost%5cshare', '..%5csecret'],
      ...['~', '~/secret', '~root/secret', 'C:\\secret', 'C:/secret', 'c:secret', 'C%3a%5csecret'],
      ...[
        'http://127.0.0.1:1/',
        'https://example.org/x',
        's3://bucket/x',
        'gs://bucket',
        'dicomweb+http://h',
        'az://a/b',
      ],
      ...['FILE:///etc', 'file:etc', 'javascript:x', 'study/CT\0', 'study/CT%00', 'st\u001budy', 'study/\n', '', ' '],
    ];
    for (const name of names) {
      const error = await errorOf(previewer.createMosaic(name, noCache));
      expect(error.code, JSON.stringify(name)).toBe('usage');
      expect((await errorOf(previewer.createImage(name, { position: 0, ...noCache }))).code).toBe('usage');
      expect((await errorOf(previewer.openSeries(name, noCache))).code).toBe('usage');
    }
    for await (const { error } of previewer.mosaics(names, noCache)) expect(error?.code).toBe('usage');
  });

  it('refuses a root of a single call', async () => {
    const options = { ...noCache, root: secret };
    expect((await errorOf(previewer.createMosaic('study/CT', options))).message).toContain('no root for a single call');
    expect((await errorOf(previewer.createImage('study/CT', { ...options, position: 0 }))).code).toBe('usage');
    expect((await errorOf(previewer.openSeries('study/CT', options))).code).toBe('usage');
    await expect(previewer.mosaics(['study/CT'], options)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'usage',
    });
  });

  it.skipIf(process.platform === 'win32')('follows no link out of it', async () => {
    symlinkSync(secret, join(root, 'folder'));
    symlinkSync(join('..', '..', 'secret'), join(root, 'study', 'folder'));
    for (const name of ['folder', 'study/folder', 'fold*']) {
      const error = await errorOf(previewer.createMosaic(name, noCache));
      expect(error).toMatchObject({ code: 'access-denied', message: expect.stringContaining('leads out of the root') });
    }
    // Links inside are fine; of those that lead out a warning tells.
    symlinkSync(join(root, 'study', 'CT'), join(root, 'inside'));
    expect((await previewer.createMosaic('inside', noCache)).report.warnings).toEqual([]);
    mkdirSync(join(root, 'mixed'));
    for (const [index, name] of [...ctSeries({ instances: 3, rows: 16 }).keys()].entries()) {
      const target =
        index === 0
          ? join(secret, [...ctSeries({ instances: 4, rows: 16, seed: 3 }).keys()][0] ?? '')
          : join(root, 'study', 'CT', name);
      symlinkSync(target, join(root, 'mixed', `${index}.dcm`));
    }
    const { report } = await previewer.createMosaic('mixed', noCache);
    expect(report.tiles.length).toBe(2);
    expect(report.warnings).toEqual([expect.stringMatching(/^1 entry below mixed .* out of the root/)]);
  });

  it.skipIf(process.platform === 'win32')('may itself be behind a link', async () => {
    const link = join(work, 'link');
    symlinkSync(root, link);
    await using linked = createPreviewer({ root: link });
    expect((await linked.createMosaic('study/CT', noCache)).report.tiles.length).toBe(3);
  });

  it.each([
    ['an absolute path', () => root],
    ['a path with a slash at its end', () => `${root}/`],
    ['a relative path', () => relative(process.cwd(), root)],
    ['a file URL', () => pathToFileURL(root).href],
  ])('tells places relative to it: %s', async (_, asGiven) => {
    const place = join(root, 'study', 'bad');
    writeSeriesFolder(place, ctSeries({ instances: 2, rows: 16, write: { declaredTransferSyntaxUid: jpip } }));
    writeFileSync(join(place, 'notes.txt'), 'no DICOM'.repeat(99));
    mkdirSync(join(root, 'empty'));
    await using own = createPreviewer({ root: asGiven() });
    const failures = await Promise.all([
      ...['nothing', 'study/nothing', 'empty', '1.2.3.4', 'nothing*', 'study/bad'].map((name) =>
        errorOf(own.createMosaic(name, noCache)),
      ),
      errorOf(own.openSeries('1.2.3.4', noCache)),
    ]);
    for (const failure of failures) expect(told(failure)).not.toContain(work);
    expect(failures[1]).toMatchObject({ code: 'not-found', location: 'study/nothing' });
    expect(failures[1]?.message).toBe('There is no file or folder study/nothing.');
    expect(failures[2]?.message).toContain('in empty but');
    expect(failures[3]?.message).toContain('in the root but');
    const series = await own.openSeries('study/CT', noCache);
    expect(series.info.location).toBe('.');
    expect(series.headers()[0]).toMatchObject({ location: '.' });
    expect(told(await series.mosaic())).not.toContain(work);
    for (const { name } of [...ctSeries({ instances: 3, rows: 16 }).keys()].map((each) => ({ name: each }))) {
      rmSync(join(root, 'study', 'CT', name));
    }
    const gone = [
      await errorOf(series.image({ position: 0 })),
      await errorOf(series.frames()[Symbol.asyncIterator]().next()),
    ];
    for (const error of gone) {
      expect(error.code).toBe('not-found');
      expect(told(error)).not.toContain(work);
    }
    await series.close();
  });

  it('tells places relative to it: a web server', async () => {
    const store = createFarStore({ folder: work, firstByteDelayMs: 0, bytesPerSecond: 1e9 });
    await new Promise<void>((resolve) => store.server.listen(0, '127.0.0.1', resolve));
    const origin = `127.0.0.1:${(store.server.address() as AddressInfo).port}`;
    await using own = createPreviewer({ root: `http://me:password@${origin}/archive/` });
    expect((await own.createMosaic('study/CT', noCache)).report.tiles.length).toBe(3);
    for (const name of ['nothing', '../secret', '%2e%2e/secret', `http://${origin}/secret/`]) {
      const error = await errorOf(own.createMosaic(name, { ...noCache, retries: 0 }));
      expect(['usage', 'not-found']).toContain(error.code);
      if (!name.includes(origin)) expect(told(error)).not.toContain(origin);
    }
    store.server.closeAllConnections();
    await new Promise((resolve) => store.server.close(resolve));
  });
});

describe('a previewer that is not confined', () => {
  it('has its root for calls that name none, and takes URLs, paths and other roots', async () => {
    await using free = createPreviewer({ root, confine: false });
    for (const [name, options] of [
      ['study/CT', {}],
      [secret, {}],
      [pathToFileURL(secret).href, {}],
      ['secret', { root: work }],
    ] as const) {
      expect((await free.createMosaic(name, { ...noCache, ...options })).report.tiles.length).toBeGreaterThan(1);
    }
    expect((await errorOf(free.createMosaic('nothing', noCache))).message).toContain(work);
  });

  it('is what there is without a root, and cannot be confined then', async () => {
    await using free = createPreviewer();
    expect((await free.createMosaic(secret, noCache)).report.tiles.length).toBe(4);
    expect(() => createPreviewer({ confine: true })).toThrow(/Expected a root to confine/);
  });
});
