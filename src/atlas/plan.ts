import { createHash } from 'node:crypto';
import { UsageError } from '../index.ts';
import type { AtlasItem } from './types.ts';

/** Series of a chunk, about; fewer where there are few, so that all processes have something to do to the end. */
const usualChunkSize = 200;
const minChunkSize = 20;
const usualChunks = 16;

/**
 * The series of a source, cut into chunks. A series' chunk follows from its id and the number of chunks alone, so that
 * reruns and other machines agree. A million series take about 200 MB: each is kept as one string.
 */
export class ChunkPlan {
  readonly #lines: string[] = [];
  readonly #seen = new Set<string>();
  readonly #limit: number;

  /** @param limit series at most; the source is not asked for more */
  constructor(limit: number = Infinity) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#lines.length;
  }

  get isFull(): boolean {
    return this.#lines.length >= this.#limit;
  }

  /** Adds a series; one that is there already, by its id, is left out. */
  add(item: AtlasItem): void {
    const key = shortDigest(item.id);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const { id, name, root, version, collection, patientId } = item;
    this.#lines.push([id, name === id ? '' : name, root, version, collection, patientId].map(cell).join('\t'));
  }

  /** Keeps so many, the same ones for the same seed and series. */
  sample(count: number, seed: number): void {
    if (count >= this.#lines.length) return;
    const keyed = this.#lines.map((line) => ({ line, key: shortDigest(`${seed}\t${line.split('\t', 1)[0]}`) }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#lines.length = 0;
    for (const { line } of keyed.slice(0, count)) this.#lines.push(line);
  }

  /** How many chunks there should be: it follows from the number of series, so that other machines agree. */
  chunkCount(asked: number | undefined): number {
    const usual = Math.ceil(this.#lines.length / usualChunks);
    const chunkSize = asked ?? Math.min(usualChunkSize, Math.max(minChunkSize, usual));
    return Math.max(1, Math.ceil(this.#lines.length / chunkSize));
  }

  /** The series of each chunk, by number. Chunks without series are left out. */
  chunks(count: number): ReadonlyMap<number, () => readonly AtlasItem[]> {
    // The lines go over into the chunks, so that they are not held twice.
    const byChunk = new Map<number, string[]>();
    for (const line of this.#lines) {
      const chunk = chunkOf(line.split('\t', 1)[0] ?? '', count);
      const lines = byChunk.get(chunk);
      if (lines === undefined) byChunk.set(chunk, [line]);
      else lines.push(line);
    }
    const sorted = [...byChunk].sort((a, b) => a[0] - b[0]);
    return new Map(sorted.map(([chunk, lines]) => [chunk, () => lines.map(itemOf)]));
  }
}

/** Tabs and line ends would break a line; no name of a series has them. */
function cell(value: string | undefined): string {
  return (value ?? '').replaceAll(/[\t\r\n]/g, ' ');
}

function itemOf(line: string): AtlasItem {
  const [id = '', name = '', root = '', version = '', collection = '', patientId = ''] = line.split('\t');
  return {
    id,
    name: name === '' ? id : name,
    ...(root === '' ? {} : { root }),
    ...(version === '' ? {} : { version }),
    ...(collection === '' ? {} : { collection }),
    ...(patientId === '' ? {} : { patientId }),
  };
}

/** The chunk that a series belongs to, from 0. */
export function chunkOf(id: string, count: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % count;
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** Which chunks this machine does, of how many machines. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * What `--shard` says: `I/N` with I from 1 to N, or `auto/N`, where I comes from the environment of Slurm arrays, AWS Batch
 * arrays or Kubernetes indexed jobs.
 *
 * @throws UsageError for anything else
 */
export function shardOf(text: string, env: Readonly<Record<string, string | undefined>>): Shard {
  const [, first = '', last = ''] = /^(auto|\d+)\/(\d+)$/.exec(text) ?? [];
  const count = Number(last);
  const index = first === 'auto' ? indexFromEnvironment(env) : first === '' ? undefined : Number(first) - 1;
  if (index === undefined && first === 'auto') {
    throw new UsageError(
      'Expected SLURM_ARRAY_TASK_ID, AWS_BATCH_JOB_ARRAY_INDEX or JOB_COMPLETION_INDEX for --shard auto/N, but none is set.',
    );
  }
  if (index === undefined || !(index >= 0 && index < count)) {
    throw new UsageError(`Expected --shard I/N with I from 1 to N, or auto/N, but received '${text}'.`);
  }
  return { index, count };
}

/** From 0; undefined outside of arrays. */
function indexFromEnvironment(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const { SLURM_ARRAY_TASK_ID: slurm, SLURM_ARRAY_TASK_MIN: least } = env;
  // Slurm's tasks may begin anywhere, such as at 1; the others begin at 0.
  if (slurm !== undefined) return Number(slurm) - Number(least ?? 0);
  const { AWS_BATCH_JOB_ARRAY_INDEX: batch, JOB_COMPLETION_INDEX: kubernetes } = env;
  const found = batch ?? kubernetes;
  return found === undefined ? undefined : Number(found);
}
