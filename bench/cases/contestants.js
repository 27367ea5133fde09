import { join } from 'node:path';
import { root, runs } from '../context.js';

/** @typedef {import('../bench.d.ts').Context} Context */
/** @typedef {import('../bench.d.ts').Contestant} Contestant */

/** A 6x6 mosaic of 128 pixel tiles under a name of its own. @type {(context: Context, name: string) => {path: string, width: number, height: number}} */
export const mosaicPicture = (context, name) => ({
  path: join(context.outputs, `${name}.webp`),
  width: 768,
  height: 768,
});

/**
 * Our command, with nothing left over from earlier runs.
 *
 * @param {Context} context
 * @param {string} series
 * @param {readonly string[]} [parameters]
 * @returns {Contestant}
 */
export function ours(context, series, parameters = []) {
  const picture = mosaicPicture(context, 'ours');
  const command = context.ours('mosaic', series, picture.path, '--quiet', ...context.cold, ...parameters);
  return { name: 'dicom-series-preview', command, picture };
}

/**
 * The lean Python script on a folder or a far store's address.
 *
 * @param {Context} context
 * @param {string} series
 * @returns {Contestant}
 */
export function leanPython(context, series) {
  const picture = mosaicPicture(context, 'lean');
  const name = 'lean Python (pydicom, NumPy, Pillow)';
  if (context.python === undefined)
    return { name, command: [], unavailable: 'no python3 with pydicom, NumPy and Pillow' };
  return { name, command: [context.python, join(root, 'bench/peers/lean.py'), series, picture.path], picture };
}

/**
 * DCMTK and ImageMagick on a folder.
 *
 * @param {Context} context
 * @param {string} series
 * @returns {Contestant}
 */
export function dcmtk(context, series) {
  const name = 'DCMTK + ImageMagick montage';
  if (!runs('dcmj2pnm', '--version') || !runs('montage', '-version')) {
    return { name, command: [], unavailable: 'no dcmj2pnm or no montage' };
  }
  const picture = mosaicPicture(context, 'dcmtk');
  return { name, command: ['sh', join(root, 'bench/peers/dcmtk.sh'), series, picture.path], picture };
}

/** @type {Contestant} */
export const bareNode = { name: 'floor: node -e 0', command: [process.execPath, '-e', '0'] };

/**
 * A program of bench/floors.
 *
 * @param {string} name
 * @param {string} program
 * @param {readonly string[]} parameters
 * @returns {Contestant}
 */
export const floor = (name, program, parameters) => ({
  name: `floor: ${name}`,
  command: [process.execPath, join(root, 'bench/floors', program), ...parameters],
});

/**
 * Median of one contestant over that of another; not a number where one is missing.
 *
 * @param {ReadonlyMap<string, import('../bench.d.ts').Result>} results
 * @param {{name: string}} one
 * @param {{name: string}} other
 */
export const ratio = (results, one, other) =>
  (results.get(one.name)?.medianMs ?? Number.NaN) / (results.get(other.name)?.medianMs ?? Number.NaN);

/** Peak memory in MB; not a number where it is not known. @type {(results: ReadonlyMap<string, import('../bench.d.ts').Result>, one: {name: string}) => number} */
export const peakMegabytes = (results, { name }) => (results.get(name)?.peakRssBytes ?? Number.NaN) / 1e6;
