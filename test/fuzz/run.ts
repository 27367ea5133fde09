// `npm run fuzz`: gives mutated input to every parser and decoder, in processes of their own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { minimise, nameOfFault } from './minimise.ts';
import { mutate, randomOf } from './mutate.ts';
import { FuzzProcess } from './process.ts';
import type { FuzzTarget } from './target.ts';
import { targets } from './targets/index.ts';

const usage = `Usage: npm run fuzz -- [--seed N] [--count INPUTS | --minutes M] [--target NAME]...
       [--without NAME]... [--processes N] [--seconds EACH] [--megabytes EACH]

Targets: ${targets.map(({ name }) => name).join(', ')}`;
/** Inputs of one order, for a target of weight 1. */
const rangeLength = 100;
/** Finds of one fault that are kept; the others are counted. */
const maxKept = 3;

interface Totals {
  inputs: number;
  readonly faults: Map<string, number>;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string' },
      minutes: { type: 'string' },
      target: { type: 'string', multiple: true },
      without: { type: 'string', multiple: true, default: [] },
      processes: { type: 'string', default: String(availableParallelism()) },
      seconds: { type: 'string', default: '10' },
      megabytes: { type: 'string', default: '768' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  const { target: named = targets.map(({ name }) => name), without } = values;
  const chosen = targets.filter(({ name }) => named.includes(name) && !without.includes(name));
  const unknown = [...named, ...without].find((name) => !targets.some((each) => each.name === name));
  if (unknown !== undefined) throw new Error(`There is no target '${unknown}'.\n${usage}`);
  const seed = Number(values.seed);
  const count = Number(values.count ?? (values.minutes === undefined ? 20_000 : Infinity));
  const until = performance.now() + Number(values.minutes ?? Infinity) * 60_000;
  const limits = { seconds: Number(values.seconds), megabytes: Number(values.megabytes) };
  const totals = new Map<string, Totals>(chosen.map(({ name }) => [name, { inputs: 0, faults: new Map() }]));
  const orders = rangesOf(chosen, seed, count, until);
  const finds = join(import.meta.dirname, '..', '..', 'finds');
  const slot = async (): Promise<void> => {
    const child = new FuzzProcess(fileURLToPath(new URL('child.js', import.meta.url)), limits);
    try {
      for (const { target, from, length } of orders) {
        const total = totals.get(target.name);
        if (total === undefined) continue;
        await tryRange(child, target, { seed, from, length }, total, finds);
      }
    } finally {
      child.close();
    }
  };
  const startedAt = performance.now();
  const timer = setInterval(() => console.log(summary(totals, startedAt)), 60_000);
  await Promise.all(Array.from({ length: Number(values.processes) }, slot));
  clearInterval(timer);
  for (const [name, { inputs, faults }] of totals) {
    console.log(`${name}: ${inputs} inputs, ${sum(faults.values())} finds`);
    for (const [fault, times] of faults) console.log(`  ${times} x ${fault}`);
  }
  console.log(summary(totals, startedAt));
  process.exitCode = sum([...totals.values()].map(({ faults }) => faults.size)) > 0 ? 1 : 0;
}

/** What to try, in turns: a few inputs of each target, then the next ones. All slots take from the same list. */
function* rangesOf(
  chosen: readonly FuzzTarget[],
  seed: number,
  count: number,
  until: number,
): Generator<{ readonly target: FuzzTarget; readonly from: number; readonly length: number }> {
  let left = count;
  const whole = rangeLength * sum(chosen.map(({ weight = 1 }) => weight));
  const part = Math.min(1, count / whole);
  for (let round = 0; ; round += 1) {
    for (const target of chosen) {
      const full = Math.ceil(rangeLength * (target.weight ?? 1) * part);
      const length = Math.min(full, left);
      if (length <= 0 || performance.now() >= until) return;
      left -= length;
      yield { target, from: round * full, length };
    }
    if (chosen.length === 0 || Number.isNaN(seed)) return;
  }
}

async function tryRange(
  child: FuzzProcess,
  target: FuzzTarget,
  { seed, from, length }: { readonly seed: number; readonly from: number; readonly length: number },
  total: Totals,
  finds: string,
): Promise<void> {
  const found: { readonly index: number; readonly why: string }[] = [];
  for (let at = from; at < from + length; ) {
    const order = { kind: 'range', target: target.name, seed, from: at, count: from + length - at } as const;
    const result = await child.run(order, (index, why) => {
      if (why !== undefined) found.push({ index, why });
    });
    if (result.kind === 'done') break;
    if (result.index < at) throw new Error(`The seeds of ${target.name} cannot be made: ${result.why}`);
    found.push(result);
    at = result.index + 1;
  }
  total.inputs += length;
  for (const { index, why } of found) {
    const fault = nameOfFault(why);
    const times = (total.faults.get(fault) ?? 0) + 1;
    total.faults.set(fault, times);
    if (times <= maxKept) await keep(child, target, { seed, index, why }, finds);
  }
}

/** Keeps a find, as it is and as small as it gets. */
async function keep(
  child: FuzzProcess,
  target: FuzzTarget,
  { seed, index, why }: { readonly seed: number; readonly index: number; readonly why: string },
  finds: string,
): Promise<void> {
  const input = mutate(await target.seeds(), target.tokens ?? [], randomOf(seed, target.name, index));
  const look = async (bytes: Uint8Array): Promise<string | undefined> => {
    let said: string | undefined;
    const order = { kind: 'input', target: target.name, base64: Buffer.from(bytes).toString('base64') } as const;
    const result = await child.run(order, (_, each) => {
      said = each;
    });
    return result.kind === 'lost' ? result.why : said;
  };
  const fault = nameOfFault(why);
  const alone = await look(input);
  const isAlone = alone !== undefined && nameOfFault(alone) === fault;
  const isSame = async (bytes: Uint8Array): Promise<boolean> => nameOfFault((await look(bytes)) ?? '') === fault;
  const smallest = isAlone ? await minimise(input, isSame, /^(hang|memory)/.test(why) ? 25 : 1500) : input;
  mkdirSync(finds, { recursive: true });
  const path = join(finds, `${target.name}-${seed}-${index}`);
  writeFileSync(`${path}.bin`, smallest);
  writeFileSync(`${path}.txt`, `${isAlone ? '' : `not alone (${alone ?? 'nothing'}); `}${why}\n`);
  console.log(`${target.name} ${seed} ${index}: ${fault} (${smallest.length} bytes)${isAlone ? '' : ', not alone'}`);
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const each of numbers) total += each;
  return total;
}

function summary(totals: ReadonlyMap<string, Totals>, startedAt: number): string {
  const all = [...totals.values()];
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
  const finds = sum(all.map(({ faults }) => sum(faults.values())));
  const faults = sum(all.map((each) => each.faults.size));
  return `${sum(all.map(({ inputs }) => inputs))} inputs, ${finds} finds of ${faults} faults, ${minutes} minutes`;
}

await main();
