// Every real object whose decoded values are known: they must come out the same, bit for bit.
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { createFrameDecoder } from '../../src/codecs/frame-decoder.ts';
import { currentWorker } from '../support/current-worker.ts';
import { overflowedPredictor, readManifest, readRealObjects, whyNoRealData } from '../support/real-frames.ts';
import { storedBytes } from '../support/stored-bytes.ts';

const reason = whyNoRealData();
if (reason !== undefined) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)('stored values of real objects', () => {
  const decoder = createFrameDecoder({ workerUrl: currentWorker() });
  afterAll(() => decoder.close());
  const rows =
    reason === undefined
      ? readManifest().filter(({ bitExact, path }) => bitExact && !overflowedPredictor.test(path))
      : [];
  const objects = readRealObjects(rows.map((row) => row.path));

  test('there are rows to test', () => {
    expect(rows.length).toBeGreaterThan(100);
  });

  test.each(rows.map((row, index) => ({ ...row, index })))('$transferSyntaxUid $path', async ({ sha256, index }) => {
    const object = objects[index];
    if (object === undefined) throw new Error('no object');
    expect(object.problem).toBeUndefined();
    const hash = createHash('sha256');
    const decoded = await Promise.all(object.frames.map((frame) => decoder.decode({ ...object, ...frame })));
    for (const frame of decoded) {
      expect([frame.rows, frame.columns]).toEqual([object.description.rows, object.description.columns]);
      hash.update(storedBytes(frame.values, object.description.bitsAllocated));
    }
    expect(hash.digest('hex')).toBe(sha256);
  });
});
