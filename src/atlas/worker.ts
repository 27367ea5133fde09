import { createPreviewer, openSink, PreviewError, type Previewer, type Sink } from '../index.ts';
import { makeChunk } from './chunk.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './types.ts';

/**
 * A worker process: makes chunks as its parent says, one after the other, with one previewer for all of them. It ends when
 * the parent says so, or goes away.
 */
interface Work {
  readonly settings: WorkerSettings;
  readonly previewer: Previewer;
  readonly sink: Sink;
}

let work: Work | undefined;
const ending = new AbortController();

function tell(message: FromWorker): void {
  process.send?.(message);
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'settings': {
      const { settings } = message;
      const previewer = createPreviewer({ pictures: settings.concurrency, workers: 1 });
      work = { settings, previewer, sink: await openSink(settings.out, settings.sink) };
      tell({ kind: 'ready' });
      return;
    }
    case 'chunk': {
      if (work === undefined) throw new RangeError('Expected settings before a chunk.');
      const { settings, previewer, sink } = work;
      const result = await makeChunk(message.task, settings, previewer, sink, {
        signal: ending.signal,
        onStarted: (id) => tell({ kind: 'started', id }),
        onEnded: (id, row, byteLength) => tell({ kind: 'ended', id, failed: row.status === 'failed', byteLength }),
      });
      tell({ kind: 'done', result });
      return;
    }
    case 'end':
      await end();
  }
}

async function end(): Promise<void> {
  ending.abort();
  await work?.previewer.close();
  await work?.sink.close();
  process.disconnect?.();
}

process.on('message', (message: ToWorker) => {
  handle(message).catch((error: unknown) => {
    if (ending.signal.aborted) return;
    const code = error instanceof PreviewError ? error.code : 'internal';
    tell({ kind: 'error', code, message: error instanceof Error ? error.message : String(error) });
  });
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C goes to all processes of a terminal; the parent decides what happens.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => void end().finally(() => process.exit(0)));
