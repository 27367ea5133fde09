import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createFrameDecoder } from '../../../src/codecs/frame-decoder.ts';
import { describePixels } from '../../support/encoders/description.ts';

const transferSyntaxUid = '1.2.840.10008.1.2.8.1';
const decoder = createFrameDecoder();

test('an inflated frame is read as native', async () => {
  const description = describePixels({
    rows: 2,
    columns: 2,
    bitsAllocated: 16,
    bitsStored: 12,
    pixelRepresentation: 1,
  });
  const bytes = deflateRawSync(Uint16Array.of(1, 0xfff, 0x800, 7));
  expect([...(await decoder.decode({ transferSyntaxUid, description, bytes })).values]).toEqual([1, -1, -2048, 7]);
});

test('1 bit', async () => {
  const description = describePixels({ rows: 3, columns: 3, bitsAllocated: 1 });
  const bytes = deflateRawSync(Uint8Array.of(0b01010101, 1));
  expect([...(await decoder.decode({ transferSyntaxUid, description, bytes })).values]).toEqual([
    1, 0, 1, 0, 1, 0, 1, 0, 1,
  ]);
});

test('a bomb, a cut and garbage are errors', async () => {
  const description = describePixels({ rows: 4, columns: 4 });
  const bomb = deflateRawSync(new Uint8Array(1e7));
  const good = deflateRawSync(Uint8Array.from({ length: 16 }, (_, i) => i * 37));
  for (const bytes of [
    bomb,
    good.subarray(0, 6),
    Uint8Array.of(0xff, 0xff, 0xff),
    new Uint8Array(0),
    deflateRawSync(new Uint8Array(7)),
  ]) {
    await expect(decoder.decode({ transferSyntaxUid, description, bytes })).rejects.toMatchObject({ code: 'decode' });
  }
});
