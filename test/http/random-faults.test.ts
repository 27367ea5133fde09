import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTransport } from '../../src/http/transport.ts';
import { type Fault, type FaultyServer, type SeenRequest, startFaultyServer } from '../support/faulty-server.ts';
import { createRandom, randomBytes } from '../support/random.ts';
import { createRandomFaults } from '../support/random-faults.ts';
import { repetitions } from '../support/repetitions.ts';

/** Requests that end in silence wait for the time limit, so it is short. */
const timeoutMs = 100;
const seedCount = repetitions(10, 100);
const objects = new Map(
  Array.from({ length: 8 }, (_, index) => [
    `/${index}`,
    { bytes: randomBytes(index, 3000 * 5 ** (index % 4)), etag: `"${index}"` },
  ]),
);

describe('with 20 % of all requests broken at random', () => {
  let server: FaultyServer | undefined;
  let fault: (seen: SeenRequest) => Fault | undefined = () => undefined;
  beforeAll(async () => {
    server = await startFaultyServer({ objects, fault: (seen) => fault(seen) });
  });
  afterAll(() => server?.stop());

  it(`every range arrives unharmed, over ${seedCount} seeds`, async () => {
    let broken = 0;
    for (let seed = 0; seed < seedCount; seed += 1) {
      const draw = createRandomFaults(seed, 0.2);
      fault = (seen) => {
        const drawn = draw(seen);
        if (drawn !== undefined) broken += 1;
        return drawn;
      };
      const random = createRandom(seed + 1000);
      const transport = createTransport({
        timeoutMs,
        backoffMs: 1,
        retries: 12,
        concurrency: 16,
        environment: {},
        random,
      });
      const reads = Array.from({ length: 24 }, async () => {
        const [path = '', object] = [...objects][Math.floor(random() * objects.size)] ?? [];
        const whole = object?.bytes ?? new Uint8Array(0);
        const offset = Math.floor(random() * whole.length * 1.1);
        const length = random() < 0.1 ? Infinity : Math.floor(random() * whole.length * 1.2);
        const request = { url: new URL(`${server?.origin}${path}`), location: path };
        const { bytes } = await transport.readRange(request, { offset, length }, { etag: object?.etag });
        const expected = whole.subarray(offset, offset + length);
        expect(Buffer.from(bytes).equals(expected), `seed ${seed}: ${path} ${offset}+${length}`).toBe(true);
      });
      await Promise.all(reads);
      await transport.close();
    }
    expect(broken).toBeGreaterThan(seedCount * 4);
  }, 120_000);
});
