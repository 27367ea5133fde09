import type { Fault, SeenRequest } from './faulty-server.ts';
import { createRandom } from './random.ts';

/** Faults that a good client recovers from when it tries again. */
export const RECOVERABLE_FAULTS: readonly Fault[] = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 503, headers: { 'retry-after': '0' } },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502 },
  { kind: 'drop' },
  { kind: 'drop-in-body' },
  { kind: 'drop-in-body', after: 0 },
  { kind: 'short-chunked' },
  { kind: 'broken-chunked' },
  { kind: 'long-chunked' },
  { kind: 'content-range', value: 'bytes 0-0/1' },
  { kind: 'content-range', value: undefined },
  { kind: 'content-range', value: 'nonsense' },
  { kind: 'shifted', by: 1 },
  { kind: 'piece', length: 7 },
  { kind: 'ignore-range' },
  { kind: 'ignore-range', chunked: true },
  { kind: 'garbage' },
  { kind: 'silence' },
  { kind: 'silence-in-body' },
];

/** Breaks the given part (0..1) of all requests, each in a way drawn from `faults`. */
export function createRandomFaults(
  seed: number,
  rate: number,
  faults: readonly Fault[] = RECOVERABLE_FAULTS,
): (seen: SeenRequest) => Fault | undefined {
  const random = createRandom(seed);
  return () => {
    const hit = random() < rate;
    const choice = faults[Math.floor(random() * faults.length)];
    return hit ? choice : undefined;
  };
}
