import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/base/nearest-name.ts';

const names = ['tileWidth', 'tileHeight', 'start', 'end'];

describe('nearestName', () => {
  it.each([
    ['tileWidht', 'tileWidth'],
    ['tilewidth', 'tileWidth'],
    ['TILEHEIGHT', 'tileHeight'],
    ['tileHeigth', 'tileHeight'],
    ['stat', 'start'],
    ['sstart', 'start'],
    ['stort', 'start'],
    ['and', 'end'],
    ['edn', 'end'],
  ])('takes %s for %s', (typed, expected) => {
    expect(nearestName(typed, names)).toBe(expected);
  });

  it.each(['colour', 'stxyt', 'xyz', ''])("takes '%s' for none of them", (typed) => {
    expect(nearestName(typed, names)).toBeUndefined();
  });

  it('knows no name where there is none', () => {
    expect(nearestName('start', [])).toBeUndefined();
  });

  it('prefers the name with the fewest differences, and of equal ones the first', () => {
    expect(nearestName('abcdef', ['abcdxx', 'abcdex', 'abcxxf'])).toBe('abcdex');
    expect(nearestName('abcdef', ['xbcdef', 'abcdex'])).toBe('xbcdef');
  });

  it('finds a word after as many typing errors as a third of its letters', () => {
    const typingError = fc.record({
      kind: fc.constantFrom('insert', 'remove', 'replace'),
      at: fc.nat({ max: 11 }),
    });
    fc.assert(
      fc.property(fc.array(typingError, { maxLength: 3 }), (errors) => {
        let typed = 'abcdefghijkl';
        for (const { kind, at } of errors) {
          const letter = kind === 'remove' ? '' : 'z';
          typed = typed.slice(0, at) + letter + typed.slice(kind === 'insert' ? at : at + 1);
        }
        // A third of what was typed: removed letters make the word shorter.
        const isNear = errors.length <= Math.floor(typed.length / 3);
        if (isNear) expect(nearestName(typed, ['abcdefghijkl', 'zzzzzzzzzzzz'])).toBe('abcdefghijkl');
      }),
    );
  });
});
