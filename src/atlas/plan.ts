import { hash } from 'node:crypto';
import { UsageError } from '../index.ts';
import { DigestSet, grown, LineStore } from './line-store.ts';
import type { AtlasItem } from './types.ts';

/** Series of a chunk, about; fewer where there are few, so that all processes have something to do to the end. */
const usualChunkSize = 200;
const minChunkSize = 15;
const usualChunks = 32;

/** The series of a chunk, made when they are asked for; and how many they are. */
export type ChunkItems = (() => readonly AtlasItem[]) & { readonly count: number };

/**
 * The series of a source, cut into chunks. A series' chunk follows from its id and the number of chunks alone, so that
 * reruns and other machines agree. A million series of the
 * Imaging Data Commons take about 130 MB: each is a line of bytes, outside of the heap.
 */
export class ChunkPlan {
  readonly #lines = new LineStore();
  readonly #seen = new DigestSet();
  /** The first four bytes of each id's digest: they choose the chunk. */
  #heads = new Uint32Array(1024);
  readonly #limit: number;
  /** Which lines are kept, after a sample was taken. */
  #kept: Uint32Array | undefined;

  /** @param limit series at most; the source is not asked for more */
  constructor(limit: number = Infinity) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#kept?.length ?? this.#lines.size;
  }

  get isFull(): boolean {
    return this.size >= this.#limit;
  }

  /** Adds a series; one that is there already, by its id, is left out. */
  add(item: AtlasItem): void {
    const digest = hash('sha256', item.id, 'buffer');
    if (!this.#seen.add(digest)) return;
    const { id, name, root, version, collection, patientId } = item;
    const at = this.#lines.add(
      [id, name === id ? '' : name, root, version, collection, patientId].map(cell).join('\t'),
    );
    if (at === this.#heads.length) this.#heads = grown(this.#heads);
    this.#heads[at] = digest.readUInt32BE(0);
  }

  /** Keeps so many, the same ones for the same seed and series. */
  sample(count: number, seed: number): void {
    if (count >= this.#lines.size) return;
    const keys = Array.from({ length: this.#lines.size }, (_, at) =>
      hash('sha256', `${seed}\t${this.#lines.at(at).split('\t', 1)[0]}`, 'base64url').slice(0, 16),
    );
    const order = Uint32Array.from(keys, (_, at) => at);
    order.sort((a, b) => ((keys[a] ?? '') < (keys[b] ?? '') ? -1 : 1));
    this.#kept = order.slice(0, count);
  }

  /** How many chunks there should be: it follows from the number of series, so that other machines agree. */
  chunkCount(asked: number | undefined): number {
    const usual = Math.ceil(this.size / usualChunks);
    const chunkSize = asked ?? Math.min(usualChunkSize, Math.max(minChunkSize, usual));
    return Math.max(1, Math.ceil(this.size / chunkSize));
  }

  /** The series of each chunk, by number. Chunks without series are left out. */
  chunks(count: number): ReadonlyMap<number, ChunkItems> {
    const lines = this.#kept ?? new Uint32Array(this.#lines.size).map((_, at) => at);
    const sizes = new Map<number, number>();
    for (const at of lines) {
      const chunk = (this.#heads[at] ?? 0) % count;
      sizes.set(chunk, (sizes.get(chunk) ?? 0) + 1);
    }
    // All chunks lie one after the other in one array.
    const order = new Uint32Array(lines.length);
    const places = new Map<number, { readonly start: number; next: number }>();
    let start = 0;
    for (const [chunk, size] of [...sizes].sort((a, b) => a[0] - b[0])) {
      places.set(chunk, { start, next: start });
      start += size;
    }
    for (const at of lines) {
      const place = places.get((this.#heads[at] ?? 0) % count);
      if (place !== undefined) order[place.next++] = at;
    }
    const itemsOf = (members: Uint32Array): readonly AtlasItem[] =>
      Array.from(members, (at) => itemOf(this.#lines.at(at)));
    return new Map(
      [...places].map(([chunk, place]) => {
        const items = (): readonly AtlasItem[] => itemsOf(order.subarray(place.start, place.next));
        return [chunk, Object.assign(items, { count: place.next - place.start })] as const;
      }),
    );
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
  return hash('sha256', id, 'buffer').readUInt32BE(0) % count;
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
