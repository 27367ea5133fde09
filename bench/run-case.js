import { existsSync, rmSync } from 'node:fs';
import { measure } from './measure.js';
import { median } from './statistics.js';

/** @typedef {import('./bench.d.ts').Contestant} Contestant */
/** @typedef {import('./bench.d.ts').Measurement} Measurement */
/** @typedef {import('./run-case.d.ts').CountingStore} FarStore */

/** The last line of what went wrong. @type {(run: Measurement) => string} */
const complaint = (run) => (run.stderr.trim() || run.stdout.trim()).split('\n').at(-1)?.slice(0, 160) ?? '';

/**
 * Why a run does not count, or undefined.
 *
 * @param {Contestant} contestant
 * @param {Measurement} run
 * @returns {Promise<string | undefined>}
 */
async function fault({ picture }, run) {
  if (run.exitCode !== 0) return `exit ${run.exitCode}: ${complaint(run)}`;
  if (picture === undefined) return undefined;
  if (!existsSync(picture.path)) return 'it wrote no picture';
  const { default: sharp } = await import('sharp');
  const { width, height } = await sharp(picture.path).metadata();
  const right = width === picture.width && height === picture.height;
  return right ? undefined : `expected a picture of ${picture.width} x ${picture.height}, found ${width} x ${height}`;
}

/**
 * One run of a contestant, its picture checked and its requests counted.
 *
 * @param {Contestant} contestant
 * @param {FarStore} farStore
 */
async function runOnce(contestant, farStore) {
  if (contestant.picture !== undefined) rmSync(contestant.picture.path, { force: true });
  await contestant.before?.();
  await farStore.reset();
  const run = await measure(contestant.command, { env: contestant.env });
  const { requests, bodyBytes } = await farStore.statistics();
  const reason = await fault(contestant, run);
  if (reason !== undefined) return { reason };
  const ms = contestant.stageMs?.(run) ?? run.wallMs;
  return { ms, peakRssBytes: run.peakRssBytes, requests, bodyBytes };
}

/**
 * Runs a case: a round nobody counts, then `runs` rounds in which the contestants take turns (A B C A B C), so that
 * whatever else happens on the machine meets them alike.
 *
 * @type {typeof import('./run-case.d.ts').runCase}
 */
export async function runCase({ id, title, prepare }, context, { runs, farStore, onRound }) {
  // An input that cannot be made here takes its own case out, not the bench.
  const prepared = await prepare(context).catch((error) => ({ unavailable: `its input could not be made: ${error}` }));
  if ('unavailable' in prepared) {
    return { id, title, unavailable: prepared.unavailable, results: [], missing: [], checks: [] };
  }
  /** @type {{name: string, reason: string}[]} */
  const missing = [];
  /** @type {Map<Contestant, {ms: number, peakRssBytes: number | undefined, requests: number, bodyBytes: number}[]>} */
  const measured = new Map();
  for (const contestant of prepared.contestants) {
    if (contestant.unavailable === undefined) measured.set(contestant, []);
    else missing.push({ name: contestant.name, reason: contestant.unavailable });
  }
  for (let round = 0; round <= runs; round++) {
    onRound(round);
    for (const [contestant, list] of measured) {
      const run = await runOnce(contestant, farStore);
      if (run.ms === undefined) {
        missing.push({ name: contestant.name, reason: run.reason });
        measured.delete(contestant);
      } else if (round > 0) list.push(run);
    }
  }
  const results = [...measured].map(([{ name }, list]) => summary(name, list));
  const byName = new Map(results.map((result) => [result.name, result]));
  const checks = prepared.checks(byName).filter(({ value }) => !Number.isNaN(value));
  return { id, title, results, missing, checks };
}

/**
 * @param {string} name
 * @param {readonly {ms: number, peakRssBytes: number | undefined, requests: number, bodyBytes: number}[]} list
 * @returns {import('./bench.d.ts').Result}
 */
function summary(name, list) {
  const runsMs = list.map(({ ms }) => ms);
  const peaks = list.flatMap(({ peakRssBytes }) => (peakRssBytes === undefined ? [] : [peakRssBytes]));
  const last = list.at(-1);
  return {
    name,
    medianMs: median(runsMs),
    lowestMs: Math.min(...runsMs),
    highestMs: Math.max(...runsMs),
    runsMs,
    peakRssBytes: peaks.length === 0 ? undefined : median(peaks),
    ...(last !== undefined && last.requests > 0 ? { requests: last.requests, bodyBytes: last.bodyBytes } : {}),
  };
}
