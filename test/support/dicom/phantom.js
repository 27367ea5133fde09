import { addScaled, boundingBox } from './geometry.js';
import { phantomShapes } from './phantom-shapes.js';
import { seededRandom } from './random.js';

/** @typedef {import('./phantom-shapes.js').Shape} Shape */
/** @typedef {import('./geometry.js').Vector3} Vector3 */

const AIR = -1000;
const NOISE_LENGTH = 1 << 16;
const maxNoiseTables = 32;

/**
 * Where a line `start + t * step` is inside a shape, as an interval of t, or undefined.
 *
 * @param {Shape} shape
 * @param {Vector3} start
 * @param {Vector3} step
 * @returns {readonly [number, number] | undefined}
 */
function interval(shape, start, step) {
  const z = start[2] - shape.z;
  const leaning = shape.kind === 'cylinder';
  const ux = (start[0] - shape.x - (leaning ? shape.leanX * z : 0)) / shape.radiusX;
  const uy = (start[1] - shape.y - (leaning ? shape.leanY * z : 0)) / shape.radiusY;
  const uz = leaning ? 0 : z / shape.radiusZ;
  const vx = (step[0] - (leaning ? shape.leanX * step[2] : 0)) / shape.radiusX;
  const vy = (step[1] - (leaning ? shape.leanY * step[2] : 0)) / shape.radiusY;
  const vz = leaning ? 0 : step[2] / shape.radiusZ;
  const a = vx * vx + vy * vy + vz * vz;
  const b = ux * vx + uy * vy + uz * vz;
  const c = ux * ux + uy * uy + uz * uz - 1;
  let [low, high] = [-Infinity, Infinity];
  if (a > 1e-18) {
    const discriminant = b * b - a * c;
    if (discriminant <= 0) return undefined;
    const root = Math.sqrt(discriminant);
    [low, high] = [(-b - root) / a, (-b + root) / a];
  } else if (c > 0) return undefined;
  if (!leaning) return [low, high];
  if (Math.abs(step[2]) < 1e-12) return Math.abs(z) <= shape.radiusZ ? [low, high] : undefined;
  const ends = [(-shape.radiusZ - z) / step[2], (shape.radiusZ - z) / step[2]];
  return [Math.max(low, Math.min(...ends)), Math.min(high, Math.max(...ends))];
}

/**
 * A phantom that fills the box of a stack; each slice is sampled from the same solids, whatever the orientation.
 *
 * @type {typeof import('./index.d.ts').createPhantom}
 */
export function createPhantom(stack, { seed = 1, noise = 12 } = {}) {
  const shapes = phantomShapes(seed);
  const { center, half } = boundingBox(stack);
  const inPlane = Math.max(half[0], half[1]);
  /** @type {(vector: Vector3) => Vector3} */
  const scale = ([x, y, z]) => [x / inPlane, y / inPlane, z / half[2]];
  const [a, b, c, d, e, f] = stack.orientation;
  const columnStep = scale(addScaled([0, 0, 0], stack.spacing[1], [a, b, c]));
  const rowStep = scale(addScaled([0, 0, 0], stack.spacing[0], [d, e, f]));
  const noiseTable = gaussianNoise(seed, noise);

  return {
    hounsfield(index) {
      const position = stack.positions[index];
      if (position === undefined)
        throw new RangeError(`Expected a slice below ${stack.positions.length}, received ${index}.`);
      const first = scale(addScaled(position, -1, center));
      const last = addScaled(addScaled(first, stack.columns - 1, columnStep), stack.rows - 1, rowStep);
      const near = shapes.filter(
        (shape) => Math.abs((first[2] + last[2]) / 2 - shape.z) <= shape.radiusZ + Math.abs(last[2] - first[2]) / 2,
      );
      const values = new Int16Array(stack.rows * stack.columns).fill(AIR);
      for (let row = 0; row < stack.rows; row++) {
        paintRow(
          values.subarray(row * stack.columns, (row + 1) * stack.columns),
          near,
          addScaled(first, row, rowStep),
          columnStep,
        );
      }
      if (noise > 0) addNoise(values, stack.columns, noiseTable, seededRandom(seed * 7919 + index + 1));
      return values;
    },
  };
}

/**
 * @param {Int16Array} values one row
 * @param {readonly Shape[]} shapes
 * @param {Vector3} start
 * @param {Vector3} step
 */
function paintRow(values, shapes, start, step) {
  for (const shape of shapes) {
    const inside = interval(shape, start, step);
    if (inside === undefined) continue;
    const from = Math.max(0, Math.ceil(inside[0]));
    const to = Math.min(values.length - 1, Math.floor(inside[1]));
    if (from <= to) values.fill(shape.value, from, to + 1);
  }
}

/**
 * Making a table takes longer than a small series, so tables are kept.
 *
 * @type {Map<string, Int16Array>}
 */
const noiseTables = new Map();

/**
 * @param {number} seed
 * @param {number} deviation
 * @returns {Int16Array} normally distributed (Box-Muller)
 */
function gaussianNoise(seed, deviation) {
  const name = `${seed} ${deviation}`;
  const known = noiseTables.get(name);
  if (known !== undefined) return known;
  const random = seededRandom(seed ^ 0x5bd1e995);
  const table = new Int16Array(NOISE_LENGTH);
  for (let index = 0; index < NOISE_LENGTH; index++) {
    table[index] = Math.round(deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  }
  if (noiseTables.size >= maxNoiseTables) noiseTables.clear();
  noiseTables.set(name, table);
  return table;
}

/**
 * @param {Int16Array} values
 * @param {number} columns
 * @param {Int16Array} table
 * @param {() => number} random
 */
function addNoise(values, columns, table, random) {
  for (let start = 0; start < values.length; start += columns) {
    let cursor = Math.floor(random() * NOISE_LENGTH);
    const end = Math.min(values.length, start + columns);
    for (let index = start; index < end; index++) {
      values[index] = (values[index] ?? 0) + (table[cursor] ?? 0);
      cursor = (cursor + 1) & (NOISE_LENGTH - 1);
    }
  }
}
