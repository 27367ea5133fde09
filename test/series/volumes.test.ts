import { describe, expect, it } from 'vitest';
import { HeaderMemory } from '../../src/dicom/header/header-memory.ts';
import { parseHeader } from '../../src/dicom/header/parse-header.ts';
import { membersOf } from '../../src/series/members.ts';
import { orderMembers } from '../../src/series/order.ts';
import { type SplitStack, splitStack } from '../../src/series/volumes.ts';
import type { ScannedInstance } from '../../src/types/members.ts';
import { type Attributes, mrSeries } from '../support/dicom/index.js';

function instancesOf(series: ReadonlyMap<string, Uint8Array>): readonly ScannedInstance[] {
  const memory = new HeaderMemory();
  return [...series].map(([key, bytes]) => {
    const { header } = parseHeader(bytes, { complete: true, memory });
    const rest = { etag: undefined, objectByteLength: bytes.length, complete: true, bytes: undefined, deflated: false };
    return { key, header, ...rest };
  });
}

function split(series: ReadonlyMap<string, Uint8Array>, keep: (index: number) => boolean = () => true): SplitStack {
  const [stack] = orderMembers(membersOf(instancesOf(series).filter((_, index) => keep(index)))).stacks ?? [];
  if (stack === undefined) throw new Error('Expected a stack.');
  return splitStack(stack, 1);
}

const size = { seed: 3, instances: 4, rows: 8, shuffleKeys: true } as const;
/** Attributes by the number of the volume, from 0. */
const by =
  (volumes: number, attributesOf: (volume: number, index: number) => Attributes) =>
  (attributes: Attributes, index: number): Attributes => ({ ...attributes, ...attributesOf(index % volumes, index) });

describe('volumes of a stack', () => {
  it.each([
    ['echo', [{ echoTimeMs: 15 }, { echoTimeMs: 35 }, { echoTimeMs: 55 }]],
    ['temporal', [1, 2, 3].map((time) => ({ time, temporalPosition: time }))],
    ['trigger', [1, 2, 3].map((time) => ({ time, triggerTimeMs: 40 * (time - 1) }))],
    ['content', [{ time: 1 }, { time: 2 }, { time: 3 }]],
  ] as const)('are told apart by %s', (repeated, facts) => {
    const { volumes, places } = split(mrSeries({ ...size, volumes: 3, repeated }));
    expect(places).toBe(4);
    expect(volumes.map(({ info }) => info)).toEqual(
      facts.map((each, index) => ({ number: index + 1, images: 4, missingPlaces: 0, ...each })),
    );
    for (const { placed } of volumes) {
      const millimetres = placed.map(({ mm = 0 }) => mm);
      expect(millimetres).toEqual(millimetres.toSorted((a, b) => a - b));
    }
  });

  it('are told apart by Instance Number where nothing else differs', () => {
    const same = by(2, () => ({ ContentTime: '120000', EchoTime: '5' }));
    const { volumes } = split(mrSeries({ ...size, volumes: 2, repeated: 'content', attributes: same }));
    expect(volumes.map(({ info }) => info.time)).toEqual([1, 2]);
    const numbers = volumes.map(({ placed }) => placed.map(({ member }) => member.instance.header.instanceNumber ?? 0));
    for (const [place, number] of (numbers[0] ?? []).entries()) expect(number).toBeLessThan(numbers[1]?.[place] ?? 0);
  });

  it('are of magnitude before phase, of each by echo', () => {
    const attributes = by(4, (volume) => ({
      ImageType: `ORIGINAL\\PRIMARY\\${volume % 2 === 0 ? 'P' : 'M'}\\ND`,
      EchoTime: volume < 2 ? '30' : '5',
    }));
    const { volumes } = split(mrSeries({ ...size, volumes: 4, repeated: 'content', attributes }));
    expect(volumes.map(({ info: { imageComponent, echoTimeMs } }) => [imageComponent, echoTimeMs])).toEqual([
      ['MAGNITUDE', 5],
      ['MAGNITUDE', 30],
      ['PHASE', 5],
      ['PHASE', 30],
    ]);
    expect(new Set(volumes.map(({ kind }) => kind)).size).toBe(4);
  });

  it('have one kind where b-values are those of directions', () => {
    const bValues = [0, 5, 990, 1000, 1010];
    const attributes = by(5, (volume) => ({ '00189087': { vr: 'FD', value: bValues[volume] ?? 0 } }));
    const { volumes } = split(mrSeries({ ...size, volumes: 5, repeated: 'content', attributes }));
    expect(volumes.map(({ info }) => info.diffusionBValue)).toEqual(bValues);
    const kinds = volumes.map(({ kind }) => kind);
    expect(kinds[1]).toBe(kinds[0]);
    expect(new Set(kinds.slice(2)).size).toBe(1);
    expect(kinds[2]).not.toBe(kinds[0]);
  });

  it('are not told apart by what only some headers were read far enough for', () => {
    const attributes = by(2, (volume, index) =>
      index === 2 ? {} : { '00189087': { vr: 'FD', value: 1000 * volume } },
    );
    const { volumes } = split(mrSeries({ ...size, volumes: 2, repeated: 'content', attributes }));
    expect(volumes.map(({ info }) => info.diffusionBValue)).toEqual([undefined, undefined]);
  });

  it('miss the places that are missing, and not others', () => {
    const { volumes, incompletePlaces } = split(
      mrSeries({ ...size, volumes: 3, repeated: 'temporal' }),
      (index) => index !== 5,
    );
    expect(volumes.map(({ info }) => info.missingPlaces).toSorted()).toEqual([0, 0, 1]);
    expect(incompletePlaces).toBe(1);
  });
});
