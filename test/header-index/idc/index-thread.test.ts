import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AbortedError, AccessDeniedError, StorageError, TimeoutError } from '../../../src/base/errors.ts';
import { answersOfIdcIndex } from '../../../src/header-index/idc/idc-answers.ts';
import type { IdcIndexFile } from '../../../src/header-index/idc/idc-file.ts';
import { IndexThread, type ThreadLimits } from '../../../src/header-index/idc/thread/index-thread.ts';
import type { IdcAnswer } from '../../../src/header-index/idc/thread/messages.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-thread-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rowCount = 20_000;

function writeIndex(): string {
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const column = (name: string, cellOf: (row: number) => string) => ({
    ...{ name, type: 'STRING' as const, data: rows.map(cellOf) },
  });
  const columnData = [
    column('SeriesInstanceUID', (row) => `1.2.3.${row}`),
    column('series_aws_url', (row) => `s3://idc-open-data/00000000-0000-0000-0000-${String(row).padStart(12, '0')}/*`),
  ];
  const path = join(folder, 'index.parquet');
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData })));
  return path;
}

const file = (slice: IdcIndexFile['slice']): IdcIndexFile => ({
  ...{ byteLength: 1000, slice, location: 'memory://index' },
  ...{ requests: () => 0, close: () => Promise.resolve() },
});

/** The answer of a thread that runs this code for each message. */
async function answerOf(
  code: string,
  given: {
    readonly slice?: IdcIndexFile['slice'];
    readonly signal?: AbortSignal;
    readonly limits?: Partial<ThreadLimits>;
  },
): Promise<IdcAnswer | undefined> {
  const { slice = async () => new ArrayBuffer(1), signal, limits } = given;
  const path = join(folder, 'worker.cjs');
  writeFileSync(
    path,
    `const { parentPort: port } = require('node:worker_threads');
     port.on('message', async (message) => { ${code} });
     const answer = () => port.postMessage({ kind: 'answer', answer: { kind: 'found' } });
     const spin = (ms) => { for (const end = performance.now() + ms; performance.now() < end; ); };`,
  );
  const thread = new IndexThread(signal, { workerUrl: pathToFileURL(path), ...limits });
  try {
    thread.start(file(slice), { kind: 'find', seriesInstanceUid: '1.2.3' });
    return await thread.next();
  } finally {
    thread.end();
  }
}

const read = `if (message.kind === 'next') port.postMessage({ kind: 'read', id: 1, offset: 0, length: 1 });`;

describe('the thread that reads the index', () => {
  it('is ended when it works without a sign of life', async () => {
    const started = performance.now();
    const answer = answerOf('spin(1e9);', { limits: { silentMs: 200 } });
    await expect(answer).rejects.toThrow(/took longer than 200 ms.*--idc-index/);
    await expect(answer).rejects.toBeInstanceOf(TimeoutError);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('is ended when it works for too long, whatever signs it gives', async () => {
    const answer = answerOf(`for (;;) { spin(20); port.postMessage({ kind: 'alive' }); }`, {
      limits: { silentMs: 5_000, answerMs: 300 },
    });
    await expect(answer).rejects.toThrow(/took longer than 300 ms/);
  });

  it('may take longer in all than without a sign, and may wait for bytes for as long as they take', async () => {
    const signs = `if (message.kind === 'next') { for (let i = 0; i < 12; i++) { spin(50); port.postMessage({ kind: 'alive' }); } answer(); }`;
    await expect(answerOf(signs, { limits: { silentMs: 400 } })).resolves.toEqual({ kind: 'found' });
    const slow = async (): Promise<ArrayBuffer> => {
      await sleep(600);
      return new ArrayBuffer(1);
    };
    const waits = `${read} if (message.kind === 'bytes') answer();`;
    await expect(answerOf(waits, { slice: slow, limits: { silentMs: 250, answerMs: 250 } })).resolves.toEqual({
      kind: 'found',
    });
  });

  it('is not taken for silent when this thread was too busy to hear it', async () => {
    const busy = setTimeout(() => {
      for (const end = performance.now() + 700; performance.now() < end; );
    }, 150);
    const answer = answerOf(`if (message.kind === 'next') { spin(300); answer(); }`, { limits: { silentMs: 400 } });
    await expect(answer).resolves.toEqual({ kind: 'found' });
    clearTimeout(busy);
  });

  it('takes no more memory than it may', async () => {
    const grows = `const all = []; for (;;) all.push({ text: String(all.length).padEnd(200) + 1 });`;
    const answer = answerOf(grows, {});
    await expect(answer).rejects.toBeInstanceOf(StorageError);
    await expect(answer).rejects.toThrow(/too much memory.*--idc-index/);
  });

  it('gives the errors of the file as they are, and its own as errors of the library', async () => {
    const error = new AccessDeniedError('No.', { location: 'memory://index' });
    await expect(answerOf(read, { slice: () => Promise.reject(error) })).rejects.toBe(error);
    const answer = answerOf(`throw new SyntaxError('something');`, {});
    await expect(answer).rejects.toBeInstanceOf(StorageError);
    await expect(answer).rejects.toThrow(/something|breaks its reader/);
  });

  it('is ended by the signal', async () => {
    const started = performance.now();
    const answer = answerOf('spin(1e9);', { signal: AbortSignal.timeout(200) });
    await expect(answer).rejects.toBeInstanceOf(AbortedError);
    expect(performance.now() - started).toBeLessThan(5_000);
    await expect(answerOf('', { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(AbortedError);
  });
});

describe('answers about an index', () => {
  it('come as long as the caller wants them, and leave no thread behind', async () => {
    const job = { kind: 'list', wanted: [], columns: ['SeriesInstanceUID'] } as const;
    const options = { folder: undefined };
    const path = writeIndex();
    const started: Worker[] = [];
    const onWorker = (worker: Worker): void => void started.push(worker);
    process.on('worker', onWorker);
    let rows = 0;
    for await (const { answer } of answersOfIdcIndex(path, job, options))
      rows += answer.kind === 'rows' ? answer.count : 0;
    expect(rows).toBe(rowCount);
    for await (const { answer } of answersOfIdcIndex(path, job, options)) {
      rows += answer.kind === 'rows' ? answer.count : 0;
      if (rows > rowCount + 10_000) break;
    }
    expect(rows).toBeLessThan(2 * rowCount);
    process.off('worker', onWorker);
    expect(started.length).toBeGreaterThanOrEqual(2);
    // A thread that has ended has no number any more.
    const running = (): readonly Worker[] => started.filter(({ threadId }) => threadId >= 0);
    for (let tries = 0; running().length > 0 && tries < 100; tries += 1) await sleep(50);
    expect(running()).toEqual([]);
  });

  it('do not keep the process alive when the caller forgets them', () => {
    const library = new URL('../../../dist/index.js', import.meta.url).href;
    const code = `import { listIdcSeries } from ${JSON.stringify(library)};
      const all = listIdcSeries({}, { idcIndex: ${JSON.stringify(writeIndex())}, noCache: true });
      for (let row = 0; row < 9000; row++) await all.next();
      console.log('left');`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      ...{ encoding: 'utf8', timeout: 20_000 },
    });
    expect({ stdout, status }).toEqual({ stdout: 'left\n', status: 0 });
  });
});
