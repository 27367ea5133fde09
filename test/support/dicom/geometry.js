/** @typedef {readonly [number, number, number]} Vector3 */
/** @typedef {readonly [number, number, number, number, number, number]} Orientation */

/** Image Orientation (Patient) of the three ordinary orientations; x points left, y posterior, z superior. */
export const orientations = Object.freeze({
  axial: /** @type {Orientation} */ ([1, 0, 0, 0, 1, 0]),
  coronal: /** @type {Orientation} */ ([1, 0, 0, 0, 0, -1]),
  sagittal: /** @type {Orientation} */ ([0, 1, 0, 0, 0, -1]),
});

/** @type {(a: Vector3, scale: number, b: Vector3) => Vector3} */
export const addScaled = (a, scale, b) => [a[0] + scale * b[0], a[1] + scale * b[1], a[2] + scale * b[2]];

/** @type {(a: Vector3, b: Vector3) => Vector3} */
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

/**
 * The direction a reader goes through slices of an orientation: superior to inferior, anterior to posterior or right to
 * left, by the dominant axis of the normal.
 *
 * @type {typeof import('./index.d.ts').readingDirection}
 */
export function readingDirection(orientation) {
  const [a, b, c, d, e, f] = orientation;
  const normal = cross([a, b, c], [d, e, f]);
  const [x, y, z] = [Math.abs(normal[0]), Math.abs(normal[1]), Math.abs(normal[2])];
  let component = normal[0];
  if (z >= x && z >= y) component = -normal[2];
  else if (y >= x) component = normal[1];
  const sign = component < 0 ? -1 : 1;
  return [sign * normal[0] + 0, sign * normal[1] + 0, sign * normal[2] + 0];
}

/**
 * Positions of parallel slices in reading order, the whole stack centred on `center`.
 *
 * @type {typeof import('./index.d.ts').sliceStack}
 */
export function sliceStack(options) {
  const { rows, columns, slices, sliceSpacing = 5, center = [0, 0, 0] } = options;
  const spacing = options.spacing ?? [400 / rows, 400 / columns];
  const orientation =
    typeof options.orientation === 'string' || options.orientation === undefined
      ? orientations[options.orientation ?? 'axial']
      : options.orientation;
  const direction = readingDirection(orientation);
  const offsets = options.sliceOffsetsMm ?? Array.from({ length: slices }, (_, index) => index * sliceSpacing);
  const middle = ((offsets[0] ?? 0) + (offsets.at(-1) ?? 0)) / 2;
  const [a, b, c, d, e, f] = orientation;
  const corner = addScaled(
    addScaled(center, (-(columns - 1) / 2) * spacing[1], [a, b, c]),
    (-(rows - 1) / 2) * spacing[0],
    [d, e, f],
  );
  const positions = offsets.map((offset) => addScaled(corner, offset - middle, direction));
  return { orientation, direction, spacing, rows, columns, positions, offsetsMm: offsets };
}

/**
 * The box in patient coordinates that holds every pixel of a stack.
 *
 * @param {import('./index.d.ts').SliceStack} stack
 * @returns {{center: Vector3, half: Vector3}}
 */
export function boundingBox(stack) {
  const [a, b, c, d, e, f] = stack.orientation;
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const position of stack.positions) {
    for (const [row, column] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]) {
      const along = addScaled(position, (column ?? 0) * (stack.columns - 1) * stack.spacing[1], [a, b, c]);
      const point = addScaled(along, (row ?? 0) * (stack.rows - 1) * stack.spacing[0], [d, e, f]);
      for (const [axis, value] of point.entries()) {
        low[axis] = Math.min(low[axis] ?? value, value);
        high[axis] = Math.max(high[axis] ?? value, value);
      }
    }
  }
  /** @type {(axis: number) => number} */
  const middle = (axis) => ((low[axis] ?? 0) + (high[axis] ?? 0)) / 2;
  /** @type {(axis: number) => number} */
  const half = (axis) => Math.max(1, ((high[axis] ?? 0) - (low[axis] ?? 0)) / 2);
  return { center: [middle(0), middle(1), middle(2)], half: [half(0), half(1), half(2)] };
}
