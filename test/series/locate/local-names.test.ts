import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clearIndex, createMosaic, createPreviewer, getIndex, type MosaicOptions } from '../../../src/index.ts';
import { ctSeries, writeSeriesFolder } from '../../support/dicom/index.js';

const uuid = '38902e14-b11f-4548-910e-771ee757dc82';
let folder: string;
let server: Server;
let requests: string[];
let options: MosaicOptions;

/** A server in the place of Amazon's that has nothing, and counts who comes. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-names-'));
  writeSeriesFolder(join(folder, 'Chest', 'CT-thin'), ctSeries({ instances: 4, rows: 16 }));
  mkdirSync(join(folder, uuid));
  requests = [];
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  options = { endpointUrl: `http://127.0.0.1:${port}`, noCache: true, retries: 0, noSignRequest: true };
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

describe('a name without a root', () => {
  it.each(['nope', 'Mueller_Hans_1956', 'nodir/x', 'Mueller*', 'a b c', '123'])(
    'that is no UUID, UID or local folder contacts nobody: %s',
    async (name) => {
      const failure = { code: 'not-found', location: name };
      await expect(createMosaic(name, options)).rejects.toMatchObject(failure);
      await expect(getIndex([name], { ...options, format: 'json' })).rejects.toMatchObject(failure);
      await clearIndex([name], { endpointUrl: options.endpointUrl, cacheDir: join(folder, 'cache') }).catch(() => 0);
      expect(requests).toEqual([]);
    },
  );

  it('is asked for elsewhere where it is a UUID or the beginning of one, and with a root', async () => {
    await expect(createMosaic(uuid, options)).rejects.toThrow();
    expect(requests.length).toBeGreaterThan(0);
    requests = [];
    await expect(createMosaic('38902e14*', options)).rejects.toThrow();
    expect(requests.length).toBeGreaterThan(0);
    requests = [];
    await expect(createMosaic('nope', { ...options, root: 's3://bucket' })).rejects.toThrow();
    expect(requests.length).toBeGreaterThan(0);
  });
});

describe('a mistyped name', () => {
  it.each([
    ['Chest/CT-thick', 'Chest/CT-thin'],
    ['Chset/CT-thin', 'Chest/CT-thin'],
    ['Chset/MR', 'Chest'],
    ['Chest/CT-thinn/', 'Chest/CT-thin/'],
  ])('of a local path is told the nearest one: %s', async (typed, meant) => {
    const failure = createMosaic(join(folder, typed), options);
    await expect(failure).rejects.toThrow(`Did you mean '${join(folder, meant)}'?`);
  });

  it('in the working folder is told the nearest one there', async () => {
    await expect(createMosaic('packaje.json')).rejects.toThrow("no local folder 'packaje.json'");
    await expect(createMosaic('packaje.json')).rejects.toThrow("Did you mean 'package.json'?");
    await expect(createMosaic('./packaje.json')).rejects.toThrow("Did you mean './package.json'?");
    await expect(createMosaic('qqqqqqqqqqqqqqqq')).rejects.not.toThrow('Did you mean');
  });

  it('below a local root is told the nearest folder', async () => {
    const below = { ...options, root: folder };
    await expect(createMosaic('Chst', below)).rejects.toThrow("Did you mean 'Chest'?");
    await expect(createMosaic(uuid.replace('4548', '4549'), below)).rejects.toThrow(`Did you mean '${uuid}'?`);
    await expect(createMosaic('38902e15*', below)).rejects.toThrow("Did you mean '38902e14*'?");
  });

  it('of a UID below a local root is told the nearest series', async () => {
    const { report } = await createMosaic(join(folder, 'Chest'), options);
    const uid = report.series.seriesInstanceUid;
    const wrong = `${uid.slice(0, -1)}${uid.endsWith('1') ? 2 : 1}`;
    await expect(createMosaic(wrong, { ...options, root: folder })).rejects.toThrow(`Did you mean '${uid}'?`);
  });

  it('from a stranger is told no name of another folder', async () => {
    await using previewer = createPreviewer({ root: folder });
    const failure = previewer.createMosaic('Chst', { noCache: true });
    await expect(failure).rejects.toMatchObject({ code: 'not-found' });
    await expect(failure).rejects.not.toThrow('Chest');
  });
});
