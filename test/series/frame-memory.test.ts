import { describe, expect, it } from 'vitest';
import { FrameMemory } from '../../src/series/frames/frame-memory.ts';

describe('FrameMemory', () => {
  it('gives memory again that came back, as long as it was asked for', () => {
    const memory = new FrameMemory();
    const first = memory.take(10);
    expect(memory.take(10).buffer).not.toBe(first.buffer);
    memory.giveBack(first.subarray(2, 4));
    const again = memory.take(6);
    expect(again.buffer).toBe(first.buffer);
    expect(again).toHaveLength(6);
  });

  it('lets go what is too small, so that larger and larger frames do not fill it', () => {
    const memory = new FrameMemory();
    const first = memory.take(10);
    memory.giveBack(first);
    const second = memory.take(11);
    expect(second.buffer).not.toBe(first.buffer);
    memory.giveBack(second);
    expect(memory.take(6).buffer).toBe(second.buffer);
    expect(memory.take(6).buffer).not.toBe(first.buffer);
    memory.giveBack(first);
    expect(memory.take(6).buffer).not.toBe(first.buffer);
  });

  it('never gives the same memory twice', () => {
    const memory = new FrameMemory();
    const first = memory.take(10);
    memory.giveBack(first);
    memory.giveBack(first);
    expect(memory.take(10).buffer).not.toBe(memory.take(10).buffer);
  });

  it('leaves bytes alone that are not its own', () => {
    const memory = new FrameMemory();
    const other = new Uint8Array(10);
    memory.giveBack(other);
    expect(memory.take(10).buffer).not.toBe(other.buffer);
  });
});
