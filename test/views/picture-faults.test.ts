import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMosaic, type MosaicOptions } from '../../src/index.ts';
import { ctSeries, encodeRleFrame, enhancedMultiFrame, transferSyntax } from '../support/dicom/index.js';
import {
  type Fault,
  type FaultyServer,
  type SeenRequest,
  type ServedObject,
  startFaultyServer,
} from '../support/faulty-server.ts';
import { createRandomFaults } from '../support/random-faults.ts';
import { repetitions } from '../support/repetitions.ts';

const maxSeeds = repetitions(12, 100);
/** Pictures under way at a time: most of their time goes by in waiting before the next try. */
const abreast = 10;

/** A web folder of two series: one that is read in two passes, and a compressed multi-frame instance. */
function webFolder(): ReadonlyMap<string, ServedObject> {
  const encodeFrame = (stored: ArrayBufferView): Uint8Array =>
    encodeRleFrame(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), {
      columns: 32,
      bytesPerSample: 2,
    });
  const series = {
    ct: ctSeries({ seed: 4, instances: 14, rows: 48, shuffleKeys: true, privateHeaderBytes: 9000 }),
    frames: new Map([
      [
        'frames.dcm',
        enhancedMultiFrame({
          slices: 20,
          rows: 32,
          columns: 32,
          transferSyntaxUid: transferSyntax.rleLossless,
          encodeFrame,
        }),
      ],
    ]),
  };
  const objects = new Map<string, ServedObject>();
  for (const [name, instances] of Object.entries(series)) {
    const links = [...instances.keys()].map((key) => `<a href="${key}">${key}</a>`).join('\n');
    const listing = Buffer.from(`<html><body>${links}</body></html>`);
    objects.set(`/${name}/`, { bytes: new Uint8Array(listing), contentType: 'text/html' });
    for (const [key, bytes] of instances) objects.set(`/${name}/${key}`, { bytes, etag: `"${key}"` });
  }
  return objects;
}

describe('with 20 % of all requests broken at random', () => {
  let server: FaultyServer | undefined;
  /** Each picture asks under a path of its own, so that each has its own series of faults. */
  const faults = new Map<string, (seen: SeenRequest) => Fault | undefined>();
  const objects = webFolder();
  let broken = 0;
  beforeAll(async () => {
    server = await startFaultyServer({
      objects: new Map(
        Array.from({ length: maxSeeds + 1 }, (_, seed) =>
          [...objects].map(([path, object]) => [`/${seed}${path}`, object] as const),
        ).flat(),
      ),
      fault: (seen) => {
        const fault = faults.get(seen.path.split('/')[1] ?? '')?.(seen);
        if (fault !== undefined) broken++;
        return fault;
      },
    });
  });
  afterAll(() => server?.stop());

  it.each([
    ['ct', { tileWidth: 3 }, repetitions(6, 100)],
    // Few requests a picture.
    ['frames', { tileWidth: 3 }, maxSeeds],
  ] as const)(
    'the picture keeps its bytes over %s',
    async (name, options: MosaicOptions, seeds) => {
      const draw = (seed: number): ReturnType<typeof createMosaic> =>
        createMosaic(`${server?.origin}/${seed}/${name}/`, { ...options, noCache: true, retries: 12, timeoutMs: 300 });
      const undisturbed = await draw(maxSeeds);
      broken = 0;
      for (let seed = 0; seed < seeds; seed++) faults.set(String(seed), createRandomFaults(seed, 0.2));
      const lanes = Array.from({ length: abreast }, async (_, lane) => {
        for (let seed = lane; seed < seeds; seed += abreast) {
          const { bytes, report } = await draw(seed);
          expect(Buffer.from(bytes).equals(Buffer.from(undisturbed.bytes)), `seed ${seed}`).toBe(true);
          expect(report.tiles.map(({ key }) => key)).toEqual(undisturbed.report.tiles.map(({ key }) => key));
        }
      });
      await Promise.all(lanes);
      expect(broken).toBeGreaterThan(seeds / 4);
    },
    120_000,
  );
});
