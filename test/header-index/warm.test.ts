import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { buildIndex, clearIndex, createImage, createMosaic, getIndex, type Preview } from '../../src/index.ts';
import { ctSeries, enhancedMultiFrame, writeSeriesFolder } from '../support/dicom/index.js';
import { generatedSeries } from '../support/generated-series.ts';

const base = mkdtempSync(join(tmpdir(), 'dicom-series-preview-warm-'));
let folders = 0;
let cacheDir = '';

afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeEach(() => {
  cacheDir = join(base, `cache-${folders++}`);
});

function folderOf(series: Iterable<readonly [string, Uint8Array]>): string {
  const folder = join(base, `series-${folders++}`);
  writeSeriesFolder(folder, series);
  return folder;
}

/** What must be the same, whether headers were read or recalled. */
function shownBy({ bytes, report }: Preview): unknown {
  const { series, tiles, output, warnings } = report;
  return { picture: Buffer.from(bytes).toString('base64'), series, tiles, output, warnings };
}

describe.each([...generatedSeries])('with a header index, %s', (_, make) => {
  it('gives the same pictures and reports, without reading a header', async () => {
    const folder = folderOf(make());
    const pictures: readonly ((options: object) => Promise<Preview>)[] = [
      (options) => createMosaic(folder, { tileWidth: 6, imageWidth: 24, includeLabel: true, ...options }),
      (options) =>
        createImage(folder, { position: 0.6, imageWidth: 'native', contrast: 'auto', overlays: true, ...options }),
    ];
    // The first picture fills the index, which is complete then.
    const [first] = pictures;
    const filling = await first?.({ cacheDir }).catch((error: unknown) => error);
    for (const picture of pictures) {
      const cold = await picture({ noCache: true }).catch((error: unknown) => error);
      const warm = await picture({ cacheDir }).catch((error: unknown) => error);
      if (cold instanceof Error) {
        expect(warm).toEqual(cold);
        if (picture === first) expect(filling).toEqual(cold);
        continue;
      }
      const shown = shownBy(cold as Preview);
      if (picture === first) expect(shownBy(filling as Preview)).toEqual(shown);
      expect(shownBy(warm as Preview)).toEqual(shown);
      const { index, io } = (warm as Preview).report;
      expect(io.headerBytes).toBe(0);
      expect(index).toEqual({ recalled: make().size, kept: false });
    }
  });
});

describe('the header index of a local folder', () => {
  const series = ctSeries({ instances: 12, rows: 16, shuffleKeys: true });

  it('is not made unless asked for, because it costs what it saves', async () => {
    const folder = folderOf(series);
    const { report } = await createMosaic(folder, { tileWidth: 2 });
    expect(report.index).toBeUndefined();
    expect((await createMosaic(folder, { tileWidth: 2 })).report.io.headerBytes).toBeGreaterThan(0);
    expect((await createMosaic(folder, { tileWidth: 2, cacheDir, noCache: true })).report.index).toBeUndefined();
    expect(() => readdirSync(cacheDir)).toThrow();
  });

  it('is used where there is one', async () => {
    const folder = folderOf(series);
    const built = await buildIndex(folder);
    expect(built).toMatchObject({ instances: 12, frames: 12, recalled: 0, warnings: [] });
    expect((await createMosaic(folder, { tileWidth: 2 })).report.index).toEqual({ recalled: 12, kept: false });
    expect(await buildIndex(folder)).toMatchObject({ recalled: 12, requests: 0 });
    expect(await clearIndex(folder)).toBe(1);
    expect((await createMosaic(folder, { tileWidth: 2 })).report.index).toBeUndefined();
  });

  it('is the same for all names of the folder', async () => {
    const folder = folderOf(series);
    const [root, name] = [join(folder, '..'), folder.split('/').at(-1) ?? ''];
    const cold = await createMosaic(folder, { tileWidth: 2, cacheDir });
    const warm = await createMosaic(name, { root, tileWidth: 2, cacheDir });
    expect(warm.report.index).toEqual({ recalled: 12, kept: false });
    expect(warm.bytes).toEqual(cold.bytes);
    expect(warm.report.tiles.map(({ key }) => key)).toEqual(cold.report.tiles.map(({ key }) => `${name}/${key}`));
    expect(await clearIndex(name, { root, cacheDir })).toBe(1);
    await createMosaic(name, { root, tileWidth: 2, cacheDir });
    expect((await createMosaic(folder, { tileWidth: 2, cacheDir })).report.index?.recalled).toBe(12);
  });

  it('notices which objects changed, and reads only these', async () => {
    const folder = folderOf(series);
    await createMosaic(folder, { tileWidth: 2, cacheDir });
    const [first = '', second = ''] = series.keys();
    const other = [...ctSeries({ seed: 9, instances: 1, rows: 16, center: [0, 0, 900] }).values()][0];
    writeFileSync(join(folder, first), other ?? '');
    utimesSync(join(folder, second), 1_000_000, 1_000_000);
    rmSync(join(folder, [...series.keys()][3] ?? ''));
    writeFileSync(join(folder, 'zz-notes.txt'), 'text');
    const options = { tileWidth: 2, contrast: 'auto' };
    const cold = await createMosaic(folder, { ...options, noCache: true }).catch((error: unknown) => error);
    // The first object is of another series now: an error, with a header index as without.
    expect(await createMosaic(folder, { ...options, cacheDir }).catch((error: unknown) => error)).toEqual(cold);
    writeFileSync(join(folder, first), series.get(first) ?? '');
    const plain = await createMosaic(folder, { ...options, noCache: true });
    const warm = await createMosaic(folder, { ...options, cacheDir });
    expect(shownBy(warm)).toEqual(shownBy(plain));
    expect(warm.report.index?.kept).toBe(true);
    expect((await createMosaic(folder, { ...options, cacheDir })).report.index).toEqual({ recalled: 12, kept: false });
  });

  it('is made anew where its file is damaged, without a warning', async () => {
    const folder = folderOf(series);
    const cold = await createMosaic(folder, { tileWidth: 2, cacheDir });
    const { path } = await buildIndex(folder, { cacheDir });
    writeFileSync(path, readFileSync(path).subarray(0, -20));
    const again = await createMosaic(folder, { tileWidth: 2, cacheDir });
    expect(shownBy(again)).toEqual(shownBy(cold));
    expect(again.report.index).toEqual({ recalled: 0, kept: true });
    expect((await createMosaic(folder, { tileWidth: 2, cacheDir })).report.index?.recalled).toBe(12);
  });

  it('does not prevent the picture where it cannot be written', async () => {
    const folder = folderOf(series);
    writeFileSync(cacheDir, 'a file in the way');
    const { report } = await createMosaic(folder, { tileWidth: 2, cacheDir });
    expect(report.warnings).toEqual([]);
    expect(report.index).toMatchObject({ recalled: 0, kept: false, problem: expect.stringMatching(/^E[A-Z]+$/) });
    await expect(buildIndex(folder, { cacheDir })).rejects.toMatchObject({ code: 'output' });
  });

  it('holds whole headers once frames were read, so that the next run reads only pixels', async () => {
    const far = ctSeries({ instances: 6, rows: 16, privateHeaderBytes: 50_000 });
    const folder = folderOf(far);
    const options = { tileWidth: 2, cacheDir };
    const cold = await createMosaic(folder, options);
    const warm = await createMosaic(folder, options);
    expect(shownBy(warm)).toEqual(shownBy(cold));
    expect(cold.report.io.pixelBytes).toBeGreaterThan(4 * 50_000);
    expect(warm.report.io).toEqual({ requests: 4, headerBytes: 0, pixelBytes: 4 * 16 * 16 * 2 });
  });
});

describe('getIndex', () => {
  it('writes one row a frame, the same in every format, and nothing about the patient', async () => {
    const folder = folderOf([
      ...ctSeries({ instances: 3, rows: 16 }),
      ['enhanced.dcm', enhancedMultiFrame({ slices: 4, rows: 16, columns: 16 })],
      ['notes.txt', new Uint8Array(5)],
    ]);
    const json = await getIndex(folder, { format: 'json', cacheDir });
    const rows: readonly Record<string, unknown>[] = JSON.parse(Buffer.from(json.bytes).toString('utf8'));
    expect([json.rows, rows.length, json.warnings]).toEqual([7, 7, ["'notes.txt' is not DICOM and left out."]]);
    expect(rows.filter(({ key }) => key === 'enhanced.dcm').map(({ frameNumber }) => frameNumber)).toEqual([
      1, 2, 3, 4,
    ]);
    expect(rows[0]).toMatchObject({ location: folder, modality: 'CT', rows: 16, windowCenters: expect.any(Array) });
    const lines = await getIndex([folder], { format: 'jsonl', cacheDir });
    const parsed: unknown = Buffer.from(lines.bytes)
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(parsed).toEqual(rows);
    const { parquetReadObjects } = await import('hyparquet');
    const { bytes } = await getIndex(folder, { format: 'parquet', cacheDir });
    const file = new Uint8Array(bytes).buffer;
    const read = await parquetReadObjects({
      file: { byteLength: file.byteLength, slice: (from, to) => file.slice(from, to) },
    });
    const known = read.map((row) =>
      Object.fromEntries(
        Object.entries(row).flatMap(([name, value]) =>
          value === undefined || value === null ? [] : [[name, typeof value === 'bigint' ? Number(value) : value]],
        ),
      ),
    );
    expect(known).toEqual(rows);
    expect(Object.keys(rows[0] ?? {}).filter((name) => /patient(?!X|Y|Z|Row|Column)/i.test(name))).toEqual([]);
    expect(Buffer.from(bytes).toString('latin1')).not.toMatch(/PHANTOM[\^-]|seriesDate/);
    expect(() => readdirSync(cacheDir)).toThrow();
  });

  it('has only the series whose UID was given', async () => {
    const folder = folderOf([
      ...ctSeries({ instances: 2, rows: 8, series: 'one', key: (index) => `a${index}` }),
      ...ctSeries({ instances: 3, rows: 8, series: 'two', key: (index) => `b${index}` }),
    ]);
    const both = JSON.parse(Buffer.from((await getIndex(folder, { format: 'json' })).bytes).toString('utf8'));
    expect(both).toHaveLength(5);
    const uid: string = both[4].seriesInstanceUid;
    expect((await getIndex(uid, { root: folder, format: 'json' })).rows).toBe(3);
  });

  it('expands frames that share their attributes', async () => {
    const cine = generatedSeries.get('colour')?.() ?? [];
    const { bytes } = await getIndex(folderOf(cine), { format: 'json' });
    const rows: readonly Record<string, unknown>[] = JSON.parse(Buffer.from(bytes).toString('utf8'));
    expect(rows.map(({ frameNumber, numberOfFrames }) => [frameNumber, numberOfFrames])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });
});

describe('clearIndex', () => {
  it('clears by name, even for folders that are gone, and all at once', async () => {
    const series = ctSeries({ instances: 2, rows: 8 });
    const [one, two, three] = [folderOf(series), folderOf(series), folderOf(series)];
    for (const folder of [one, two, three]) await buildIndex(folder, { cacheDir });
    rmSync(one, { recursive: true });
    expect(await clearIndex([one, join(base, 'never')], { cacheDir })).toBe(1);
    expect(await clearIndex(undefined, { cacheDir })).toBe(2);
    expect(await clearIndex(undefined, { cacheDir })).toBe(0);
    await expect(clearIndex(one, { noCache: true })).rejects.toMatchObject({ code: 'usage' });
    await expect(buildIndex(two, { noCache: true })).rejects.toMatchObject({ code: 'usage' });
  });
});
