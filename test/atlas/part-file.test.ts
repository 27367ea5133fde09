import { expect, it } from 'vitest';
import { encodePart, factsOfPart, type PartFacts, rowsOfPart } from '../../src/atlas/part-file.ts';

const facts: PartFacts = {
  ...{ series: 0, failed: 0, failedByCode: {}, idsDigest: 'ids', versionsDigest: 'versions', optionsHash: 'options' },
  ...{ pictureBytes: 0, shardLength: 1024, startedAt: 1, finishedAt: 2 },
};

it('reads a part wherever its bytes lie: buffers of Node share memory with others', async () => {
  const bytes = encodePart([], facts);
  const shared = Buffer.concat([Buffer.alloc(7, 1), bytes, Buffer.alloc(9, 2)]).subarray(7, 7 + bytes.length);
  for (const part of [bytes, shared]) {
    expect(factsOfPart(part)).toEqual(facts);
    expect(await rowsOfPart(part)).toEqual([]);
  }
});
