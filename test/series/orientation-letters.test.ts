import { describe, expect, it } from 'vitest';
import { edgeLetters, edgeLettersOfPatientOrientation } from '../../src/series/orientation-letters.ts';
import type { Orientation } from '../../src/types/instance.ts';

/** Left, right, top, bottom. */
function lettersOf(orientation: Orientation): string {
  const { left, right, top, bottom } = edgeLetters(orientation);
  return [left, right, top, bottom].join(' ');
}

const sine = (degrees: number): number => Math.sin((degrees * Math.PI) / 180);
const cosine = (degrees: number): number => Math.cos((degrees * Math.PI) / 180);

describe('edgeLetters', () => {
  it.each([
    ['axial', [1, 0, 0, 0, 1, 0], 'R L A P'],
    ['axial from above', [-1, 0, 0, 0, 1, 0], 'L R A P'],
    ['prone', [1, 0, 0, 0, -1, 0], 'R L P A'],
    ['coronal', [1, 0, 0, 0, 0, -1], 'R L H F'],
    ['sagittal', [0, 1, 0, 0, 0, -1], 'A P H F'],
  ] as const)('%s', (_, orientation, expected) => {
    expect(lettersOf(orientation)).toBe(expected);
  });

  it('adds a second letter from 15 degrees on', () => {
    expect(lettersOf([1, 0, 0, 0, cosine(14), -sine(14)])).toBe('R L A P');
    expect(lettersOf([1, 0, 0, 0, cosine(16), -sine(16)])).toBe('R L AH PF');
    expect(lettersOf([sine(30), cosine(30), 0, 0, 0, -1])).toBe('AR PL H F');
  });
});

describe('edgeLettersOfPatientOrientation', () => {
  it('gives the stored letters to the right and the bottom, and their opposites to the others', () => {
    expect(edgeLettersOfPatientOrientation(['L', 'F'])).toEqual({ left: 'R', right: 'L', top: 'H', bottom: 'F' });
    expect(edgeLettersOfPatientOrientation(['A', 'FR'])).toEqual({ left: 'P', right: 'A', top: 'HL', bottom: 'FR' });
  });

  it('invents no opposite for letters of animals', () => {
    expect(edgeLettersOfPatientOrientation(['CR', 'D'])).toEqual({ left: '', right: 'CR', top: '', bottom: 'D' });
  });

  it.each([[[]], [['L']], [['L', '1']], [['', 'F']]])('%j are no letters', (values) => {
    expect(edgeLettersOfPatientOrientation(values)).toBeUndefined();
  });
});
