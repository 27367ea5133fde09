import { expect, it } from 'vitest';
import { FrameMemory } from '../../../src/series/frames/frame-memory.ts';

it('gives memory that nobody else has, and takes none that is not its own', () => {
  const memory = new FrameMemory();
  const one = memory.take(8);
  const other = memory.take(8);
  expect(other.buffer).not.toBe(one.buffer);
  memory.giveBack(new Uint8Array(8));
  memory.giveBack(one.subarray(2, 5));
  expect(memory.take(9).buffer).not.toBe(one.buffer);
  const again = memory.take(8);
  expect(again.buffer).toBe(one.buffer);
  expect(again).toHaveLength(8);
  expect(memory.take(1).buffer).not.toBe(one.buffer);
});
