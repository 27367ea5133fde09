import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import type { Selection } from '../series/select.ts';
import { defaultLimits } from '../types/limits.ts';
import type { ScannedInstance } from '../types/members.ts';
import type { Store } from '../types/storage.ts';
import { decodeMembers } from './decode-members.ts';
import type { DecodedMember, MemberSources, ReadFramesOptions } from './decoded-member.ts';
import { memberCost } from './member-cost.ts';

/** Bytes of stored values that are read together. Two such groups are in memory: one is worked on, one is read. */
const maxGroupLength = 24 * 1024 * 1024;
const maxGroup = 64;
/** Several frames together take no more than such a part of the limit: two groups, their bytes as stored, and copies. */
export const groupShare = 16;

/** How many members may be read together. */
export interface GroupBounds {
  readonly maxCount: number;
  /** Bytes of stored values. */
  readonly maxBytes: number;
}

/** Members that follow each other, in groups that are read together: small enough for memory, large enough to keep the store busy. */
export function groupsOf<Chosen extends Selection>(
  chosen: readonly Chosen[],
  { maxCount, maxBytes }: GroupBounds,
): readonly (readonly Chosen[])[] {
  const groups: Chosen[][] = [];
  let byteLength = 0;
  for (const selection of chosen) {
    const {
      rows = 512,
      columns = 512,
      bitsAllocated = 16,
      samplesPerPixel = 1,
    } = selection.ordered.member.instance.header.pixels ?? {};
    const length = (rows * columns * samplesPerPixel * bitsAllocated) / 8;
    const last = groups.at(-1);
    if (last === undefined || last.length >= maxCount || byteLength + length > maxBytes) {
      groups.push([selection]);
      byteLength = length;
    } else {
      last.push(selection);
      byteLength += length;
    }
  }
  return groups;
}

/** A group that was read, and the bytes of pixel data that came. */
export interface ReadGroup<Chosen extends Selection> {
  readonly group: readonly Chosen[];
  readonly members: readonly DecodedMember[];
  readonly pixelBytes: number;
}

/**
 * Reads and decodes groups one after the other. While the caller works on one, the next is read, where there is memory for
 * both.
 */
export async function* readGroups<Chosen extends Selection>(
  asked: readonly (readonly Chosen[])[],
  store: Store,
  decoder: FrameDecoder,
  options: Omit<ReadFramesOptions, 'onProgress' | 'sources' | 'drawing' | 'room'>,
): AsyncGenerator<ReadGroup<Chosen>, void, undefined> {
  const sources: MemberSources = new Map();
  const { pictureBytes: limit } = options.limits ?? defaultLimits;
  const { reservedBytes = 0 } = options;
  const costOf = (group: readonly Chosen[]): { readonly kept: number; readonly work: number } => {
    const costs = group.map(({ ordered }) => memberCost(ordered.member, { ...options, isDrawn: false }));
    const kept = costs.reduce((sum, cost) => sum + cost.keptBytes + cost.sharedBytes, 0);
    return { kept, work: Math.max(...costs.map(({ unitBytes }) => unitBytes)) };
  };
  const fits = (held: number, { kept, work }: ReturnType<typeof costOf>): boolean =>
    reservedBytes + held + kept + work <= limit;
  const groups = asked.flatMap((group): readonly (readonly Chosen[])[] =>
    fits(0, costOf(group)) ? [group] : group.map((selection) => [selection]),
  );
  const read = (group: readonly Chosen[], besides: number): ReturnType<typeof decodeMembers> => {
    const reading = decodeMembers(
      store,
      decoder,
      group.map(({ index, ordered }) => ({ index, ordered })),
      { ...options, sources, reservedBytes: reservedBytes + besides, onProgress: () => {} },
    );
    // The error is thrown to whoever waits for the group. If nobody does, it must not end the process.
    reading.catch(() => undefined);
    return reading;
  };
  const lastGroupOf = new Map<ScannedInstance, number>();
  for (const [number, group] of groups.entries()) {
    for (const { ordered } of group) lastGroupOf.set(ordered.member.instance, number);
  }
  let ahead: ReturnType<typeof decodeMembers> | undefined;
  for (const [number, group] of groups.entries()) {
    const { frames, pixelBytes } = await (ahead ?? read(group, 0));
    // What was read of an instance is kept for its other frames only.
    for (const { ordered } of group) {
      const { instance } = ordered.member;
      if (lastGroupOf.get(instance) === number) sources.delete(instance);
    }
    const next = groups[number + 1];
    const held = costOf(group).kept;
    ahead = next !== undefined && fits(held, costOf(next)) ? read(next, held) : undefined;
    yield { group, members: frames, pixelBytes };
  }
}

/**
 * Reads and decodes members in the given order, some at a time, and hands each over. None is kept.
 *
 * @returns bytes of pixel data that were read
 */
export async function readInOrder<Chosen extends Selection>(
  chosen: readonly Chosen[],
  store: Store,
  decoder: FrameDecoder,
  options: Omit<ReadFramesOptions, 'onProgress' | 'sources' | 'drawing' | 'room'>,
  take: (selection: Chosen, member: DecodedMember) => void,
): Promise<number> {
  const { pictureBytes } = options.limits ?? defaultLimits;
  const maxBytes = Math.min(maxGroupLength, (pictureBytes - (options.reservedBytes ?? 0)) / groupShare);
  const groups = groupsOf(chosen, { maxCount: Math.max(1, Math.min(store.concurrency, maxGroup)), maxBytes });
  let sum = 0;
  for await (const { group, members, pixelBytes } of readGroups(groups, store, decoder, options)) {
    sum += pixelBytes;
    for (const [index, selection] of group.entries()) {
      const member = members[index];
      if (member !== undefined) take(selection, member);
    }
  }
  return sum;
}
