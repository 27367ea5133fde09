import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaseResult, Contestant, Context } from '../../bench/bench.d.ts';
import { createFarStore } from '../../bench/far-store.js';
import { measure, memoryMeter } from '../../bench/measure.js';
import { runCase } from '../../bench/run-case.js';
import { median } from '../../bench/statistics.js';
import { caseTable } from '../../bench/table.js';
import { ctInstances, writeSeriesFolder } from './dicom/index.js';

const node = (code: string): readonly string[] => [process.execPath, '-e', code];
/** A program that does nothing, and ends sooner than Node starts. */
const nothing = ['true'];

const context: Context = {
  inputs: '',
  outputs: '',
  farUrl: () => '',
  python: undefined,
  ours: () => [],
  knows: () => false,
  cold: [],
  input: async () => '',
};

function run(contestants: readonly Contestant[], runs: number): Promise<CaseResult> {
  const prepare = async () => ({
    contestants,
    checks: () => [
      { label: 'reached', value: 1, limit: 2 },
      { label: 'not measured', value: Number.NaN, limit: 2 },
    ],
  });
  const farStore = { reset: async () => {}, statistics: async () => ({ requests: 5, bodyBytes: 7 }) };
  return runCase({ id: 'case', title: 'A case', prepare }, context, { runs, farStore, onRound: () => {} });
}

describe('measure', () => {
  it('tells exit code and output of the program itself', async () => {
    const ended = await measure(node('console.log("out"); console.error("err"); process.exitCode = 3'));
    expect(ended).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it.skipIf(memoryMeter === undefined)('tells the peak memory of the program itself', async () => {
    const [small, large] = [await measure(node('0')), await measure(node('Buffer.alloc(3e8, 1)'))];
    expect((large.peakRssBytes ?? Number.NaN) - (small.peakRssBytes ?? Number.NaN)).toBeGreaterThan(2.5e8);
  });

  it('ends a program that hangs, together with whatever started it', async () => {
    const ended = await measure(node('setInterval(() => {}, 1000)'), { timeoutMs: 300 });
    expect(ended.exitCode).not.toBe(0);
  });
});

describe('runCase', () => {
  it('takes turns, leaves the first round out and gives medians by stage', async () => {
    let turn = 0;
    const order: string[] = [];
    const contestant = (name: string): Contestant => ({
      name,
      command: nothing,
      before: () => {
        order.push(name);
      },
      stageMs: () => {
        turn += 1;
        return turn;
      },
    });
    const result = await run([contestant('a'), contestant('b')], 3);
    expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']);
    expect(result.results.map(({ name, runsMs, medianMs }) => [name, runsMs, medianMs])).toEqual([
      ['a', [3, 5, 7], 5],
      ['b', [4, 6, 8], 6],
    ]);
    expect(result.results[0]).toMatchObject({ requests: 5, bodyBytes: 7 });
    expect(result.checks).toHaveLength(1);
  });

  it('lists who cannot run, fails or writes no picture, and goes on without them', async () => {
    const picture = { path: join(tmpdir(), 'no-such-folder', 'picture.webp'), width: 1, height: 1 };
    const result = await run(
      [
        { name: 'absent', command: [], unavailable: 'not installed' },
        { name: 'failing', command: node('console.error("why"); process.exitCode = 5') },
        { name: 'pictureless', command: nothing, picture },
        { name: 'well', command: nothing },
      ],
      1,
    );
    expect(result.results.map(({ name }) => name)).toEqual(['well']);
    expect(result.missing).toEqual([
      { name: 'absent', reason: 'not installed' },
      { name: 'failing', reason: 'exit 5: why' },
      { name: 'pictureless', reason: 'it wrote no picture' },
    ]);
    expect(caseTable(result)).toContain('failing: n/a: exit 5: why');
  });
});

describe('figures', () => {
  it('are medians and marked when missed', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, Number.NaN]);
    const empty = { id: 'x', title: 'X', results: [], missing: [] };
    const text = caseTable({ ...empty, checks: [{ label: 'ratio', value: 0.5, limit: 0.4 }] });
    expect(text).toContain('MISSED: ratio: 0.50 (to reach: <= 0.4)');
    expect(caseTable({ ...empty, checks: [], unavailable: 'no tool' })).toContain('n/a: no tool');
  });
});

describe('the floor of the far store', () => {
  let folder = '';
  let store: ReturnType<typeof createFarStore>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'far-floor-'));
    writeSeriesFolder(join(folder, 'series'), ctInstances({ instances: 12, rows: 64 }));
    store = createFarStore({ folder, firstByteDelayMs: 1, bytesPerSecond: 1e9 });
    await new Promise<void>((resolve) => store.server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    store.server.closeAllConnections();
    await new Promise((resolve) => store.server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  it('is one listing, a range an instance and the bodies, no more', async () => {
    const address = store.server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/series/`;
    await promisify(execFile)(process.execPath, [
      'bench/floors/read-far.js',
      url,
      '--header-bytes',
      '500',
      '--bodies',
      '4',
    ]);
    expect(store.statistics()).toMatchObject({ requests: 1 + 12 + 4, listings: 1, ranges: 12 });
    const bodies = [...ctInstances({ instances: 12, rows: 64 })].map(({ bytes }) => bytes.length);
    const least = 12 * 500 + 4 * Math.min(...bodies);
    expect(store.statistics().bodyBytes).toBeGreaterThan(least);
    expect(store.statistics().bodyBytes).toBeLessThan(least + 4096);
  });
});
