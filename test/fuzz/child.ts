// One process of `npm run fuzz`: it tries inputs, and notes each in a file before it tries it, so that the runner knows
// which one made it crash or hang.
import { openSync, writeSync } from 'node:fs';
import type { Order, Told } from './messages.ts';
import { mutate, randomOf } from './mutate.ts';
import { findIn } from './outcome.ts';
import type { FuzzTarget } from './target.ts';
import { targets } from './targets/index.ts';

const progress = openSync(process.env['FUZZ_PROGRESS'] ?? '', 'r+');
const maxRssKb = Number(process.env['FUZZ_MAX_RSS_MB']) * 1024;
const mark = Buffer.alloc(8);

function note(index: number): void {
  mark.writeDoubleLE(index);
  writeSync(progress, mark, 0, 8, 0);
}

function tell(told: Told): void {
  process.send?.(told);
}

function targetOf(name: string): FuzzTarget {
  const target = targets.find((each) => each.name === name);
  if (target === undefined) throw new Error(`There is no target ${name}.`);
  return target;
}

const known = new Map<string, readonly Uint8Array[]>();

async function seedsOf(target: FuzzTarget): Promise<readonly Uint8Array[]> {
  const seeds = known.get(target.name) ?? (await target.seeds());
  known.set(target.name, seeds);
  return seeds;
}

async function look(target: FuzzTarget, bytes: Uint8Array): Promise<string | undefined> {
  const why = await findIn(target, bytes);
  if (why !== undefined) return why;
  const { maxRSS } = process.resourceUsage();
  return maxRSS > maxRssKb ? `memory: ${Math.round(maxRSS / 1024)} MB` : undefined;
}

async function work(order: Order): Promise<void> {
  const target = targetOf(order.target);
  if (order.kind === 'input') {
    note(0);
    tell({ kind: 'looked-at', index: 0, why: await look(target, Buffer.from(order.base64, 'base64')) });
    return;
  }
  const { seed, from, count } = order;
  note(-1);
  const seeds = await seedsOf(target);
  for (let index = from; index < from + count; index += 1) {
    note(index);
    const input = mutate(seeds, target.tokens ?? [], randomOf(seed, target.name, index));
    const why = await look(target, input);
    if (why !== undefined) tell({ kind: 'looked-at', index, why });
    // Memory does not come back: the runner starts another process.
    if (why?.startsWith('memory') === true) return;
    // Messages, and what other code left to do, get their turn.
    if (index % 256 === 255) await new Promise((resolve) => setImmediate(resolve));
  }
  tell({ kind: 'done' });
}

process.on('message', (order: Order) => void work(order));
process.on('disconnect', () => process.exit());
tell({ kind: 'ready' });
