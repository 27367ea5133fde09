import { describe, expect, it } from 'vitest';
import { ByteCollector, concatenate } from '../../src/base/bytes.ts';

describe('concatenate', () => {
  it('joins byte arrays in memory of its own', () => {
    const first = Uint8Array.of(1, 2);
    const joined = concatenate(first, new Uint8Array(0), Uint8Array.of(3, 4, 5).subarray(1));
    expect(joined).toEqual(Uint8Array.of(1, 2, 4, 5));
    const alone = concatenate(first);
    first[0] = 9;
    expect(alone).toEqual(Uint8Array.of(1, 2));
    expect(concatenate()).toEqual(new Uint8Array(0));
  });
});

describe('ByteCollector', () => {
  it('gathers, forgets and gives memory of exactly the size', () => {
    const collector = new ByteCollector();
    collector.expect(10);
    for (let value = 0; value < 5000; value += 1) collector.add(Uint8Array.of(value % 251));
    collector.truncate(4);
    collector.add(Uint8Array.of(7));
    const bytes = collector.take();
    expect(bytes).toEqual(Uint8Array.of(0, 1, 2, 3, 7));
    expect(bytes.buffer.byteLength).toBe(5);
  });

  it('takes little memory for a length that is only announced', () => {
    const collector = new ByteCollector();
    collector.expect(2 ** 50);
    collector.add(Uint8Array.of(1));
    expect(collector.take()).toEqual(Uint8Array.of(1));
  });
});
