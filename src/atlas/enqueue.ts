import type { Sink } from '../index.ts';
import { NotFoundError, openSink, UsageError } from '../index.ts';
import { beginAtlas, noteFilledChunks } from './atlas-file.ts';
import { type BuildOptions, planSource, printableSource } from './build.ts';
import { eachOf } from './concurrently.ts';
import { type OpenChunk, openChunks } from './open-chunks.ts';
import { type ChunkJob, jobIdOf, type OpenQueue, openQueue, type QueueOptions } from './queue.ts';
import type { AtlasItem } from './types.ts';

/** What came of planning for a queue. */
export interface EnqueueResult {
  readonly series: number;
  readonly chunks: number;
  /** Of these, put into the queue now. The others are done, or in the queue already. */
  readonly enqueued: number;
}

/** Jobs of one round, and files written at a time. */
const jobsAtATime = 100;
const filesAtATime = 16;

/**
 * Plans an atlas and puts its open chunks into a queue. The series of each chunk go to OUT, as `plan/NNNNN.json`: jobs stay
 * small, and hold nothing of patients. Doing it again adds what is missing.
 *
 * @throws UsageError where a source's credentials would be written down, NotFoundError without any series, and the errors of
 *   stores and queues
 */
export async function enqueueAtlas(
  source: string,
  out: string,
  queueOptions: QueueOptions,
  options: Omit<BuildOptions, 'shard' | 'processes' | 'memoryBytes' | 'concurrency' | 'onProgress'>,
): Promise<EnqueueResult> {
  const { pictures, again } = options;
  for (const place of [source, out, options.storage.root]) checkWithoutSecrets(place);
  const queue = await openQueue(queueOptions);
  try {
    const sink = await openSink(out, { ...options.sink, onWarning: options.onWarning });
    try {
      const plan = await planSource(source, options);
      const chunkCount = plan.chunkCount(options.chunkSize);
      const file = await beginAtlas(sink, { pictures, source: printableSource(source), chunkCount });
      const chunks = [...plan.chunks(file.chunks)];
      await noteFilledChunks(sink, file, chunks.length);
      const { optionsHash } = file;
      const counts = { total: 0, done: 0, failed: 0 };
      const open = await openChunks(chunks, sink, { again, optionsHash }, counts);
      options.onPlanned?.(counts.total, chunks.length);
      await removeEnded(queue, new Set(open.map(({ chunk }) => jobIdOf(out, chunk))));
      for (let start = 0; start < open.length; start += jobsAtATime) {
        options.signal.throwIfAborted();
        const round = open.slice(start, start + jobsAtATime);
        await eachOf(round, filesAtATime, (each) => writePlan(sink, each, options.storage.root));
        await queue.queue.addBulk(
          round.map(({ chunk }) => ({
            name: 'chunk',
            data: { out, chunk, again, optionsHash } satisfies ChunkJob,
            opts: { jobId: jobIdOf(out, chunk) },
          })),
        );
      }
      return { series: counts.total, chunks: chunks.length, enqueued: open.length };
    } finally {
      await sink.close();
    }
  } finally {
    await queue.close();
  }
}

function planName(chunk: number): string {
  return `plan/${String(chunk).padStart(5, '0')}.json`;
}

async function writePlan(sink: Sink, { chunk, items }: OpenChunk, root: string | undefined): Promise<void> {
  // Another machine does not know where this one was told to look.
  const rooted = items().map((item) => (item.root === undefined && root !== undefined ? { ...item, root } : item));
  await sink.write(planName(chunk), new TextEncoder().encode(JSON.stringify({ schema: 1, items: rooted })));
}

/** The series of a chunk; undefined where its plan is not there, because it was done. */
export async function readPlan(sink: Sink, chunk: number): Promise<readonly AtlasItem[] | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await sink.read(planName(chunk));
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
  const plan: { readonly items: readonly AtlasItem[] } = JSON.parse(new TextDecoder().decode(bytes));
  return plan.items;
}

export async function removePlan(sink: Sink, chunk: number): Promise<void> {
  await sink.remove(planName(chunk));
}

/** A job that is there, also a failed one, keeps another with its id from being added. */
async function removeEnded({ queue }: OpenQueue, ids: ReadonlySet<string>): Promise<void> {
  const ended = await queue.getJobs(['failed', 'completed']);
  await eachOf(ended, filesAtATime, async (job) => {
    if (job.id !== undefined && ids.has(job.id)) await job.remove();
  });
}

/** Plans and jobs are text that many may read. */
function checkWithoutSecrets(place: string | undefined): void {
  const url = place !== undefined && URL.canParse(place) ? new URL(place) : undefined;
  if (url === undefined || (url.username === '' && url.password === '' && !/[?&]\S+=/.test(url.search))) return;
  throw new UsageError(
    `Expected ${url.protocol}//${url.host}... without user name, password and query: jobs are text that others may read. Set credentials in the environment of those who work.`,
  );
}
