import type { EdgeLetters, Orientation, Vector3 } from '../types/instance.ts';

/** Towards positive x, y and z lie the patient's left, posterior and head (PS3.3 C.7.6.2.1.1); the other way: */
const axes: readonly (readonly [positive: string, negative: string])[] = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
];

/** A second letter where the direction leans to another axis by more than this sine: 15 degrees. */
const minLean = Math.sin((15 * Math.PI) / 180);

/**
 * The letters for an image's four edges, the standard's own (PS3.3 C.7.6.1.1.1): R, L, A, P, H, F. An edge gets a
 * second letter where the image is oblique by more than 15 degrees.
 *
 * @example
 * ```ts
 * edgeLetters([1, 0, 0, 0, 1, 0]); // axial: { left: 'R', right: 'L', top: 'A', bottom: 'P' }
 * ```
 */
export function edgeLetters([rx, ry, rz, cx, cy, cz]: Orientation): EdgeLetters {
  const row: Vector3 = [rx, ry, rz];
  const column: Vector3 = [cx, cy, cz];
  return {
    right: lettersTowards(row),
    left: lettersTowards(opposite(row)),
    bottom: lettersTowards(column),
    top: lettersTowards(opposite(column)),
  };
}

/**
 * The same from Patient Orientation (0020,0020) of images without a place in the patient, such as radiographs. Letters
 * are as stored, also those of animals; undefined where there are none.
 */
export function edgeLettersOfPatientOrientation(values: readonly string[]): EdgeLetters | undefined {
  const [row = '', column = ''] = values.map((value) => value.trim().toUpperCase());
  if (!/^[A-Z]{1,4}$/.test(row) || !/^[A-Z]{1,4}$/.test(column)) return undefined;
  const [left, top] = [mirrored(row), mirrored(column)];
  // Letters of animals have no opposite here: then the other edge stays empty.
  return { right: row, left: left ?? '', bottom: column, top: top ?? '' };
}

function mirrored(letters: string): string | undefined {
  const found = Array.from(letters, (letter) => {
    const axis = axes.find((pair) => pair.includes(letter));
    return axis?.find((other) => other !== letter);
  });
  return found.every((letter) => letter !== undefined) ? found.join('') : undefined;
}

function lettersTowards(direction: Vector3): string {
  const length = Math.hypot(...direction);
  const parts = direction
    .map((value, axis) => ({ share: Math.abs(value) / length, letter: axes[axis]?.[value > 0 ? 0 : 1] ?? '' }))
    .sort((one, other) => other.share - one.share);
  return parts
    .slice(0, 2)
    .filter(({ share }, index) => index === 0 || share > minLean)
    .map(({ letter }) => letter)
    .join('');
}

function opposite([x, y, z]: Vector3): Vector3 {
  return [-x, -y, -z];
}
