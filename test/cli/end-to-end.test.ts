import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { PreviewReport } from '../../src/index.ts';
import { ctInstances, type GeneratedInstance, writeSeriesFolder } from '../support/dicom/index.js';
import { memoryStream } from '../support/run-here.ts';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const jpip = '1.2.840.10008.1.2.4.94';

interface Ended {
  readonly status: number | null;
  readonly out: Buffer;
  readonly err: string;
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out: Buffer.concat(out), err: Buffer.concat(err).toString('utf8') };
}

/** The built program, in a process of its own. */
function cli(...args: string[]): Promise<Ended> {
  return ended(start(...args));
}

/** The program from its sources, in this process: all but its start, in a tenth of the time. */
async function cliHere(...args: string[]): Promise<Ended> {
  const streams = [memoryStream(), memoryStream()];
  const [out, err] = streams;
  if (out === undefined || err === undefined) throw new Error('Expected two streams.');
  const status = await run(args, {
    loadLibrary: () => import('../../src/index.ts'),
    stdout: out.stream,
    stderr: err.stream,
    signal: new AbortController().signal,
    programName: 'dicom-series-preview',
  });
  return { status, out: Buffer.concat(out.chunks), err: Buffer.concat(err.chunks).toString('utf8') };
}

let work = '';
let series = '';
let instances: readonly GeneratedInstance[] = [];

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'end-to-end-'));
  series = join(work, 'series');
  instances = [
    ...ctInstances({
      instances: 12,
      rows: 32,
      shuffleKeys: true,
      instanceNumbers: 'descending',
      attributes: (attributes) => ({
        ...attributes,
        PatientName: 'Secretname^Patient',
        PatientID: 'SECRETID',
        PatientBirthDate: '19010203',
      }),
    }),
  ];
  writeSeriesFolder(series, instances);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A folder of its own for a test's output. */
function outputFolder(): string {
  return mkdtempSync(join(work, 'output-'));
}

function reportIn(path: string): PreviewReport {
  return JSON.parse(readFileSync(path, 'utf8')) as PreviewReport;
}

/** The series with some instances claiming a transfer syntax that nothing decodes. */
function seriesWithUndecodable(which: (index: number) => boolean): string {
  const folder = mkdtempSync(join(work, 'undecodable-'));
  const good = [...ctInstances({ instances: 4, rows: 32 })];
  const bad = [...ctInstances({ instances: 4, rows: 32, write: { declaredTransferSyntaxUid: jpip } })];
  writeSeriesFolder(
    folder,
    good.map((instance, index) => (which(index) ? (bad[index] ?? instance) : instance)),
  );
  return folder;
}

describe('mosaic', () => {
  it('tiles the series in spatial order, and reports what each tile shows', async () => {
    const folder = outputFolder();
    const [picture, json] = [join(folder, 'mosaic.png'), join(folder, 'report.json')];
    const run = await cli('mosaic', series, picture, '--tile-width', '3', '--image-width', '32', '--json', json);
    expect(run).toMatchObject({ status: 0, err: expect.stringContaining('9 of 12 instances (CT, axial)') });
    expect(readdirSync(folder).sort()).toEqual(['mosaic.png', 'report.json']);
    expect(await sharp(picture).metadata()).toMatchObject({ width: 96, height: 96, channels: 1 });
    const report = reportIn(json);
    expect(report.output).toEqual({
      path: picture,
      format: 'png',
      width: 96,
      height: 96,
      byteLength: readFileSync(picture).length,
      grid: { rows: 3, columns: 3, left: 0, top: 0, cellWidth: 32, cellHeight: 32, gap: 0 },
    });
    const inOrder = instances.toSorted((a, b) => a.index - b.index).map((instance) => instance.sopInstanceUid);
    const shown = report.tiles.map((tile) => tile.sopInstanceUid);
    expect(shown).toEqual(report.tiles.map((tile) => inOrder[tile.index]));
    expect([shown[0], shown.at(-1)]).toEqual([inOrder[0], inOrder.at(-1)]);
    expect(report.tiles.map((tile) => tile.index)).toEqual(
      [...new Set(report.tiles.map((tile) => tile.index))].sort((a, b) => a - b),
    );
  });

  it('sends the same bytes to standard output as to a file', async () => {
    const picture = join(outputFolder(), 'mosaic.webp');
    const toFile = await cliHere('mosaic', series, picture, '--tile-width', '2', '--quiet');
    expect(toFile).toMatchObject({ status: 0, err: '' });
    const toPipe = await cli('mosaic', series, '-', '--format', 'webp', '--tile-width', '2', '--quiet');
    expect(toPipe.status).toBe(0);
    expect(toPipe.out.equals(readFileSync(picture))).toBe(true);
  });

  it('says nothing of the patient', async () => {
    const folder = outputFolder();
    const run = await cliHere('mosaic', series, join(folder, 'a.webp'), '--json', join(folder, 'a.json'), '-v');
    const everything =
      run.err +
      run.out.toString('latin1') +
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'latin1'))
        .join('');
    expect(everything).toContain('ordered by');
    expect(everything).not.toMatch(/secret|19010203/i);
  });

  it('marks tiles that cannot be shown, says why, and ends with 6', async () => {
    const folder = outputFolder();
    const json = join(folder, 'a.json');
    const run = await cliHere(
      'mosaic',
      seriesWithUndecodable((index) => index === 1),
      join(folder, 'a.png'),
      '--json',
      json,
    );
    expect(run.status).toBe(6);
    expect(run.err).toMatch(/warning: /);
    const { tiles, warnings } = reportIn(json);
    expect(tiles.map((tile) => tile.error?.code)).toEqual([undefined, 'unsupported', undefined, undefined]);
    expect(warnings.join()).toContain(jpip);
  });

  it('is an error, without a picture, where nothing can be shown', async () => {
    const folder = outputFolder();
    const run = await cliHere(
      'mosaic',
      seriesWithUndecodable(() => true),
      join(folder, 'a.png'),
    );
    expect(run.status).toBe(5);
    expect(run.err).toContain(jpip);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells an unknown preset before anything is read', async () => {
    const folder = outputFolder();
    const run = await cliHere('mosaic', series, join(folder, 'a.png'), '--contrast', 'lungs');
    expect(run.status).toBe(2);
    expect(run.err).toMatch(/'lungs'[\s\S]*|lung/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a picture that is too large, saying what to reduce', async () => {
    const run = await cliHere(
      'mosaic',
      series,
      join(outputFolder(), 'a.webp'),
      '--tile-width',
      '100',
      '--image-width',
      '1000',
    );
    expect(run.status).toBe(2);
    expect(run.err).toMatch(/smaller image width/);
  });

  it('ends with 4 for a file that is not DICOM', async () => {
    const file = join(outputFolder(), 'text.dcm');
    writeFileSync(file, 'This is not DICOM at all. '.repeat(50));
    const run = await cliHere('mosaic', file, join(outputFolder(), 'a.webp'));
    expect(run.status).toBe(4);
  });
});

describe('get-image', () => {
  it('shows the instance nearest to the position, and those further on', async () => {
    const inOrder = instances.toSorted((a, b) => a.index - b.index).map((instance) => instance.sopInstanceUid);
    for (const [position, offset, expected] of [
      ['0', '0', 0],
      ['1', '-3', 8],
      ['0.5', '2', undefined],
    ] as const) {
      const json = join(outputFolder(), 'a.json');
      const run = await cliHere(
        'get-image',
        series,
        join(outputFolder(), 'a.png'),
        '--position',
        position,
        '--slice-offset',
        offset,
        '--json',
        json,
      );
      expect(run.status).toBe(0);
      const [tile] = reportIn(json).tiles;
      if (expected !== undefined) expect(tile?.sopInstanceUid).toBe(inOrder[expected]);
      else expect([7, 8]).toContain(tile?.index);
    }
  });

  it('names the valid range for an offset that leads out of the series', async () => {
    const run = await cliHere(
      'get-image',
      series,
      join(outputFolder(), 'a.png'),
      '--position',
      '0',
      '--slice-offset',
      '12',
    );
    expect(run.status).toBe(2);
    expect(run.err).toMatch(/0 .*11/);
  });
});

describe('an interrupted run', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 130 on %s and leaves nothing behind', async (signal) => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const asked = once(server, 'request');
    const folder = outputFolder();
    const { port } = server.address() as AddressInfo;
    const child = start('mosaic', `http://127.0.0.1:${port}/1.2.3/`, join(folder, 'a.webp'), '--json', '-');
    const end = ended(child);
    await asked;
    child.kill(signal);
    const { status, out, err } = await end;
    expect(status).toBe(130);
    expect(err).toBe('error: Interrupted.\n');
    expect(JSON.parse(out.toString('utf8'))).toEqual({
      schema: 1,
      error: { code: 'aborted', message: 'Interrupted.' },
      warnings: [],
    });
    expect(readdirSync(folder)).toEqual([]);
    server.closeAllConnections();
    server.close();
  });
});

describe('a reader that goes away', () => {
  it('ends the run quietly', async () => {
    const child = start('mosaic', series, '-', '--format', 'png', '--image-width', '600');
    child.stdout?.destroy();
    const { status, err } = await ended(child);
    expect(status).toBe(1);
    expect(err).toBe('');
  });
});
