import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createPhantom,
  ctInstances,
  seededUuid,
  sliceStack,
  writeSeriesFolder,
} from '../../test/support/dicom/index.js';

/** @typedef {import('../bench.d.ts').Context} Context */

/** Name of an instance by its place in reading order; the names' own order is random. */
export const keyOf = (/** @type {number} */ index) => `${seededUuid(5, `bench/${index}`)}.dcm`;

/** Files of the 36 evenly spaced instances of a series. @type {(folder: string, instances: number) => string[]} */
export const evenlySpaced = (folder, instances) =>
  Array.from({ length: 36 }, (_, tile) => join(folder, keyOf(Math.round((tile * (instances - 1)) / 35))));

/**
 * A series of so many native 16 bit instances with names in random order; returns its name below the inputs.
 *
 * @param {Context} context
 * @param {number} instances
 * @param {number} [rows] and columns
 */
export async function nativeSeries(context, instances, rows = 512) {
  const name = `ct-${instances}-${rows}`;
  const spacing = /** @type {const} */ ([410 / rows, 410 / rows]);
  await context.input(name, (path) => {
    writeSeriesFolder(
      path,
      ctInstances({ seed: 5, key: keyOf, instances, rows, sliceSpacing: 600 / instances, spacing }),
    );
  });
  return name;
}

/**
 * The native series of 300 passed file by file through an encoder: `command` gives its call for two paths.
 *
 * @param {Context} context
 * @param {string} name
 * @param {(from: string, to: string) => readonly string[]} command
 */
export async function transcodedSeries(context, name, command) {
  const source = join(context.inputs, await nativeSeries(context, 300));
  return context.input(name, (path) => {
    mkdirSync(path);
    for (const file of readdirSync(source)) {
      const [program = '', ...parameters] = command(join(source, file), join(path, file));
      execFileSync(program, parameters, { stdio: 'ignore' });
    }
  });
}

/**
 * A mosaic's worth of raw grey pixels, 768x768, that compress as real ones do.
 *
 * @param {Context} context
 */
export function rawMosaic(context) {
  return context.input('mosaic.raw', (path) => {
    const stack = sliceStack({ rows: 128, columns: 128, slices: 36, sliceSpacing: 10 });
    const phantom = createPhantom(stack, { seed: 5, noise: 3 });
    const out = new Uint8Array(768 * 768);
    for (let tile = 0; tile < 36; tile++) {
      const [top, left] = [Math.floor(tile / 6) * 128, (tile % 6) * 128];
      for (const [pixel, value] of phantom.hounsfield(tile).entries()) {
        const grey = Math.min(255, Math.max(0, ((value + 160) / 400) * 255));
        out[(top + (pixel >> 7)) * 768 + left + (pixel & 127)] = grey;
      }
    }
    writeFileSync(path, out);
  });
}
