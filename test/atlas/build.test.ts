import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { unpackTar } from 'modern-tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AtlasRow } from '../../src/atlas/manifest.ts';
import { rowsOfPart } from '../../src/atlas/part-file.ts';
import { createMosaic } from '../../src/index.ts';
import { type Attributes, type CtSeriesOptions, ctSeries, writeSeriesFolder } from '../support/dicom/index.js';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
  folders.push(folder);
  return folder;
}

const seriesCount = 24;
let archive = '';

/** A tree of small series, one of which has no pixel data that could be shown. */
beforeAll(() => {
  archive = newFolder();
  for (let index = 0; index < seriesCount; index++) {
    const folder = join(archive, `patient${index % 5}`, `series${index}`);
    mkdirSync(folder, { recursive: true });
    const series = ctSeries({ seed: 100 + index, instances: 4, rows: 32, windows: [{ center: 40, width: 400 }] });
    writeSeriesFolder(folder, series);
  }
  const broken = join(archive, 'patient0', 'series0');
  for (const name of readdirSync(broken)) {
    const bytes = readFileSync(join(broken, name));
    writeFileSync(join(broken, name), bytes.subarray(0, bytes.length - 32 * 32 * 2));
  }
});

interface Ended {
  readonly status: number | null;
  readonly err: string;
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [program, 'atlas', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const err: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, err: Buffer.concat(err).toString('utf8') };
}

const atlas = (...args: string[]): Promise<Ended> => ended(start(...args));
const small = ['--image-width', '32', '--tile-width', '2', '--format', 'png', '--chunk-size', '4'];

async function manifestOf(out: string): Promise<readonly AtlasRow[]> {
  return rowsOfPart(readFileSync(join(out, 'manifest.parquet')));
}

/** The bytes of each series' picture, by its id. */
function picturesOf(out: string, rows: readonly AtlasRow[]): ReadonlyMap<string, string> {
  return new Map(
    rows.flatMap(({ id, shard, offset, length }) => {
      if (shard === null || offset === null || length === null) return [];
      const tar = readFileSync(join(out, shard));
      return [[id, tar.subarray(offset, offset + length).toString('base64')] as const];
    }),
  );
}

describe('atlas build', () => {
  it('makes a picture and a row of each series, and rows of those that fail', async () => {
    const out = join(newFolder(), 'atlas');
    const run = await atlas('build', archive, out, ...small);
    expect(run).toMatchObject({ status: 6, err: expect.stringContaining('24 series, 24 made now, 1 failed') });
    const rows = await manifestOf(out);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(seriesCount);
    expect(rows).toHaveLength(seriesCount);
    const failed = rows.filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([
      { error_code: expect.stringMatching(/decode|invalid-dicom/), modality: 'CT', shard: null },
    ]);
    const [row] = rows.filter(({ status }) => status === 'done');
    expect(row).toMatchObject({
      modality: 'CT',
      instances: 4,
      orientation: 'axial',
      tiles: 4,
      picture_width: 64,
      format: 'png',
    });
    if (row === undefined) throw new Error('Expected a row.');
    const alone = await createMosaic(row.name, { imageWidth: 32, tileWidth: 2, format: 'png', fit: true });
    expect(picturesOf(out, rows).get(row.id)).toBe(Buffer.from(alone.bytes).toString('base64'));
  });

  it('writes tar files that others can read, with names that are UIDs', async () => {
    const out = join(newFolder(), 'atlas');
    await atlas('build', archive, out, ...small, '--view', 'mosaic', '--view', 'image');
    const rows = await manifestOf(out);
    const names: string[] = [];
    for (const name of readdirSync(join(out, 'shards'))) {
      for (const entry of await unpackTar(readFileSync(join(out, 'shards', name)))) {
        names.push(entry.header.name);
        if (!entry.header.name.endsWith('.json')) continue;
        const said = JSON.parse(Buffer.from(entry.data ?? []).toString('utf8'));
        expect(Object.keys(said.reports)).toEqual(['mosaic', 'image']);
        expect(said.reports.mosaic.tiles).toHaveLength(4);
      }
    }
    const done = rows.filter(({ status }) => status === 'done').map(({ id }) => id);
    expect(names.toSorted()).toEqual(done.flatMap((id) => [`${id}.png`, `${id}.image.png`, `${id}.json`]).toSorted());
    const [place] = rows.filter(({ status }) => status === 'done');
    expect(JSON.parse(place?.pictures ?? '[]')).toMatchObject([{ view: 'mosaic' }, { view: 'image', width: 32 }]);
  });

  it('makes planes where a series has them, and the other views of those that have none', async () => {
    const own = newFolder();
    const tree = join(own, 'tree');
    mkdirSync(tree);
    for (const instances of [3, 8]) {
      writeSeriesFolder(join(tree, `s${instances}`), ctSeries({ seed: instances, instances, rows: 32, windows: [] }));
    }
    const build = (name: string, ...views: string[]): Promise<Ended> =>
      atlas('build', tree, join(own, name), ...small, ...views.flatMap((view) => ['--view', view]));
    expect(await build('both', 'planes', 'mosaic')).toMatchObject({ status: 0 });
    const rows = (await manifestOf(join(own, 'both'))).toSorted((a, b) => a.instances - b.instances);
    const viewsOf = ({ pictures }: AtlasRow): readonly string[] =>
      JSON.parse(pictures).map(({ view }: { readonly view: string }) => view);
    expect(rows.map(viewsOf)).toEqual([['mosaic'], ['planes', 'mosaic']]);
    expect(rows.map(({ warnings }) => warnings.includes('parallel images'))).toEqual([true, false]);
    // With nothing to show at all, the reason is the row's error.
    expect(await build('planes', 'planes')).toMatchObject({ status: 6 });
    const alone = (await manifestOf(join(own, 'planes'))).filter(({ status }) => status === 'failed');
    expect(alone).toMatchObject([{ instances: 3, error_code: 'unsupported', shard: null }]);
    expect(await build('film', 'film')).toMatchObject({ status: 2, err: expect.stringContaining('--view') });
  });

  it('flags pictures that show nothing, and windows that are too narrow', async () => {
    const own = newFolder();
    const tree = join(own, 'tree');
    mkdirSync(tree);
    const write = (name: string, seed: number, options: CtSeriesOptions): unknown =>
      writeSeriesFolder(join(tree, name), ctSeries({ seed, instances: 12, rows: 32, description: name, ...options }));
    write('plain', 1, { windows: [{ center: 40, width: 400 }] });
    write('narrow', 2, { windows: [{ center: -900, width: 20 }] });
    const flat = (all: Attributes): Attributes => ({ ...all, PixelData: new Uint8Array(32 * 32 * 2) });
    write('flat', 3, { windows: [], attributes: flat });
    await atlas('build', tree, join(own, 'atlas'), ...small);
    const rows = await manifestOf(join(own, 'atlas'));
    const flagsOf = (name: string): readonly string[] =>
      rows
        .filter(({ description }) => description === name)
        .flatMap(({ flags }) => flags.split(','))
        .filter((flag) => /blank|clipped/.test(flag));
    expect([flagsOf('plain'), flagsOf('narrow'), flagsOf('flat')]).toEqual([[], ['clipped-window'], ['blank-picture']]);
  });

  it('does only what is missing, what failed, or what changed', async () => {
    const own = newFolder();
    const tree = join(own, 'tree');
    mkdirSync(tree);
    for (const seed of [1, 2, 3]) {
      writeSeriesFolder(join(tree, `s${seed}`), ctSeries({ seed, instances: 3, rows: 16, windows: [] }));
    }
    const out = join(own, 'atlas');
    const build = (...args: string[]): Promise<Ended> => atlas('build', tree, out, ...small, ...args);
    expect((await build()).err).toContain('3 series, 3 made now');
    const before = picturesOf(out, await manifestOf(out));
    expect((await build()).err).toContain('3 series, 0 made now');
    writeSeriesFolder(join(tree, 's4'), ctSeries({ seed: 4, instances: 3, rows: 16, windows: [] }));
    expect((await build()).err).toContain('4 series');
    const rows = await manifestOf(out);
    expect(rows).toHaveLength(4);
    expect(Object.fromEntries(picturesOf(out, rows))).toMatchObject(Object.fromEntries(before));
    const added = readdirSync(join(tree, 's4')).at(0) ?? '';
    rmSync(join(tree, 's4', added));
    expect((await build()).err).toContain('0 made now');
    await build('--refresh');
    expect((await manifestOf(out)).map(({ instances }) => instances).toSorted()).toEqual([2, 3, 3, 3]);
  });

  it('makes a chunk again whose tar file is missing, or another than its part says', async () => {
    const out = join(newFolder(), 'atlas');
    const build = (): Promise<Ended> => atlas('build', archive, out, ...small);
    await build();
    const before = picturesOf(out, await manifestOf(out));
    const [first = '', second = ''] = readdirSync(join(out, 'shards'));
    rmSync(join(out, 'shards', first));
    writeFileSync(join(out, 'shards', second), new Uint8Array(1024));
    await atlas('finish', out);
    const left = (await manifestOf(out)).map(({ shard }) => shard);
    expect(left).not.toContain(`shards/${first}`);
    expect(left).not.toContain(`shards/${second}`);
    await build();
    expect(picturesOf(out, await manifestOf(out))).toEqual(before);
  });

  it('writes nothing where a source has no series, and leaves an atlas that is there as it is', async () => {
    const own = newFolder();
    const tree = join(own, 'tree');
    const out = join(own, 'atlas');
    mkdirSync(tree);
    const build = (...args: string[]): Promise<Ended> => atlas('build', tree, out, ...small, ...args);
    const nothing = { status: 3, err: `error: Expected series in '${tree}' but found none. Name another source.\n` };
    for (const more of [[], ['--dry-run'], ['--shard', '1/2']]) {
      expect(await build(...more)).toEqual(nothing);
      expect(existsSync(out)).toBe(false);
    }
    writeSeriesFolder(join(tree, 's1'), ctSeries({ seed: 1, instances: 3, rows: 16, windows: [] }));
    const unfit = { status: 3, err: expect.stringMatching(/^error: .* fit --modality but found none\..*\n$/) };
    expect(await build('--modality', 'XX')).toEqual(unfit);
    expect(existsSync(out)).toBe(false);
    await build();
    const filesOf = (): readonly (readonly [string, string])[] =>
      readdirSync(out, { recursive: true, encoding: 'utf8', withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'base64')]);
    const before = filesOf();
    expect(before.length).toBeGreaterThan(3);
    rmSync(join(tree, 's1'), { recursive: true });
    for (const more of [[], ['--dry-run'], ['--refresh']]) expect(await build(...more)).toEqual(nothing);
    expect(filesOf()).toEqual(before);
  });

  it('refuses other options than the atlas was begun with', async () => {
    const out = join(newFolder(), 'atlas');
    await atlas('build', archive, out, ...small, '--limit', '2');
    const run = await atlas('build', archive, out, '--limit', '2');
    expect(run).toMatchObject({ status: 2, err: expect.stringContaining('options that the atlas') });
  });

  it('gives machines that share the work each their part, and no more', async () => {
    const out = join(newFolder(), 'atlas');
    for (const shard of ['1/2', '2/2']) await atlas('build', archive, out, ...small, '--shard', shard);
    expect(existsSync(join(out, 'manifest.parquet'))).toBe(false);
    expect((await atlas('finish', out)).status).toBe(6);
    expect(await manifestOf(out)).toHaveLength(seriesCount);
  });

  it('loses the chunks in work and nothing else when it is interrupted', async () => {
    const out = join(newFolder(), 'atlas');
    const child = start('build', archive, out, ...small, '--processes', '1');
    const first = ended(child);
    while (!existsSync(join(out, 'parts'))) await setTimeout(20);
    child.kill('SIGINT');
    expect((await first).status).toBe(130);
    const others = (folder: string): readonly string[] =>
      readdirSync(join(out, folder)).filter((name) => !/^\d{5}\.(parquet|tar)$/.test(name));
    // What was not whole yet begins with a dot, and goes with the next run.
    for (const folder of ['parts', 'shards'])
      expect(others(folder).filter((name) => !name.startsWith('.'))).toEqual([]);
    await atlas('build', archive, out, ...small);
    expect(await manifestOf(out)).toHaveLength(seriesCount);
    for (const folder of ['parts', 'shards']) expect(others(folder)).toEqual([]);
  });

  it('makes the same pictures although its processes are killed', async () => {
    const [quiet, killed] = [join(newFolder(), 'atlas'), join(newFolder(), 'atlas')];
    await atlas('build', archive, quiet, ...small, '--processes', '1');
    const child = start('build', archive, killed, ...small, '--processes', '1', '--series-at-a-time', '2');
    const run = ended(child);
    let kills = 0;
    while (child.exitCode === null && kills < 6) {
      // Long enough for some series, in the end on any machine; short enough for a fast one not to be done.
      await setTimeout(150 * (kills + 1));
      const { pid } = child;
      if (pid === undefined || child.exitCode !== null) break;
      for (const worker of childrenOf(pid)) {
        try {
          process.kill(worker, 'SIGKILL');
          kills++;
        } catch {
          // It has ended by itself.
        }
      }
    }
    expect((await run).status).toBe(6);
    const rows = await manifestOf(killed);
    expect(rows.map(({ id }) => id)).toEqual((await manifestOf(quiet)).map(({ id }) => id));
    expect(picturesOf(killed, rows)).toEqual(picturesOf(quiet, await manifestOf(quiet)));
    // On other systems nobody tells which processes are whose.
    if (process.platform === 'linux') expect(kills).toBeGreaterThan(0);
  });
});

describe('atlas status and finish', () => {
  it('say where there is no atlas', async () => {
    const out = newFolder();
    for (const command of ['status', 'finish']) {
      expect(await atlas(command, out)).toMatchObject({
        status: 3,
        err: expect.stringContaining('Expected an atlas in'),
      });
    }
  });

  it('tell what is done, from the parts alone', async () => {
    const out = join(newFolder(), 'atlas');
    await atlas('build', archive, out, ...small, '--shard', '1/2');
    const json = join(out, 'status.json');
    expect((await atlas('status', out, '--json', json)).status).toBe(0);
    const status = JSON.parse(readFileSync(json, 'utf8'));
    expect(status).toMatchObject({ chunks: 6, chunksDone: 3, failed: expect.any(Number) });
    expect(status.series).toBeGreaterThan(0);
    expect(status.series).toBeLessThan(seriesCount);
  });
});

/** The processes that a process has started. */
function childrenOf(pid: number): readonly number[] {
  try {
    const path = `/proc/${pid}/task/${pid}/children`;
    return readFileSync(path, 'utf8')
      .split(' ')
      .filter((text) => text !== '')
      .map(Number);
  } catch {
    return [];
  }
}
