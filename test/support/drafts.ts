import { createFrameDecoder } from '../../src/codecs/frame-decoder.ts';
import { decodeUntil } from '../../src/draft/decode.ts';
import { draftPass } from '../../src/draft/draft.ts';
import type { DraftHeadersOptions } from '../../src/draft/headers.ts';
import type { LocatedSeries } from '../../src/series/locate/locate.ts';
import { membersOf } from '../../src/series/members.ts';
import { orderMembers } from '../../src/series/order.ts';
import { type Selection, selectEvenly } from '../../src/series/select.ts';
import { decodeMembers } from '../../src/tiles/decode-members.ts';
import type { DecodedMember } from '../../src/tiles/decoded-member.ts';
import type { DraftReport } from '../../src/types/report.ts';
import type { Store } from '../../src/types/storage.ts';
import { type CtSeriesOptions, ctInstances, type GeneratedInstance, seededUuid } from './dicom/index.js';
import { MemoryStore } from './memory-store.ts';

export type Keyed = ReadonlyMap<string, Uint8Array>;

/** What is asked of the draft, where it is not 36 tiles without a budget. */
export interface Choose {
  readonly tiles?: DraftHeadersOptions['tiles'];
  readonly byteLength?: number;
  readonly timeMs?: number;
  /** As `performance.now` counts; default now. */
  readonly startedAt?: number;
  /** In place of one that answers at once. */
  readonly store?: MemoryStore;
}

const all: DraftHeadersOptions['tiles'] = { count: 36, start: 0, end: 1 };

function located(store: Store, objects: LocatedSeries['objects']): LocatedSeries {
  const place = { folder: '', place: 'memory', known: undefined, isImmutable: false, requestsElsewhere: 0 };
  return { store, objects, seriesInstanceUid: undefined, ...place };
}

export interface Drafted {
  readonly selections: readonly Selection[];
  readonly shown: readonly DecodedMember[];
  readonly report: DraftReport;
  readonly warnings: readonly string[];
  readonly store: MemoryStore;
}

/** A draft of a series in memory, as far as its tiles. */
export async function draftOf(
  series: Keyed,
  choose: Choose = {},
  place: Partial<LocatedSeries> = {},
): Promise<Drafted> {
  const store = choose.store ?? new MemoryStore(series, { concurrency: 32 });
  const objects = await store.list('');
  const { byteLength = Number.POSITIVE_INFINITY, timeMs = Number.POSITIVE_INFINITY } = choose;
  const tiles = choose.tiles ?? all;
  const draft = await draftPass(
    { ...located(store, objects), ...place },
    {
      tiles,
      budget: { byteLength, timeMs },
      startedAt: choose.startedAt ?? performance.now(),
      isShort: objects.length <= tiles.count,
      signal: undefined,
      onProgress: () => {},
    },
  );
  const selected = draft.choose(tiles.count, (count) =>
    selectEvenly(orderMembers(membersOf(draft.scan.instances)).members, { ...tiles, count }),
  );
  const decoder = createFrameDecoder();
  try {
    const options = { imageWidth: 8, overlays: false, signal: undefined, onProgress: () => {} };
    const { selections } = selected;
    const { frames } = await (draft.deadline === undefined
      ? decodeMembers(store, decoder, selections, options)
      : decodeUntil(draft.deadline, store, decoder, selections, options));
    const readBytes = store.statistics.receivedBytes;
    const found = draft.report(selected, frames.length, readBytes);
    if (found === undefined) throw new Error('Expected the report of a draft.');
    return {
      selections,
      shown: frames,
      store,
      ...found,
    };
  } finally {
    await decoder.close();
  }
}

const many = new Map<string, readonly GeneratedInstance[]>();

/** A series of 1,000 small slices (or of `instances`), made once for each name; in reading order. */
export function thousand(name: string, options: CtSeriesOptions = {}): readonly GeneratedInstance[] {
  const known = many.get(name) ?? [
    ...ctInstances({ seed: 7, instances: 1000, rows: 8, sliceSpacing: 0.6, ...options }),
  ];
  many.set(name, known);
  return known;
}

/** The instances under other keys, sorted by key as listings are. */
export function under(instances: readonly GeneratedInstance[], key: (index: number) => string): Keyed {
  return new Map(
    instances.map(({ bytes }, index) => [key(index), bytes] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Keys in random order, another one for each seed. */
export function random(seed: number): (index: number) => string {
  return (index) => `series/${seededUuid(seed, `draft ${index}`)}.dcm`;
}
