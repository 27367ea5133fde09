import type { Sink } from '../index.ts';
import { chunkNames, digestsOf } from './chunk.ts';
import { eachOf } from './concurrently.ts';
import { factsOfFile, type PartFacts } from './part-file.ts';
import type { ChunkItems } from './plan.ts';
import type { AtlasItem, ChunkTask } from './types.ts';

/** A chunk that is to be done. */
export interface OpenChunk {
  readonly chunk: number;
  readonly items: () => readonly AtlasItem[];
}

/** Parts that are looked at in one go. */
const partsAtATime = 16;

/** The chunks that are not done, in their order. What is done is counted. */
export async function openChunks(
  chunks: readonly (readonly [chunk: number, items: ChunkItems])[],
  sink: Sink,
  { again, optionsHash }: { readonly again: ChunkTask['again']; readonly optionsHash: string },
  counts: { total: number; done: number; failed: number },
): Promise<readonly OpenChunk[]> {
  const files = new Map(
    [...(await sink.list('parts/')), ...(await sink.list('shards/'))].map((file) => [file.name, file]),
  );
  const isOpen = new Set<number>();
  await eachOf(chunks, partsAtATime, async ([chunk, items]) => {
    counts.total += items.count;
    const { part, shard } = chunkNames(chunk);
    const file = files.get(part);
    const facts = file === undefined ? undefined : await factsOfFile(sink, file);
    const isWhole = facts?.shardLength === files.get(shard)?.byteLength;
    if (facts !== undefined && isWhole && isDone(facts, items(), again, optionsHash)) {
      counts.done += facts.series;
      counts.failed += facts.failed;
    } else isOpen.add(chunk);
  });
  return chunks.filter(([chunk]) => isOpen.has(chunk)).map(([chunk, items]) => ({ chunk, items }));
}

/** Whether a part is what doing its chunk would give. */
export function isDone(
  facts: PartFacts,
  items: readonly AtlasItem[],
  again: ChunkTask['again'],
  optionsHash: string,
): boolean {
  const digests = digestsOf(items);
  return (
    facts.optionsHash === optionsHash &&
    facts.idsDigest === digests.idsDigest &&
    again !== 'all' &&
    !(again === 'failed' && facts.failed > 0) &&
    !(again === 'changed' && facts.versionsDigest !== digests.versionsDigest)
  );
}
