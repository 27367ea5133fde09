import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../src/dicom/header/parse-header.ts';
import { attributesOf, membersOf } from '../../src/series/members.ts';
import { orderMembers } from '../../src/series/order.ts';
import { selectEvenly, selectNearest } from '../../src/series/select.ts';
import type { Member, ScannedInstance } from '../../src/types/members.ts';
import {
  ctInstances,
  ctSeries,
  doseGrid,
  enhancedMultiFrame,
  localizerSeries,
  mrInstances,
  seededRandom,
  shuffled,
  toSeries,
  writeInstance,
} from '../support/dicom/index.js';

function scanned(series: ReadonlyMap<string, Uint8Array>): readonly ScannedInstance[] {
  return [...series].map(([key, bytes]) => ({
    key,
    header: parseHeader(bytes, { complete: true }).header,
    etag: undefined,
    objectByteLength: bytes.length,
    complete: true,
    bytes: undefined,
    deflated: false,
  }));
}

function order(series: ReadonlyMap<string, Uint8Array>): ReturnType<typeof orderMembers> {
  return orderMembers(membersOf(scanned(series)));
}

function keys(members: readonly { readonly member: Member }[]): readonly string[] {
  return members.map(({ member }) => member.instance.key);
}

/** Keys in the reading order that the generator made. */
function readingOrder(instances: Iterable<{ readonly name: string; readonly index: number }>): readonly string[] {
  return [...instances].sort((a, b) => a.index - b.index).map(({ name }) => name);
}

const oblique = [0.94, 0.1, -0.326, -0.2, 0.93, -0.308] as const;

describe('orderMembers', () => {
  it.each([
    ['axial', 'axial'],
    ['coronal', 'coronal'],
    ['sagittal', 'sagittal'],
    [oblique, 'oblique-axial'],
  ] as const)('goes along the slice normal: %s', (orientation, name) => {
    const options = {
      seed: 5,
      instances: 9,
      rows: 8,
      orientation,
      shuffleKeys: true,
      instanceNumbers: 'shuffled',
    } as const;
    const ordered = order(ctSeries(options));
    expect(ordered.orientation).toBe(name);
    expect(ordered.orderedBy).toBe('position-along-normal');
    expect(keys(ordered.members)).toEqual(readingOrder(ctInstances(options)));
  });

  it('goes from head to feet, front to back, right to left', () => {
    const ends = (orientation: 'axial' | 'coronal' | 'sagittal', axis: 0 | 1 | 2): readonly number[] => {
      const { members } = order(ctSeries({ seed: 2, instances: 4, rows: 8, orientation }));
      return members.map(({ member }) => attributesOf(member).imagePositionPatient?.[axis] ?? Number.NaN);
    };
    const isAscending = (values: readonly number[]): boolean =>
      values.every((v, i) => i === 0 || v > (values[i - 1] ?? v));
    expect(isAscending(ends('axial', 2).map((z) => -z))).toBe(true);
    expect(isAscending(ends('coronal', 1))).toBe(true);
    expect(isAscending(ends('sagittal', 0))).toBe(true);
  });

  it('does not depend on the order the instances come in', () => {
    const options = { seed: 9, instances: 6, rows: 8, volumes: 3, repeated: 'content' } as const;
    const instances = scanned(toSeries(mrInstances(options)));
    const expected = keys(orderMembers(membersOf(instances)).members);
    const random = seededRandom(1);
    for (let round = 0; round < 20; round++) {
      expect(keys(orderMembers(membersOf(shuffled(instances, random))).members)).toEqual(expected);
    }
  });

  it.each(['echo', 'temporal', 'trigger', 'content'] as const)('orders repeated positions in time: %s', (repeated) => {
    const options = { seed: 9, instances: 5, rows: 8, volumes: 3, repeated, shuffleKeys: true } as const;
    const ordered = order(toSeries(mrInstances(options)));
    expect(keys(ordered.members)).toEqual(readingOrder(mrInstances(options)));
  });

  it('takes positions that differ by rounding alone for one place', () => {
    const options = { seed: 9, instances: 4, rows: 8, volumes: 2, repeated: 'temporal' } as const;
    const noisy = toSeries(
      mrInstances({
        ...options,
        attributes: (attributes, index) => {
          const [x = 0, y = 0, z = 0] = [attributes['ImagePositionPatient']].flat().map(Number);
          return { ...attributes, ImagePositionPatient: [x, y, z + (index % 2 === 0 ? -0.0004 : 0.0003)] };
        },
      }),
    );
    expect(keys(order(noisy).members)).toEqual(readingOrder(mrInstances(options)));
  });

  it('keeps each orientation of a localizer together: axial, coronal, sagittal, then the rest', () => {
    const series = localizerSeries({ seed: 4, rows: 8, perOrientation: 3, shuffleKeys: true });
    const withoutGeometry = ctSeries({ seed: 4, instances: 1, rows: 8, geometry: 'none', key: () => 'other.dcm' });
    const ordered = order(new Map([...withoutGeometry, ...series]));
    expect(ordered.orientation).toBe('mixed');
    expect(ordered.orderedBy).toBe('orientation-groups');
    const planes = ordered.members.map(({ member }) => {
      const orientation = attributesOf(member).imageOrientationPatient?.map((value) => Math.abs(Math.round(value)));
      return { '100010': 'axial', '100001': 'coronal', '010001': 'sagittal' }[orientation?.join('') ?? ''] ?? 'other';
    });
    expect(planes).toEqual([
      ...Array(3).fill('axial'),
      ...Array(3).fill('coronal'),
      ...Array(3).fill('sagittal'),
      'other',
    ]);
    expect(ordered.members.map(({ position }) => position)).toEqual(ordered.members.map((_, index) => index / 9));
    expect(ordered.members.every(({ positionMm }) => positionMm === undefined)).toBe(true);
  });

  it('falls back to z, slice location, instance number and key', () => {
    for (const [geometry, orderedBy] of [
      ['position', 'position-z'],
      ['slice-location', 'slice-location'],
      ['none', 'instance-number'],
    ] as const) {
      const options = { seed: 6, instances: 5, rows: 8, geometry, shuffleKeys: true } as const;
      const ordered = order(ctSeries(options));
      expect(ordered.orderedBy).toBe(orderedBy);
      expect(ordered.orientation).toBe('none');
      expect(keys(ordered.members)).toEqual(readingOrder(ctInstances(options)));
    }
    const nameless = {
      seed: 6,
      instances: 5,
      rows: 8,
      geometry: 'none',
      instanceNumbers: 'missing',
      shuffleKeys: true,
    } as const;
    const ordered = order(ctSeries(nameless));
    expect(ordered.orderedBy).toBe('key');
    expect(keys(ordered.members)).toEqual([...keys(ordered.members)].sort());
  });

  it('measures positions in millimetres, so that a gap counts as a gap', () => {
    const { members } = order(ctSeries({ instances: 4, rows: 8, sliceOffsetsMm: [0, 5, 10, 110] }));
    expect(members.map(({ positionMm }) => Math.round(positionMm ?? -1))).toEqual([0, 5, 10, 110]);
    expect(members.map(({ position }) => Math.round(position * 110))).toEqual([0, 5, 10, 110]);
  });

  it.each([
    ['stack', 'in-stack-position'],
    ['dimensions', 'dimension-index'],
  ] as const)('orders frames without a position by their %s', (placedBy, orderedBy) => {
    const options = { slices: 12, rows: 8, volumes: 2, shuffleFrames: true, seed: 9 } as const;
    const placed = order(new Map([['a.dcm', enhancedMultiFrame(options)]]));
    const ordered = order(new Map([['a.dcm', enhancedMultiFrame({ ...options, placedBy })]]));
    expect(ordered.orderedBy).toBe(orderedBy);
    const frames = ordered.members.map(({ member }) => member.frameIndex);
    expect(frames).toEqual(placed.members.map(({ member }) => member.frameIndex));
    expect(frames).not.toEqual([...frames].sort((a, b) => a - b));
  });

  it('keeps stacks apart, the tenth after the ninth', () => {
    const stacks = ['10', '9', 'x', '9', '10'];
    const bytes = writeInstance({
      Rows: 1,
      Columns: 1,
      NumberOfFrames: stacks.length,
      PerFrameFunctionalGroupsSequence: stacks.map((StackID, index) => ({
        FrameContentSequence: [{ StackID, InStackPositionNumber: 9 - index }],
      })),
    });
    const { members } = order(new Map([['a.dcm', bytes]]));
    expect(members.map(({ member }) => member.frameIndex)).toEqual([3, 1, 4, 0, 2]);
  });

  it('orders the frames of a multi-frame instance like instances', () => {
    const series = new Map([
      ['a.dcm', enhancedMultiFrame({ slices: 6, rows: 8, columns: 8, volumes: 2, shuffleFrames: true })],
    ]);
    const ordered = order(series);
    expect(ordered.orderedBy).toBe('position-along-normal');
    const heights = ordered.members.map(({ member }) => attributesOf(member).imagePositionPatient?.[2] ?? 0);
    expect(heights).toEqual([...heights].sort((a, b) => b - a));
    expect(order(new Map([['d', doseGrid({ slices: 5, rows: 4, columns: 4 })]])).members).toHaveLength(5);
  });
});

describe('selection', () => {
  const { members } = order(ctSeries({ instances: 100, rows: 4, columns: 4, sliceSpacing: 1 }));

  it('spreads tiles evenly, first and last among them', () => {
    const chosen = selectEvenly(members, { count: 36, start: 0, end: 1 }).map(({ index }) => index);
    expect(chosen).toHaveLength(36);
    expect(chosen[0]).toBe(0);
    expect(chosen.at(-1)).toBe(99);
    const gaps = chosen.slice(1).map((index, at) => index - (chosen[at] ?? 0));
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  });

  it('takes all where there are fewer than tiles, and the middle one for one tile', () => {
    expect(selectEvenly(members, { count: 200, start: 0, end: 1 })).toHaveLength(100);
    expect(selectEvenly(members, { count: 1, start: 0, end: 1 })[0]?.index).toBe(49);
  });

  it('keeps what lies within the range, ends included', () => {
    const chosen = selectEvenly(members, { count: 500, start: 0, end: 33 / 99 });
    expect(chosen.map(({ index }) => index)).toEqual(Array.from({ length: 34 }, (_, index) => index));
    const gap = order(ctSeries({ instances: 3, rows: 4, columns: 4, sliceOffsetsMm: [0, 1, 100] })).members;
    expect(() => selectEvenly(gap, { count: 4, start: 0.4, end: 0.6 })).toThrow(/none there/);
  });

  it('finds the nearest, and steps on from it', () => {
    expect(selectNearest(members, { position: 0.5, offset: 0 }).index).toBe(49);
    expect(selectNearest(members, { position: 1, offset: 0 }).index).toBe(99);
    expect(selectNearest(members, { position: 0, offset: 5 }).index).toBe(5);
    expect(() => selectNearest(members, { position: 0.5, offset: 51 })).toThrow(/from -49 to 50/);
  });
});
