import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import type { Selection } from '../series/select.ts';
import type { Store } from '../types/storage.ts';
import { type DecodedMember, decodeMembers, type MemberSources, type ReadFramesOptions } from './decode-members.ts';

/** Bytes of stored values that are read together. Two such groups are in memory: one is worked on, one is read. */
const maxGroupLength = 24 * 1024 * 1024;
const maxGroup = 64;

/**
 * Reads and decodes members in the given order, some at a time, and hands each over. None is kept.
 *
 * @returns bytes of pixel data that were read
 */
export async function readInOrder<Chosen extends Selection>(
  chosen: readonly Chosen[],
  store: Store,
  decoder: FrameDecoder,
  options: Omit<ReadFramesOptions, 'onProgress' | 'sources' | 'drawing'>,
  take: (selection: Chosen, member: DecodedMember) => void,
): Promise<number> {
  const groups = groupsOf(chosen, store.concurrency);
  const sources: MemberSources = new Map();
  const read = (group: readonly Chosen[] | undefined): ReturnType<typeof decodeMembers> | undefined => {
    if (group === undefined) return undefined;
    const selections = group.map(({ index, ordered }) => ({ index, ordered }));
    const reading = decodeMembers(store, decoder, selections, { ...options, sources, onProgress: () => {} });
    // The error is thrown to whoever waits for the group. If nobody does, it must not end the process.
    reading.catch(() => undefined);
    return reading;
  };
  let pixelBytes = 0;
  let next = read(groups[0]);
  for (const [number, group] of groups.entries()) {
    const decoded = await next;
    const following = groups[number + 1];
    next = read(following);
    pixelBytes += decoded?.pixelBytes ?? 0;
    for (const [index, selection] of group.entries()) {
      const member = decoded?.frames[index];
      if (member !== undefined) take(selection, member);
    }
    // What was read of an instance is kept for its other frames only.
    const needed = new Set(
      groups.slice(number + 1).flatMap((later) => later.map(({ ordered }) => ordered.member.instance)),
    );
    for (const instance of sources.keys()) if (!needed.has(instance)) sources.delete(instance);
  }
  return pixelBytes;
}

function groupsOf<Chosen extends Selection>(
  chosen: readonly Chosen[],
  concurrency: number,
): readonly (readonly Chosen[])[] {
  const { pixels } = chosen[0]?.ordered.member.instance.header ?? {};
  const { rows = 512, columns = 512, bitsAllocated = 16, samplesPerPixel = 1 } = pixels ?? {};
  const byLength = Math.floor(maxGroupLength / Math.max(1, (rows * columns * samplesPerPixel * bitsAllocated) / 8));
  const size = Math.max(1, Math.min(concurrency, maxGroup, byLength));
  return Array.from({ length: Math.ceil(chosen.length / size) }, (_, group) =>
    chosen.slice(group * size, (group + 1) * size),
  );
}
