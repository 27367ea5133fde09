import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPreviewer } from '../../src/index.ts';
import type { ListedSeries } from '../../src/types/listed-series.ts';
import type { ListOptions } from '../../src/types/options.ts';
import { ctSeries, mrSeries } from '../support/dicom/index.js';
import { makeDicomdir, seriesRecords } from '../support/dicomdir.ts';
import { startDicomwebServer } from '../support/dicomweb-server.ts';
import { startFakeS3 } from '../support/fake-s3.ts';
import { runWithLibrary } from '../support/run-with-library.ts';
import { seriesFolders } from '../support/series-folders.ts';
import { zipOf } from '../support/zip.ts';

const { root, write, remove } = seriesFolders('list');
afterAll(remove);

const ct = ctSeries({ instances: 3, rows: 8, series: 'ct', seed: 5 });
const mr = mrSeries({ instances: 2, rows: 16, volumes: 2, series: 'mr', seed: 6 });
const below = (folder: string, series: ReadonlyMap<string, Uint8Array>): readonly (readonly [string, Uint8Array])[] =>
  [...series].map(([key, bytes]) => [`${folder}/${key}`, bytes]);
const archive = new Map([
  ...below('a/ct', ct),
  ...below('mixed', mr),
  ['notes.txt', new Uint8Array(200)] as const,
  ['a/ct/DICOMDIR.txt', new Uint8Array(5)] as const,
]);
const lengthOf = (series: ReadonlyMap<string, Uint8Array>): number =>
  [...series.values()].reduce((sum, { length }) => sum + length, 0);

async function list(
  place: string | undefined,
  options: ListOptions = {},
  previewer = createPreviewer(),
): Promise<readonly ListedSeries[]> {
  const found: ListedSeries[] = [];
  try {
    for await (const series of previewer.list(place, options)) found.push(series);
  } finally {
    await previewer.close();
  }
  return found;
}

const whole = {
  ct: {
    modality: 'CT',
    instances: 3,
    rows: 8,
    columns: 8,
    byteLength: lengthOf(ct),
    seriesDescription: 'Synthetic CT',
  },
  mr: { modality: 'MR', instances: 4, rows: 16, columns: 16, byteLength: lengthOf(mr) },
};

describe('the series below a local root', () => {
  const folder = write('local', archive);

  it('are told by their headers', async () => {
    const found = await list(folder);
    expect(found).toMatchObject([
      { ...whole.ct, location: join(folder, 'a/ct') },
      { ...whole.mr, location: join(folder, 'mixed') },
    ]);
    for (const { series, seriesInstanceUid, seriesDate } of found) {
      expect(series).toBe(seriesInstanceUid);
      expect(seriesDate).toBeUndefined();
    }
    const previewer = createPreviewer();
    const named = await previewer.createMosaic(found[1]?.series ?? '', { root: folder, noCache: true });
    expect(named.report.series).toMatchObject({ modality: 'MR', instances: 4 });
    await previewer.close();
  });

  it('are those of a folder where one is named', async () => {
    expect(await list('a', { root: folder })).toMatchObject([whole.ct]);
    await expect(list('b', { root: folder })).rejects.toThrow('Expected a folder at');
  });

  it('are told without their place where the previewer is confined', async () => {
    const found = await list(undefined, {}, createPreviewer({ root: folder }));
    expect(found.map(({ location }) => location)).toEqual(['a/ct', 'mixed']);
    await expect(list('../local', {}, createPreviewer({ root: folder }))).rejects.toThrow('reads nothing else');
  });

  it('are those of the DICOMDIR, whose files are not read', async () => {
    const media = write('media', [
      ...below('IMAGES', new Map([...ct.values()].map((bytes, index) => [`CT${index}`, bytes]))),
      ['OTHER', new Uint8Array(3000)],
    ]);
    const files = [0, 1, 2].map((index) => `IMAGES/CT${index}`);
    writeFileSync(join(media, 'DICOMDIR'), makeDicomdir(seriesRecords({ '1.2.3.4': files, '1.2.3.5': ['OTHER'] })));
    const found = await list(media);
    expect(found).toMatchObject([
      { series: '1.2.3.4', modality: 'CT', seriesDescription: 'series 1', instances: 3, rows: null },
      { series: '1.2.3.5', instances: 1, byteLength: 3000 },
    ]);
    expect(await list(join(media, 'DICOMDIR'))).toEqual(found);
    expect(await list(media, { details: true })).toMatchObject([{ rows: 8 }, { rows: null }]);
  });

  it('are found in an archive', async () => {
    const path = join(root, 'archive.zip');
    writeFileSync(path, zipOf(archive));
    expect(await list(path)).toMatchObject([whole.ct, whole.mr]);
  });
});

describe('the series on a server', () => {
  it('are folders with objects, whose headers are read on demand', async () => {
    const server = await startFakeS3({ objects: new Map([...archive, ...below('top', ct)]), pageSize: 2 });
    const options: ListOptions = { root: 's3://bucket', endpointUrl: server.origin, noSignRequest: true };
    const plain = await list(undefined, options);
    expect(plain.map(({ series, instances, modality }) => [series, instances, modality]).toSorted()).toEqual([
      ['a/ct', 3, null],
      ['mixed', 4, null],
      ['top', 3, null],
    ]);
    expect(plain.map(({ location }) => location)).toContain('s3://bucket/a/ct');
    expect(server.requests.every(({ path }) => path.includes('list-type'))).toBe(true);
    expect(await list('to*', options)).toMatchObject([{ series: 'top', instances: 3 }]);
    const before = server.requests.length;
    expect(await list('mixed', { ...options, details: true })).toMatchObject([
      { modality: 'MR', rows: 16, instances: 4 },
    ]);
    expect(server.requests.slice(before).filter(({ path }) => !path.includes('list-type'))).toHaveLength(1);
    await server.stop();
  });

  it('are searched for by DICOMweb', async () => {
    const server = await startDicomwebServer({ instances: [...ct.values(), ...mr.values()] });
    const found = await list(server.root);
    expect(new Set(found.map(({ modality }) => modality))).toEqual(new Set(['CT', 'MR']));
    expect(server.paths.every((path) => path.startsWith('series'))).toBe(true);
    expect(found.every(({ seriesDescription }) => seriesDescription === null)).toBe(true);
    const one = found[0]?.series ?? '';
    expect(await list(one, { root: server.root })).toHaveLength(1);
    await server.stop();
  });
});

describe('list', () => {
  const folder = write('cli', [
    ...archive,
    ...below(
      'odd',
      ctSeries({
        instances: 1,
        rows: 8,
        series: 'odd',
        attributes: (all) => ({ ...all, SeriesDescription: '=cmd,"x"' }),
      }),
    ),
  ]);

  it('prints a table, JSON, JSON Lines or CSV', async () => {
    const people = await runWithLibrary(['list', folder, '--include-patient']);
    expect(people.code).toBe(0);
    expect(people.out).toMatch(/^series +modality +instances +MB +image/);
    expect(people.out).toMatch(/ CT +3 +0\.0 +8 x 8 /);
    expect(people.err).toBe('3 series\n');
    const json = JSON.parse((await runWithLibrary(['list', folder, '--json'])).out);
    const lines = (await runWithLibrary(['list', folder, '--jsonl'])).out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(json);
    expect(json).toEqual(await list(folder));
    const csv = (await runWithLibrary(['list', folder, '--csv'])).out.split('\r\n');
    expect(csv).toHaveLength(5);
    expect(csv[0]).toMatch(/^location,series,/);
    expect(csv.join('\n')).toContain(`,"'=cmd,""x""",`);
  });

  it('asks for a place, and contacts nobody for a name that is no local folder', async () => {
    expect(await runWithLibrary(['list'])).toMatchObject({ code: 2, err: expect.stringContaining('root or a folder') });
    expect(await runWithLibrary(['list', 'nope'])).toMatchObject({
      code: 3,
      err: expect.stringContaining("no local folder 'nope'"),
    });
    expect((await runWithLibrary(['list', folder, '--csv', '--json'])).code).toBe(2);
  });
});
