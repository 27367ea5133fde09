import { createHash } from 'node:crypto';
import type * as bullmq from 'bullmq';
import type * as ioredis from 'ioredis';
import { AccessDeniedError, MissingComponentError, StorageError, UsageError } from '../index.ts';

/** Where the queue is. */
export interface QueueOptions {
  /** `redis://host:port`, `rediss://user:password@host:port/database`. Never printed. */
  readonly url: string;
  /** Several queues may lie on one server. */
  readonly name?: string | undefined;
  readonly onWarning: (message: string) => void;
}

/** What a job holds: nothing that is secret, and nothing of patients. */
export interface ChunkJob {
  /** Where the atlas is written. */
  readonly out: string;
  readonly chunk: number;
  readonly again: 'none' | 'failed' | 'changed' | 'all';
  /** The pictures are made with the options in the atlas' file; another hash means that it was begun anew. */
  readonly optionsHash: string;
}

/** What a done job keeps. */
export interface ChunkJobResult {
  readonly series: number;
  readonly failed: number;
}

/** How many jobs are in which state. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  /** Waiting until they are tried again. */
  readonly delayed: number;
  readonly failed: number;
}

/** An open queue, and the connection that it is reached by. */
export interface OpenQueue {
  readonly library: typeof bullmq;
  readonly connection: ioredis.Redis;
  readonly queue: bullmq.Queue<ChunkJob, ChunkJobResult>;
  readonly name: string;
  /** Printable. */
  readonly location: string;
  close(): Promise<void>;
}

const usualName = 'dicom-series-preview';
/** Pauses between attempts to connect again. */
const maxPauseMs = 20_000;
const connectTimeoutMs = 10_000;
/** Attempts for a failure that is not a series': a store that refuses, a full disk. The pauses grow from 5 s to 20 min. */
const attempts = 9;
const firstPauseMs = 5_000;
const keptJobs = { completed: 1_000, failed: 10_000 };

/** A job's id: integers and colons are not allowed, and a chunk must have one job only. */
export function jobIdOf(out: string, chunk: number): string {
  const atlas = createHash('sha256').update(out).digest('hex').slice(0, 8);
  return `${atlas}-chunk-${String(chunk).padStart(5, '0')}`;
}

/**
 * Connects to a queue.
 *
 * @throws MissingComponentError where bullmq or ioredis is not installed, UsageError for a URL that is no server's,
 *   AccessDeniedError and StorageError
 */
export async function openQueue({ url, name = usualName, onWarning }: QueueOptions): Promise<OpenQueue> {
  const location = locationOf(url);
  if (!/^[\w.-]{1,100}$/.test(name)) {
    throw new UsageError(`Expected a name of letters, digits, '.', '-' and '_' for the queue but received '${name}'.`);
  }
  const [library, { Redis }] = await Promise.all([loadBullmq(), loadIoredis()]);
  const connection = new Redis(url, {
    ...{ lazyConnect: true, connectTimeout: connectTimeoutMs, maxRetriesPerRequest: null },
    retryStrategy: (times) => Math.min(maxPauseMs, 500 * 2 ** Math.min(times, 10)),
  });
  const lastError = listenTo(connection);
  try {
    await connection.connect();
    await checkServer(connection, location, onWarning);
  } catch (error) {
    connection.disconnect();
    throw connectError(lastError() ?? error, location);
  }
  const queue = new library.Queue<ChunkJob, ChunkJobResult>(name, {
    connection,
    skipVersionCheck: true,
    defaultJobOptions: {
      attempts,
      backoff: { type: 'exponential', delay: firstPauseMs, jitter: 0.5 },
      removeOnComplete: { count: keptJobs.completed },
      removeOnFail: { count: keptJobs.failed },
      stackTraceLimit: 1,
    },
  });
  queue.on('error', () => undefined);
  return {
    ...{ library, connection, queue, name, location },
    close: async () => {
      await queue.close();
      connection.disconnect();
    },
  };
}

/** How many jobs of the queue are in which state. */
export async function countJobs({ queue }: OpenQueue): Promise<QueueCounts> {
  const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'prioritized');
  const { waiting = 0, active = 0, delayed = 0, failed = 0, prioritized = 0 } = counts;
  return { waiting: waiting + prioritized, active, delayed, failed };
}

/** How many jobs of a queue are in which state, from a connection of its own. */
export async function queueCounts(options: QueueOptions): Promise<QueueCounts> {
  const queue = await openQueue(options);
  return await countJobs(queue).finally(() => queue.close());
}

/** Without user name, password and query. */
function locationOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new UsageError('Expected a queue such as redis://host:6379 (Redis or Valkey).');
  }
  return `${parsed.protocol}//${parsed.host}`;
}

/** Without a listener, an error of a connection would end the process. */
function listenTo(connection: ioredis.Redis): () => Error | undefined {
  let last: Error | undefined;
  connection.on('error', (error: Error) => {
    last = error;
  });
  return () => last;
}

/** What must be right on the server, or chunks are lost without a word. */
async function checkServer(
  connection: ioredis.Redis,
  location: string,
  onWarning: (message: string) => void,
): Promise<void> {
  const said = await connection.info();
  const policy = /^maxmemory_policy:(\S+)/m.exec(said)?.[1];
  if (policy !== undefined && policy !== 'noeviction') {
    onWarning(
      `The server of the queue (${location}) may throw away chunks when its memory is full: its maxmemory-policy is ${policy}. Set it to noeviction.`,
    );
  }
  const [, major = '0'] = /^redis_version:(\d+)/m.exec(said) ?? [];
  if (Number(major) < 5) {
    throw new StorageError(`Expected Redis 5 or later, or Valkey, at ${location} but it is Redis ${major}.`, {
      location,
    });
  }
}

function connectError(error: unknown, location: string): Error {
  if (error instanceof StorageError) return error;
  const message = error instanceof Error ? error.message : '';
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  if (/\b(NOAUTH|WRONGPASS|NOPERM)\b/.test(message)) {
    return new AccessDeniedError(`The queue at ${location} refuses: give its user and password in the URL.`, {
      location,
      cause: error,
    });
  }
  return new StorageError(
    `The queue at ${location} cannot be reached (${code}). Is the server running, and its address right?`,
    { location, cause: error },
  );
}

async function loadBullmq(): Promise<typeof bullmq> {
  try {
    return await import('bullmq');
  } catch (cause) {
    throw missing('bullmq', cause);
  }
}

async function loadIoredis(): Promise<typeof ioredis> {
  try {
    return await import('ioredis');
  } catch (cause) {
    throw missing('ioredis', cause);
  }
}

function missing(component: string, cause: unknown): MissingComponentError {
  return new MissingComponentError(
    `A queue needs the packages bullmq and ioredis. Install them with: npm install bullmq ioredis`,
    { component, cause },
  );
}
