import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxThatFits, planDraft, spreadOrder } from '../../src/draft/budget.ts';
import { chooseFromSample } from '../../src/draft/choose.ts';
import { chooseSpread, rankKeys } from '../../src/draft/keys.ts';
import { interpolate, matchInOrder } from '../../src/draft/match.ts';
import { estimatePlaces, placesByShare, type Sample, type SampledMember } from '../../src/draft/places.ts';
import { firstSampleLength, type NextHeaders, nextHeaders } from '../../src/draft/refine.ts';
import { evenStep } from '../../src/draft/steps.ts';
import { createRandom } from '../support/random.ts';
import { repetitions } from '../support/repetitions.ts';

const key = fc.string({ unit: fc.constantFrom('0', '1', '9', 'a', 'Z', '.', '-', '/', '00'), maxLength: 12 });

describe('rankKeys', () => {
  it('counts runs of digits by their value', () => {
    const keys = ['s/10.dcm', 's/9.dcm', 's/2.20.7.dcm', 's/2.9.11.dcm', 's/010.dcm', 's/a.dcm'];
    expect(rankKeys(keys).keys).toEqual([
      's/2.9.11.dcm',
      's/2.20.7.dcm',
      's/9.dcm',
      's/10.dcm',
      's/010.dcm',
      's/a.dcm',
    ]);
    const huge = ['1.2.840.99999999999999999998', '1.2.840.99999999999999999997', '1.2.840.100000000000000000000'];
    expect(rankKeys(huge).keys).toEqual([huge[1], huge[0], huge[2]]);
  });

  it('does not cut numbers that begin alike in two', () => {
    expect(rankKeys(['IM19', 'IM1', 'IM100', 'IM11']).keys).toEqual(['IM1', 'IM11', 'IM19', 'IM100']);
  });

  it('is a permutation, the same from any order of listing', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 30 }), fc.integer(), (keys, seed) => {
        const { keys: sorted, listed } = rankKeys(keys);
        expect(listed.map((index) => keys[index])).toEqual(sorted);
        expect(new Set(listed).size).toBe(keys.length);
        // Only names that differ by leading zeros are equal in natural order.
        const plain = keys.filter((name) => !/0/.test(name));
        const random = createRandom(seed);
        const mixed = [...plain].sort(() => random() - 0.5);
        expect(rankKeys(mixed).keys).toEqual(rankKeys(plain).keys);
      }),
    );
  });
});

describe('chooseSpread', () => {
  const keys = Array.from({ length: 1000 }, (_, index) => `${index}.dcm`);
  const all = keys.map((_, index) => index);

  it('takes the ends and one out of each part, the same each time', () => {
    const chosen = chooseSpread(keys, all, 80);
    expect(chosen).toHaveLength(80);
    expect([chosen[0], chosen.at(-1)]).toEqual([0, 999]);
    for (const [part, rank] of chosen.entries()) {
      expect(rank).toBeGreaterThanOrEqual(Math.floor(part * 12.5));
      expect(rank).toBeLessThan(Math.floor((part + 1) * 12.5));
    }
    expect(chooseSpread(keys, all, 80)).toEqual(chosen);
    expect(
      chooseSpread(
        keys.map((name) => `x${name}`),
        all,
        80,
      ),
    ).not.toEqual(chosen);
  });

  it('does not fall into step with keys that count in rounds', () => {
    // 40 volumes of 25 slices: every 25th key is of one place.
    const slices = new Set(chooseSpread(keys, all, 40).map((rank) => rank % 25));
    expect(slices.size).toBeGreaterThan(12);
  });

  it('gives all there are where more are asked for', () => {
    expect(chooseSpread(keys, [3, 5, 8], 7)).toEqual([3, 5, 8]);
    expect(chooseSpread(keys, [], 7)).toEqual([]);
  });
});

describe('matchInOrder', () => {
  const ascending = (maxLength: number): fc.Arbitrary<number[]> =>
    fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength }).map((list) => list.sort((a, b) => a - b));

  const best = (candidates: readonly number[], targets: readonly number[]): number => {
    const [target, ...rest] = targets;
    if (target === undefined) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index + rest.length < candidates.length; index++) {
      const distance = Math.abs((candidates[index] ?? 0) - target);
      least = Math.min(least, distance + best(candidates.slice(index + 1), rest));
    }
    return least;
  };

  it('is as good as the best of all ways, each candidate once and in order', () => {
    fc.assert(
      fc.property(ascending(8), ascending(5), (candidates, wanted) => {
        const targets = wanted.slice(0, candidates.length);
        const chosen = matchInOrder(candidates, targets);
        expect(chosen).toHaveLength(targets.length);
        for (const [tile, index] of chosen.entries()) expect(index).toBeGreaterThan(chosen[tile - 1] ?? -1);
        const sum = chosen.reduce(
          (total, index, tile) => total + Math.abs((candidates[index] ?? 0) - (targets[tile] ?? 0)),
          0,
        );
        expect(sum).toBe(best(candidates, targets));
      }),
    );
  });
});

describe('interpolate', () => {
  it('goes through all points, and stays at the ends', () => {
    expect([-1, 0, 5, 10, 15, 20, 99].map((at) => interpolate([0, 10, 20], [1, 2, 6], at))).toEqual([
      1, 1, 1.5, 2, 4, 6, 6,
    ]);
    expect(interpolate([], [], 3)).toBe(0);
  });
});

/** A sample of a series whose members lie at `places` (mm), drawn by `ranks` of keys in random order. */
function sampleOf(places: readonly number[], length: number, seed: number, numbers: (index: number) => number): Sample {
  const random = createRandom(seed);
  const order = places.map((_, index) => ({ index, by: random() })).sort((a, b) => a.by - b.by);
  const drawn = order.slice(0, length).map(({ index }, keyRank) => ({ index, keyRank }));
  drawn.sort((a, b) => a.index - b.index);
  const start = places[drawn[0]?.index ?? 0] ?? 0;
  const members = drawn.map(
    ({ index, keyRank }): SampledMember => ({
      keyRank,
      instanceNumber: numbers(index),
      positionMm: (places[index] ?? 0) - start,
      isAimed: false,
    }),
  );
  return { members, instances: length, listed: places.length, total: places.length };
}

const even = (count: number, step: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index * step);

describe('estimatePlaces', () => {
  it('knows the whole extent from Instance Numbers, running up or down', () => {
    for (const numbers of [(index: number) => index + 1, (index: number) => 1000 - index, (index: number) => index]) {
      const places = estimatePlaces(sampleOf(even(1000, 0.5), 80, 3, numbers));
      expect(places?.from).toBe('instance-numbers');
      const { startMm = 0, endMm = 0 } = places?.extent ?? {};
      expect(endMm - startMm).toBeCloseTo(499.5, 6);
    }
  });

  it.each([
    ['beyond the number of objects', (index: number) => index + 500],
    ['that repeat', (index: number) => Math.trunc(index / 2) + 1],
    ['in no order', (index: number) => ((index * 37) % 1000) + 1],
    ['that begin later', (index: number) => index + 41],
    ['that end early', (index: number) => 1 + index * 0.4],
    ['that count something else', (index: number) => Math.trunc(index / 10) + 1],
  ])('does not believe Instance Numbers %s', (_, numbers) => {
    expect(estimatePlaces(sampleOf(even(1000, 0.5), 80, 3, numbers))?.from).toBe('even-spacing');
  });

  it('knows the extent of slices that lie a step apart, and not where it begins', () => {
    for (let seed = 0; seed < 50; seed++) {
      const places = estimatePlaces(sampleOf(even(1000, 0.625), 64, seed, () => 0));
      expect(places?.from).toBe('even-spacing');
      const { startMm = 0, endMm = 0 } = places?.extent ?? {};
      expect(endMm - startMm).toBeCloseTo(999 * 0.625, 6);
      expect(startMm).toBeLessThanOrEqual(0);
      expect(places?.shiftDeviation).toBeGreaterThan(0);
    }
  });

  it('reckons with what lies beyond a sample of slices that are only about evenly spaced', () => {
    const random = createRandom(50_000);
    const jittered = even(1000, 0.5).map((mm) => mm + random() * 0.5);
    const errors: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const places = estimatePlaces(sampleOf(jittered, 80, seed, () => 0));
      if (places?.from !== 'even-spacing') continue;
      expect(places.shiftDeviation).toBeUndefined();
      const { startMm = 0, endMm = 0 } = places.extent ?? {};
      errors.push((endMm - startMm) / 499.5 - 1);
    }
    // Hardly ever taken for uneven, without bias, and seldom more than 5 % off.
    expect(errors.length).toBeGreaterThan(190);
    expect(Math.abs(errors.reduce((sum, error) => sum + error) / errors.length)).toBeLessThan(0.003);
    expect(errors.filter((error) => Math.abs(error) > 0.05).length).toBeLessThanOrEqual(4);
  });

  it('adds nothing where places repeat and no further one is likely', () => {
    const places = Array.from({ length: 1000 }, (_, index) => (index % 20) * 5).sort((a, b) => a - b);
    expect(estimatePlaces(sampleOf(places, 80, 5, () => 0))?.extent).toEqual({ startMm: 0, endMm: 95 });
  });

  it('goes by shares of the sample where slices are not evenly spaced', () => {
    // 900 slices of 0.5 mm, then 100 of 10 mm.
    const places = [...even(900, 0.5), ...even(100, 10).map((mm) => 460 + mm)];
    const estimated = estimatePlaces(sampleOf(places, 160, 9, () => 0));
    expect(estimated?.from).toBe('sample');
    const middle = interpolate([...(estimated?.quantiles ?? [])], [...(estimated?.positions ?? [])], 0.5);
    // The middle member lies at 250 of 1450 mm.
    expect(Math.abs(middle - 250 / 1450)).toBeLessThan(0.06);
  });

  it('tells nothing from a single place without numbers', () => {
    expect(estimatePlaces(sampleOf(even(1000, 0), 80, 1, () => 7))).toBeUndefined();
    // A cine: one place, counted.
    expect(estimatePlaces(sampleOf(even(1000, 0), 80, 1, (index) => index + 1))).toMatchObject({
      from: 'instance-numbers',
      extent: undefined,
    });
  });
});

describe('evenStep', () => {
  it('is found in any sample of slices a step apart, also where no two are neighbours', () => {
    let usual = 0;
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 10, noNaN: true }),
        fc.integer({ min: 300, max: 3000 }),
        fc.integer(),
        (step, total, seed) => {
          const random = createRandom(seed);
          const drawn = new Set(Array.from({ length: 64 }, () => Math.floor(random() * total)));
          // As headers write them, with a thousandth of a step at most lost.
          const mm = [...drawn].sort((a, b) => a - b).map((index) => Math.round(index * step * 1e5) / 1e5);
          const range = (mm.at(-1) ?? 0) - (mm[0] ?? 0);
          const found = evenStep(mm, total);
          // Samples that leave out a sixth of the series are not to be reckoned with.
          const isUsual = range > (total - 1) * step * 0.88;
          if (isUsual) usual++;
          expect(found ?? (isUsual ? Number.NaN : step)).toBeCloseTo(step, 3);
        },
      ),
    );
    expect(usual).toBeGreaterThan(50);
  });

  it('is not found where there is none', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandom(seed);
      const mm = Array.from({ length: 64 }, () => random() * 600).sort((a, b) => a - b);
      expect(evenStep(mm, 1000)).toBeUndefined();
    }
    expect(evenStep([0, 0, 5, 10], 4)).toBeUndefined();
    expect(evenStep([3], 1)).toBeUndefined();
    // 64 slices in a row can be no sample of 1,000.
    expect(evenStep(even(64, 6), 1000)).toBeUndefined();
  });
});

describe('chooseFromSample', () => {
  const tiles = { count: 36, start: 0, end: 1 };

  it('states the error that comes about', () => {
    for (const numbers of [(index: number) => index + 1, () => 0]) {
      let stated = 0;
      let found = 0;
      for (let seed = 0; seed < 100; seed++) {
        const sample = sampleOf(even(1000, 0.6), 64, seed, numbers);
        const places = estimatePlaces(sample) ?? placesByShare(sample);
        const choice = chooseFromSample(sample, places, tiles);
        stated += choice.expectedError / 100;
        const startMm = 0.6 * trueStart(sample, seed);
        for (const [tile, index] of choice.chosen.entries()) {
          const mm = startMm + (sample.members[index]?.positionMm ?? 0);
          found += Math.abs(mm / 599.4 - tile / 35) / 3600;
        }
      }
      expect(stated / found).toBeGreaterThan(0.8);
      expect(stated / found).toBeLessThan(1.4);
      expect(found).toBeLessThan(0.015);
    }
  });

  /** Index of the first member of the sample, found again the way it was drawn. */
  function trueStart(sample: Sample, seed: number): number {
    const random = createRandom(seed);
    const order = Array.from({ length: 1000 }, (_, index) => ({ index, by: random() })).sort((a, b) => a.by - b.by);
    return Math.min(...order.slice(0, sample.instances).map(({ index }) => index));
  }

  it('keeps to the range, in order, each member once, and never asks for more than there are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 3, maxLength: 60 }),
        fc.integer({ min: 1, max: 80 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (mm, count, one, other) => {
          const sorted = [...mm].sort((a, b) => a - b);
          const sample = sampleOf(sorted, sorted.length, 1, () => 0);
          const places = estimatePlaces({ ...sample, listed: 1000, total: 1000 }) ?? placesByShare(sample);
          const [start, end] = [Math.min(one, other), Math.max(one, other)];
          const choice = chooseFromSample({ ...sample, listed: 1000, total: 1000 }, places, { count, start, end });
          expect(choice.chosen.length).toBeLessThanOrEqual(Math.min(count, sorted.length));
          expect(choice.expectedError).toBeGreaterThanOrEqual(0);
          for (const [tile, index] of choice.chosen.entries()) {
            expect(index).toBeGreaterThan(choice.chosen[tile - 1] ?? -1);
            expect(places.positions[index]).toBeGreaterThanOrEqual(start - 1e-6);
            expect(places.positions[index]).toBeLessThanOrEqual(end + 1e-6);
          }
        },
      ),
      // Gaps so small that no number holds how often one fits into another.
      { numRuns: repetitions(100, 1000), examples: [[[0, 5e-324, 1e-323], 1, 0, 0]] },
    );
  });

  it('takes the middle for a single tile', () => {
    const sample = sampleOf(even(1000, 0.6), 80, 4, (index) => index + 1);
    const places = estimatePlaces(sample) ?? placesByShare(sample);
    const { chosen } = chooseFromSample(sample, places, { count: 1, start: 0, end: 1 });
    expect(Math.abs((places.quantiles[chosen[0] ?? 0] ?? 0) - 0.5)).toBeLessThan(0.02);
  });
});

describe('nextHeaders', () => {
  const tiles = { count: 36, start: 0, end: 1 };
  const keys = Array.from({ length: 1000 }, (_, index) => `${index}.dcm`);

  /** What comes next after a sample of keys whose objects lie at `placeOf(rank)`. */
  function next(placeOf: (rank: number) => number, length = firstSampleLength(36)): ReturnType<typeof nextHeaders> {
    const all = keys.map((_, rank) => rank);
    const ranks = chooseSpread(keys, all, length);
    const members = ranks
      .map((keyRank) => ({ keyRank, instanceNumber: undefined, positionMm: placeOf(keyRank), isAimed: false }))
      .sort((a, b) => a.positionMm - b.positionMm);
    const first = members[0]?.positionMm ?? 0;
    const sample: Sample = {
      members: members.map((member) => ({ ...member, positionMm: member.positionMm - first })),
      instances: length,
      listed: 1000,
      total: 1000,
    };
    const places = estimatePlaces(sample) ?? placesByShare(sample);
    const unread = all.filter((rank) => !ranks.includes(rank));
    return nextHeaders(keys, unread, sample, places, chooseFromSample(sample, places, tiles), tiles);
  }

  const ranksOf = (next: NextHeaders): readonly number[] => (next.kind === 'more' ? next.ranks : []);

  const random = createRandom(12);
  const shuffle = keys.map((_, rank) => ({ rank, by: random() })).sort((a, b) => a.by - b.by);

  it('is content where keys are in random order and the sample does', () => {
    expect(next((rank) => (shuffle[rank]?.rank ?? 0) * 0.6)).toEqual({ kind: 'enough' });
  });

  it('reads more where the sample is too small, and no more than pays', () => {
    const small = next((rank) => (shuffle[rank]?.rank ?? 0) * 0.6, 40);
    expect(small).toMatchObject({ kind: 'more', isAimed: false });
    expect(ranksOf(small).length).toBeGreaterThan(0);
    expect(ranksOf(small).length).toBeLessThanOrEqual(120);
  });

  it('aims where keys tell positions', () => {
    const aimed = next((rank) => rank * 0.6);
    expect(aimed).toMatchObject({ kind: 'more', isAimed: true });
    const wanted = Array.from({ length: 36 }, (_, tile) => Math.round((tile * 999) / 35));
    expect(ranksOf(aimed).every((rank) => wanted.includes(rank))).toBe(true);
    expect(ranksOf(aimed).length).toBeGreaterThan(20);
  });

  it('aims where keys tell positions in parts: every other slice first', () => {
    const interleaved = next((rank) => (rank < 500 ? rank * 2 : (rank - 500) * 2 + 1) * 0.6);
    expect(interleaved).toMatchObject({ kind: 'more', isAimed: true });
  });
});

describe('planDraft', () => {
  const objects = Array.from({ length: 1000 }, (_, index) => ({
    key: `${index}`,
    byteLength: 525_000,
    etag: undefined,
  }));

  it('stays within the bytes, and spends them on tiles', () => {
    let limited = 0;
    fc.assert(
      fc.property(fc.integer({ min: 540_000, max: 40_000_000 }), fc.integer({ min: 1, max: 100 }), (bytes, count) => {
        const plan = planDraft(objects, count, bytes, false);
        expect(plan).toBeDefined();
        const cost = (plan?.headers ?? 0) * 8192 + (plan?.tiles ?? 0) * 525_000;
        expect(cost).toBeLessThanOrEqual(bytes);
        const isLimited = (plan?.tiles ?? 0) < count;
        if (isLimited) limited++;
        expect(isLimited ? cost : bytes).toBeGreaterThan(bytes - 2 * 525_000);
      }),
    );
    expect(limited).toBeGreaterThan(0);
  });

  it('knows when nothing fits, and what to do without a limit', () => {
    expect(planDraft(objects, 36, 500_000, false)).toBeUndefined();
    expect(planDraft(objects, 36, Number.POSITIVE_INFINITY, false)).toEqual({ headers: 64, tiles: 36 });
    expect(planDraft(objects, 36, Number.POSITIVE_INFINITY, true)).toEqual({ headers: 32, tiles: 36 });
    expect(planDraft(objects.slice(0, 5), 36, Number.POSITIVE_INFINITY, false)).toEqual({ headers: 5, tiles: 36 });
  });
});

describe('spreadOrder and maxThatFits', () => {
  it('is a permutation whose beginnings are spread', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), (count) => {
        expect([...spreadOrder(count)].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
    expect(spreadOrder(36).slice(0, 5)).toEqual([0, 35, 18, 9, 26]);
  });

  it('finds the greatest that fits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 120 }), (most, limit) => {
        expect(maxThatFits(most, (count) => count <= limit)).toBe(Math.min(most, limit));
      }),
    );
  });
});
