import { openAbortScope } from '../base/abort.ts';
import { mapConcurrently } from '../base/concurrently.ts';
import { AbortedError } from '../base/errors.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import type { Selection } from '../series/select.ts';
import { type DecodedMembers, decodeMembers } from '../tiles/decode-members.ts';
import type { DecodedMember, ReadFramesOptions } from '../tiles/decoded-member.ts';
import type { ScannedInstance } from '../types/members.ts';
import type { Store } from '../types/storage.ts';
import { spreadOrder } from './budget.ts';

/** Instances read at a time: so few that over a slow line some come in time, and not all of them too late. */
const maxReads = 12;
/** Timers cannot wait longer. */
const maxDelayMs = 2 ** 31 - 1;

/**
 * As `decodeMembers`, but ends at the deadline: nothing more is begun then, and reads under way are given up. Only if
 * no tile has come yet, it waits for one. Tiles are read in such an order that those in time are spread over all of
 * them.
 *
 * @param deadline as `performance.now` counts
 * @returns the members that came in time, in the selections' order
 */
export async function decodeUntil(
  deadline: number,
  store: Store,
  decoder: FrameDecoder,
  selections: readonly Selection[],
  options: ReadFramesOptions,
): Promise<DecodedMembers> {
  const timeUp = new AbortController();
  const found = new Map<Selection, DecodedMember>();
  let hasImage = false;
  const endIfLate = (): void => {
    if (hasImage && performance.now() >= deadline) timeUp.abort();
  };
  let timer: NodeJS.Timeout | undefined;
  const waitForDeadline = (): void => {
    const left = deadline - performance.now();
    // A timer may end a part of a millisecond too early.
    if (left > 0) timer = setTimeout(waitForDeadline, Math.min(Math.ceil(left), maxDelayMs));
    else endIfLate();
  };
  waitForDeadline();
  let pixelBytes = 0;
  const groups = instanceGroups(selections);
  try {
    await mapConcurrently(groups, Math.min(store.concurrency, maxReads), options.signal, async (group, signal) => {
      const scope = openAbortScope([signal, timeUp.signal]);
      try {
        const { signal: either } = scope;
        const decoded = await decodeMembers(store, decoder, group, {
          ...options,
          signal: either,
          onProgress: () => {},
        });
        pixelBytes += decoded.pixelBytes;
        for (const member of decoded.frames) {
          found.set(member.selection, member);
          if (member.error === undefined) hasImage = true;
        }
        options.onProgress(found.size);
        endIfLate();
      } catch (error) {
        if (!(error instanceof AbortedError) || signal.aborted) throw error;
      } finally {
        scope.end();
      }
    });
  } finally {
    clearTimeout(timer);
  }
  return { frames: selections.flatMap((selection) => found.get(selection) ?? []), pixelBytes };
}

/** Selections of one instance together, because they share its header; in an order that is spread over all of them. */
function instanceGroups(selections: readonly Selection[]): readonly (readonly Selection[])[] {
  const groups = new Map<ScannedInstance, Selection[]>();
  for (const index of spreadOrder(selections.length)) {
    const selection = selections[index];
    if (selection === undefined) continue;
    const { instance } = selection.ordered.member;
    const group = groups.get(instance);
    if (group === undefined) groups.set(instance, [selection]);
    else group.push(selection);
  }
  return [...groups.values()];
}
