import { seededRandom } from './random.js';

/**
 * A solid of one Hounsfield value: an ellipsoid, or an elliptic cylinder along z whose axis may lean (`leanX`, `leanY`:
 * shift of its centre for each unit of z). Coordinates run from -1 to 1: x to the left, y to posterior, z to superior.
 *
 * @typedef {object} Shape
 * @property {'ellipsoid' | 'cylinder'} kind
 * @property {number} x
 * @property {number} y
 * @property {number} z
 * @property {number} radiusX
 * @property {number} radiusY
 * @property {number} radiusZ half the height of a cylinder
 * @property {number} leanX
 * @property {number} leanY
 * @property {number} value
 */

/** @type {(x: number, y: number, z: number, radiusX: number, radiusY: number, radiusZ: number, value: number) => Shape} */
const ellipsoid = (x, y, z, radiusX, radiusY, radiusZ, value) => {
  return { kind: 'ellipsoid', x, y, z, radiusX, radiusY, radiusZ, leanX: 0, leanY: 0, value };
};

/**
 * @param {number} x
 * @param {number} y
 * @param {readonly [number, number]} extent lowest and highest z
 * @param {number} radiusX
 * @param {number} radiusY
 * @param {number} value
 * @param {number} [leanX]
 * @param {number} [leanY]
 * @returns {Shape}
 */
const cylinder = (x, y, extent, radiusX, radiusY, value, leanX = 0, leanY = 0) => {
  const z = (extent[0] + extent[1]) / 2;
  return { kind: 'cylinder', x, y, z, radiusX, radiusY, radiusZ: (extent[1] - extent[0]) / 2, leanX, leanY, value };
};

/** Skin, fat and muscle: what the outline shows. */
const outline = () => [
  ellipsoid(0, 0.05, -0.86, 0.82, 0.5, 0.34, -95),
  ellipsoid(0, 0.05, -0.86, 0.75, 0.44, 0.32, 45),
  cylinder(0, 0, [-0.95, 0.42], 0.7, 0.48, -95),
  cylinder(0, 0, [-0.95, 0.42], 0.64, 0.43, 45),
  ellipsoid(0, 0.02, 0.4, 0.92, 0.38, 0.15, 40),
  ellipsoid(-0.76, 0.02, 0.4, 0.1, 0.12, 0.08, 650),
  ellipsoid(0.76, 0.02, 0.4, 0.1, 0.12, 0.08, 650),
  cylinder(0, 0.05, [0.42, 0.72], 0.22, 0.25, 40),
];

/** Head: skull, brain, ventricles, eyes, nasal cavity. The superior end cannot be mistaken. */
const head = () => [
  ellipsoid(0, 0, 0.8, 0.33, 0.4, 0.25, 30),
  ellipsoid(0, 0, 0.8, 0.3, 0.37, 0.23, 950),
  ellipsoid(0, 0, 0.8, 0.27, 0.34, 0.2, 36),
  ellipsoid(-0.06, -0.02, 0.83, 0.03, 0.13, 0.05, 4),
  ellipsoid(0.06, -0.02, 0.83, 0.03, 0.13, 0.05, 4),
  ellipsoid(-0.13, -0.3, 0.74, 0.06, 0.06, 0.035, 15),
  ellipsoid(0.13, -0.3, 0.74, 0.06, 0.06, 0.035, 15),
  ellipsoid(0, -0.27, 0.68, 0.06, 0.1, 0.05, -900),
];

/** Chest: lungs, trachea, heart. */
const chest = () => [
  ellipsoid(-0.34, -0.02, 0.18, 0.26, 0.34, 0.32, -860),
  ellipsoid(0.34, -0.02, 0.18, 0.26, 0.34, 0.32, -850),
  cylinder(0, -0.02, [0.2, 0.68], 0.045, 0.05, -980),
  ellipsoid(0.1, -0.16, 0.04, 0.28, 0.22, 0.16, 50),
  ellipsoid(0.17, -0.16, 0.03, 0.11, 0.11, 0.08, 190),
  ellipsoid(-0.02, -0.2, 0.05, 0.09, 0.1, 0.08, 150),
];

/** Abdomen and pelvis: liver, spleen, stomach with gas, kidneys, bladder, hips. */
const abdomen = () => [
  ellipsoid(-0.28, -0.04, -0.22, 0.34, 0.32, 0.18, 65),
  ellipsoid(0.45, 0.14, -0.22, 0.14, 0.2, 0.13, 55),
  ellipsoid(0.28, -0.2, -0.25, 0.16, 0.12, 0.09, 20),
  ellipsoid(0.28, -0.26, -0.25, 0.11, 0.06, 0.07, -800),
  ellipsoid(-0.3, 0.2, -0.44, 0.1, 0.12, 0.13, 160),
  ellipsoid(0.3, 0.2, -0.42, 0.1, 0.12, 0.13, 160),
  ellipsoid(-0.3, 0.2, -0.44, 0.04, 0.05, 0.07, 20),
  ellipsoid(0.3, 0.2, -0.42, 0.04, 0.05, 0.07, 20),
  ellipsoid(0, -0.1, -0.88, 0.22, 0.18, 0.09, 6),
  ellipsoid(-0.48, 0.14, -0.74, 0.2, 0.14, 0.18, 620),
  ellipsoid(-0.48, 0.14, -0.74, 0.15, 0.09, 0.14, 250),
  ellipsoid(0.48, 0.14, -0.74, 0.2, 0.14, 0.18, 620),
  ellipsoid(0.48, 0.14, -0.74, 0.15, 0.09, 0.14, 250),
  ellipsoid(-0.52, 0.02, -0.93, 0.11, 0.11, 0.09, 800),
  ellipsoid(0.52, 0.02, -0.93, 0.11, 0.11, 0.09, 800),
];

/** Vertebrae with discs and the canal, ribs in ten levels that fall towards the front. */
const skeleton = () => {
  const shapes = [cylinder(0, 0.27, [-0.85, 0.62], 0.1, 0.09, 85)];
  for (let level = 0; level < 22; level++) {
    const z = -0.82 + level * 0.066;
    shapes.push(cylinder(0, 0.27, [z - 0.024, z + 0.024], 0.11, 0.1, 420));
    shapes.push(ellipsoid(0, 0.43, z, 0.03, 0.06, 0.02, 520));
  }
  shapes.push(cylinder(0, 0.385, [-0.85, 0.7], 0.035, 0.03, 12));
  for (let level = 0; level < 10; level++) {
    for (let step = 1; step < 8; step++) {
      const angle = (step / 8) * Math.PI;
      const z = 0.36 - level * 0.052 - (0.05 * step) / 8;
      const [x, y] = [0.6 * Math.sin(angle), 0.4 * Math.cos(angle)];
      shapes.push(ellipsoid(-x, y, z, 0.045, 0.045, 0.014, 560), ellipsoid(x, y, z, 0.045, 0.045, 0.014, 560));
    }
  }
  return shapes;
};

/** Aorta, branching vessels of the lungs, gas in the bowel: their places come from the seed. */
const seeded = (/** @type {() => number} */ random) => {
  const shapes = [cylinder(0.12, 0.12, [-0.66, 0.24], 0.05, 0.05, 230)];
  for (let vessel = 0; vessel < 28; vessel++) {
    const side = vessel % 2 === 0 ? -1 : 1;
    const [lowest, height] = [-0.02 + random() * 0.25, 0.05 + random() * 0.15];
    const [leanX, leanY] = [(random() - 0.5) * 1.2, (random() - 0.5) * 1.2];
    const radius = 0.012 + random() * 0.02;
    const [x, y] = [side * (0.22 + random() * 0.22), -0.2 + random() * 0.36];
    shapes.push(cylinder(x, y, [lowest, lowest + height], radius, radius, 40, leanX, leanY));
  }
  for (let loop = 0; loop < 14; loop++) {
    const [x, y, z] = [(random() - 0.5) * 0.9, -0.3 + random() * 0.25, -0.68 + random() * 0.3];
    shapes.push(ellipsoid(x, y, z, 0.07, 0.05, 0.05, 35), ellipsoid(x, y, z, 0.045, 0.03, 0.035, -750));
  }
  return shapes;
};

/** The couch, and in it a rod whose x tells z: from right at the inferior end to left at the superior one. */
const couch = () => [
  cylinder(0, 0.78, [-2, 2], 0.82, 0.1, -250),
  cylinder(0, 0.78, [-2, 2], 0.78, 0.08, -700),
  { ...cylinder(0, 0.78, [-2, 2], 0.03, 0.03, 1200), leanX: 0.7 },
];

/**
 * All shapes in the order they are painted; the later one covers the earlier.
 *
 * @param {number} seed
 * @returns {Shape[]}
 */
export function phantomShapes(seed) {
  const random = seededRandom(seed);
  return [...outline(), ...head(), ...chest(), ...abdomen(), ...seeded(random), ...skeleton(), ...couch()];
}
