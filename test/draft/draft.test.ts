import { describe, expect, it } from 'vitest';
import {
  type CtSeriesOptions,
  ctInstances,
  enhancedMultiFrame,
  type GeneratedInstance,
  mrInstances,
  seededRandom,
  seededUid,
  shuffled,
  wholeSlideSeries,
} from '../support/dicom/index.js';
import { type Drafted, draftOf, type Keyed, random, thousand, under } from '../support/drafts.ts';
import { repetitions } from '../support/repetitions.ts';

/** Three stacks of one series, without numbers. */
function mixedOrientations(): readonly GeneratedInstance[] {
  return (['axial', 'coronal', 'sagittal'] as const).flatMap((orientation) => [
    ...ctInstances({
      instances: 100,
      rows: 8,
      orientation,
      instanceNumbers: 'missing',
      attributes: (attributes, index) => ({ ...attributes, SOPInstanceUID: seededUid(1, `${orientation} ${index}`) }),
    }),
  ]);
}

/** How far tiles lie from those of the exact way, as fractions of the extent; by the generator's word. */
function errorsOf(drafted: Drafted, instances: readonly GeneratedInstance[], key: (index: number) => string): number[] {
  const places = new Map(instances.map((_, index) => [key(index), index] as const));
  const last = instances.length - 1;
  const tiles = drafted.selections.length - 1;
  return drafted.selections.map(({ ordered }, tile) => {
    const place = places.get(ordered.member.instance.key) ?? Number.NaN;
    return Math.abs(place - Math.round((tile * last) / tiles)) / last;
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.trunc(values.length / 2)] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('a draft of 1,000 instances in random key order', () => {
  const kinds: readonly (readonly [string, string, CtSeriesOptions, string])[] = [
    ['with Instance Numbers', 'plain', {}, 'instance-numbers'],
    ['with Instance Numbers in no order', 'numbers in no order', { instanceNumbers: 'shuffled' }, 'even-spacing'],
    ['without Instance Numbers', 'no numbers', { instanceNumbers: 'missing' }, 'even-spacing'],
  ];

  it.each(kinds)('%s: few requests, small errors, and an honest word about them', async (_, name, options, from) => {
    const instances = thousand(name, options);
    const stated: number[] = [];
    const found: number[] = [];
    const medians: number[] = [];
    for (let seed = 1; seed <= repetitions(4, 12); seed++) {
      const drafted = await draftOf(under(instances, random(seed)));
      const { report, store } = drafted;
      expect(report).toMatchObject({ outcome: 'draft', positionsFrom: from, listedInstances: 1000 });
      expect(report.skipped).toEqual({ headers: 1000 - report.sampledInstances, tiles: 0 });
      // 64 headers, some more where much of the series lies beyond them; then 36 bodies.
      expect(store.reads.length).toBe(report.sampledInstances + 36);
      expect(report.sampledInstances).toBeLessThanOrEqual(160);
      const errors = errorsOf(drafted, instances, random(seed));
      medians.push(median(errors));
      found.push(mean(errors));
      stated.push(report.expectedPositionError);
      expect(report.expectedPositionErrorMm).toBeCloseTo(report.expectedPositionError * (report.extentMm ?? 0), 2);
    }
    // Where the series begins is a guess without numbers, and one in some tens is a bad one.
    const [worse, most] = from === 'even-spacing' ? [1, 0.03] : [0, 0.02];
    expect(medians.filter((error) => error > 0.02).length).toBeLessThanOrEqual(worse);
    expect(Math.max(...medians)).toBeLessThan(most);
    expect(mean(stated) / mean(found)).toBeGreaterThan(0.75);
    expect(mean(stated) / mean(found)).toBeLessThan(1.5);
    expect(mean(found)).toBeLessThan(0.012);
  });

  it('shows tiles at their own places in the series as it is estimated', async () => {
    const instances = thousand('plain');
    const { selections, report } = await draftOf(under(instances, random(3)));
    const places = new Map(instances.map((_, index) => [random(3)(index), index] as const));
    expect(report.extentMm).toBeCloseTo(599.4, 3);
    for (const { index, ordered } of selections) {
      const place = places.get(ordered.member.instance.key) ?? Number.NaN;
      expect(index).toBe(place);
      expect(ordered.positionMm).toBeCloseTo(place * 0.6, 3);
      expect(ordered.position).toBeCloseTo(place / 999, 5);
    }
  });

  it('reads the same of the same listing, in whatever order that comes', async () => {
    const series = under(thousand('plain'), random(5));
    const first = await draftOf(series);
    const mixed = new Map(shuffled([...series], seededRandom(3)));
    const second = await draftOf(mixed);
    const read = ({ store }: Drafted): readonly string[] =>
      store.reads.map(({ key, length }) => `${key} ${length}`).sort();
    expect(read(second)).toEqual(read(first));
    expect(second.report).toEqual(first.report);
  });

  it('keeps to a part of the series', async () => {
    const instances = thousand('plain');
    const tiles = { count: 9, start: 0.4, end: 0.6 };
    const { selections, report } = await draftOf(under(instances, random(3)), { tiles });
    expect(selections).toHaveLength(9);
    expect(selections.every(({ ordered }) => ordered.position >= 0.4 && ordered.position <= 0.6)).toBe(true);
    expect(report.expectedPositionError).toBeLessThan(0.0151);
  });
});

describe('a draft where keys tell positions', () => {
  const names: readonly (readonly [string, (index: number) => string])[] = [
    ['counting without zeros in front', (index) => `IM${index + 1}.dcm`],
    ['counting down', (index) => `1.2.840.99.${2000 - index}.dcm`],
  ];

  it.each(names)('%s: the very tiles of the exact way', async (_, key) => {
    const instances = thousand('no numbers', { instanceNumbers: 'missing' });
    const drafted = await draftOf(under(instances, key));
    expect(drafted.report).toMatchObject({ outcome: 'draft', positionsFrom: 'keys', expectedPositionError: 0 });
    expect(drafted.report.beyondSampleMm).toEqual([0, 0]);
    expect(Math.max(...errorsOf(drafted, instances, key))).toBe(0);
    expect(drafted.store.reads.length).toBeLessThanOrEqual(64 + 36 + 36);
  });

  it('in parts (every other slice first): nearly so', async () => {
    const instances = thousand('no numbers', { instanceNumbers: 'missing' });
    const key = (index: number): string => `IM${index % 2 === 0 ? index / 2 : 500 + (index - 1) / 2}.dcm`;
    const drafted = await draftOf(under(instances, key));
    expect(drafted.report.outcome).toBe('draft');
    expect(median(errorsOf(drafted, instances, key))).toBeLessThan(0.01);
    expect(drafted.store.reads.length).toBeLessThanOrEqual(64 + 4 * 36 + 36);
  });
});

describe('a draft of a series that is not one even stack', () => {
  it('says so where positions repeat', async () => {
    const volumes = [
      ...mrInstances({ seed: 3, instances: 50, volumes: 12, rows: 8, sliceSpacing: 3, repeated: 'temporal' }),
    ];
    const { report, selections, warnings } = await draftOf(under(volumes, random(4)));
    expect(report.outcome).toBe('draft');
    expect(warnings.join('\n')).toContain('positions repeat');
    const errors = selections.map(({ ordered }, tile) => Math.abs(ordered.position - tile / (selections.length - 1)));
    expect(median(errors)).toBeLessThan(0.02);
    expect(report.extentMm).toBeCloseTo(147, 1);
  });

  it('goes by shares of the sample where spacing is uneven', async () => {
    // 700 slices of 0.5 mm, then 300 of 5 mm.
    const offsets = Array.from({ length: 1000 }, (_, index) => (index < 700 ? index * 0.5 : 350 + (index - 700) * 5));
    const instances = thousand('uneven', { sliceOffsetsMm: offsets, instanceNumbers: 'missing' });
    const drafted = await draftOf(under(instances, random(2)));
    expect(drafted.report).toMatchObject({ outcome: 'draft', positionsFrom: 'sample' });
    const places = new Map(instances.map((_, index) => [random(2)(index), offsets[index] ?? 0] as const));
    const errors = drafted.selections.map(({ ordered }, tile) => {
      const mm = places.get(ordered.member.instance.key) ?? Number.NaN;
      return Math.abs(mm - (offsets[Math.round((tile * 999) / 35)] ?? 0)) / 1845;
    });
    expect(errors).toHaveLength(36);
    expect(mean(errors)).toBeLessThan(2 * drafted.report.expectedPositionError);
    // With Instance Numbers there is no doubt.
    const numbered = thousand('uneven, numbered', { instances: 500, sliceOffsetsMm: offsets.slice(450, 950) });
    const sure = await draftOf(under(numbered, random(2)));
    expect(sure.report.positionsFrom).toBe('instance-numbers');
    expect(mean(errorsOf(sure, numbered, random(2)))).toBeLessThan(0.01);
  });

  it('draws a series without positions by its numbers', async () => {
    const instances = thousand('cine', { instances: 500, geometry: 'none' });
    const drafted = await draftOf(under(instances, random(2)));
    expect(drafted.report).toMatchObject({
      outcome: 'draft',
      positionsFrom: 'instance-numbers',
      expectedPositionErrorMm: null,
      extentMm: null,
    });
    expect(median(errorsOf(drafted, instances, random(2)))).toBeLessThan(0.02);
  });

  it.each([
    [
      'without positions and numbers',
      (): Keyed =>
        under(thousand('nothing', { instances: 300, geometry: 'none', instanceNumbers: 'missing' }), random(2)),
      /without positions/,
    ],
    [
      'too uneven for its size',
      (): Keyed => {
        // 350 slices of 0.5 mm, then 150 of 5 mm.
        const sliceOffsetsMm = Array.from({ length: 500 }, (_, index) => index * 0.5 + Math.max(0, index - 350) * 4.5);
        const instances = thousand('too uneven', { instances: 500, sliceOffsetsMm, instanceNumbers: 'missing' });
        return under(instances, random(2));
      },
      /too uncertain/,
    ],
    ['with mixed orientations', (): Keyed => under(mixedOrientations(), random(2)), /orientations are mixed/],
    ['with few instances', (): Keyed => under(thousand('plain').slice(0, 120), random(2)), /few instances/],
    [
      'with no more instances than tiles',
      (): Keyed => under(thousand('plain').slice(0, 20), random(2)),
      /shown anyway/,
    ],
  ])('reads all headers of a series %s, and says why', async (_, make, why) => {
    const series = make();
    const { report, warnings, selections, store } = await draftOf(series);
    expect(report).toMatchObject({
      outcome: 'exact',
      positionsFrom: 'all-headers',
      expectedPositionError: 0,
      sampledInstances: series.size,
      skipped: { headers: 0, tiles: 0 },
    });
    expect(report.reason).toMatch(why);
    expect(warnings).toEqual([]);
    expect(selections).toHaveLength(Math.min(36, series.size));
    // No header is read twice.
    expect(store.reads.length).toBe(series.size > 36 ? series.size + 36 : series.size);
  });

  it('takes the frames of multi-frame instances for members', async () => {
    // 150 volumes of 10 slices.
    const series = new Map(
      Array.from({ length: 150 }, (_, volume) => {
        const attributes = { SOPInstanceUID: seededUid(2, `volume ${volume}`), InstanceNumber: volume + 1 };
        return [random(1)(volume), enhancedMultiFrame({ slices: 10, rows: 8, sliceSpacing: 3, attributes })] as const;
      }),
    );
    const { report, selections } = await draftOf(series, { tiles: { count: 10, start: 0, end: 1 } });
    expect(report).toMatchObject({ outcome: 'draft', listedInstances: 150, sampledInstances: 64, extentMm: 27 });
    const wanted = Array.from({ length: 10 }, (_, tile) => tile * 3);
    expect(selections.map(({ ordered }) => Math.round(ordered.positionMm ?? -1))).toEqual(wanted);
    expect(selections.map(({ index }) => index).every((index) => index < 1500)).toBe(true);
  });

  it('shows a slide by all its levels', async () => {
    const levels = [...wholeSlideSeries().values()];
    const series = new Map(
      Array.from({ length: 200 }, (_, index) => [`${index}.dcm`, levels[index % levels.length] ?? new Uint8Array(0)]),
    );
    const { report } = await draftOf(series, { tiles: { count: 4, start: 0, end: 1 } });
    expect(report).toMatchObject({ outcome: 'exact', sampledInstances: 200 });
    expect(report.reason).toMatch(/slide/);
  });

  it('finds several series in the sample, and says what was not looked at', async () => {
    const one = under(thousand('plain').slice(0, 500), (index) => `a/${random(1)(index)}`);
    const other = under(thousand('other', { instances: 500, series: 'other' }), (index) => `b/${random(1)(index)}`);
    await expect(draftOf(new Map([...one, ...other]))).rejects.toMatchObject({
      code: 'ambiguous',
      message: expect.stringMatching(/A draft read only 64 of the 1000 objects/),
    });
    const [first] = thousand('plain');
    expect(first).toBeDefined();
    const uid = /2\.25\.\d+/.exec(seriesUidOf(first))?.[0];
    const named = await draftOf(new Map([...one, ...other]), {}, { seriesInstanceUid: uid });
    expect(named.report).toMatchObject({ outcome: 'exact', sampledInstances: 1000 });
    expect(named.report.reason).toMatch(/other series/);
  });
});

function seriesUidOf(instance: GeneratedInstance | undefined): string {
  const text = Buffer.from(instance?.bytes ?? []).toString('latin1');
  // (0020,000E) UI in Explicit VR Little Endian.
  const at = text.indexOf('\x20\x00\x0e\x00UI');
  return text.slice(at + 8, at + 8 + 64);
}
