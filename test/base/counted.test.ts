import { expect, it } from 'vitest';
import { counted } from '../../src/base/counted.ts';

it('says how many in words that agree with the number', () => {
  expect([0, 1, 2].map((count) => counted(count, 'chunk'))).toEqual(['0 chunks', '1 chunk', '2 chunks']);
  expect([1, 2].map((count) => counted(count, 'entry', 'entries'))).toEqual(['1 entry', '2 entries']);
});
