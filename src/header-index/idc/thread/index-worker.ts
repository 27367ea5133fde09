// What runs in the thread that reads the index of the Imaging Data Commons: one job, on bytes that it asks the main thread for.
import { parentPort } from 'node:worker_threads';
import type { AsyncBuffer } from 'hyparquet';
import { openTable } from '../parquet/table.ts';
import { findSeries } from './find-series.ts';
import { listRows } from './list-rows.ts';
import type { FromThread, IdcAnswer, IdcJob, ToThread } from './messages.ts';
import { querySeries } from './query-series.ts';

const port = parentPort;
const reads = new Map<number, (bytes: ArrayBuffer) => void>();
let lastId = 0;
let answers: AsyncGenerator<IdcAnswer> | undefined;

function post(message: FromThread): void {
  port?.postMessage(message);
}

/** The file, whose bytes the main thread reads. */
function fileOf(byteLength: number): AsyncBuffer {
  return {
    byteLength,
    slice: (start, end = byteLength) =>
      new Promise((resolve) => {
        lastId += 1;
        reads.set(lastId, resolve);
        post({ kind: 'read', id: lastId, offset: start, length: end - start });
      }),
  };
}

async function* answersTo(job: IdcJob, byteLength: number): AsyncGenerator<IdcAnswer> {
  const table = await openTable(fileOf(byteLength));
  const onRows = (): void => post({ kind: 'alive' });
  if (job.kind === 'find') yield findSeries(table, job.seriesInstanceUid, onRows);
  else if (job.kind === 'query') yield querySeries(table, job.filters, job.page, onRows);
  else yield* listRows(table, job, onRows);
}

async function next(): Promise<void> {
  try {
    const result = await answers?.next();
    post(result === undefined || result.done === true ? { kind: 'end' } : { kind: 'answer', answer: result.value });
  } catch (error) {
    post({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
  }
}

port?.on('message', (message: ToThread) => {
  if (message.kind === 'start') answers = answersTo(message.job, message.byteLength);
  else if (message.kind === 'next') void next();
  else {
    const resolve = reads.get(message.id);
    reads.delete(message.id);
    resolve?.(message.bytes);
  }
});
