import { linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bareNode, dcmtk, floor, leanPython, mosaicPicture, ours, peakMegabytes, ratio } from './contestants.js';
import { nativeSeries, rawMosaic } from './series.js';
import { stage } from './stages.js';

/** @typedef {import('../bench.d.ts').BenchCase} BenchCase */
/** @typedef {import('../bench.d.ts').Context} Context */

/** @type {BenchCase} */
const local = {
  id: 'local-300',
  title: '300 instances 512x512x16 native, local folder, 6x6 WebP',
  async prepare(context) {
    const folder = join(context.inputs, await nativeSeries(context, 300));
    const [us, lean] = [ours(context, folder), leanPython(context, folder)];
    const raw = await rawMosaic(context);
    return {
      contestants: [
        us,
        lean,
        dcmtk(context, folder),
        bareNode,
        floor('read 300 x 5 KB and 36 whole', 'read-local.js', [folder]),
        floor('load sharp, encode 768x768', 'encode.js', [raw, '768', '768', join(context.outputs, 'floor.webp')]),
      ],
      checks: (results) => [
        { label: 'wall / lean Python', value: ratio(results, us, lean), limit: 0.45 },
        { label: 'peak RSS in MB', value: peakMegabytes(results, us), limit: 140 },
      ],
    };
  },
};

/** @type {BenchCase} */
const far = {
  id: 'far-300',
  title: 'the same series on the far store, cold',
  async prepare(context) {
    const url = context.farUrl(await nativeSeries(context, 300));
    const [us, lean] = [ours(context, url), leanPython(context, url)];
    const line = floor('LIST, a round of headers, a round of bodies', 'read-far.js', [url]);
    return {
      contestants: [us, lean, line, floor('the same, 64 requests abreast', 'read-far.js', [url, '--abreast', '64'])],
      checks: (results) => [
        { label: 'wall / lean Python', value: ratio(results, us, lean), limit: 0.22 },
        { label: 'wall / floor', value: ratio(results, us, line), limit: 1.8 },
        { label: 'requests', value: results.get(us.name)?.requests ?? Number.NaN, limit: 1 + 300 + 36 },
      ],
    };
  },
};

/** @type {BenchCase} */
const far36 = {
  id: 'far-36',
  title: '36 instances 512x512x16 on the far store: no header pass',
  async prepare(context) {
    const url = context.farUrl(await nativeSeries(context, 36));
    const us = ours(context, url);
    const line = floor('LIST and a round of bodies', 'read-far.js', [url, '--header-bytes', '0']);
    return {
      contestants: [us, leanPython(context, url), line],
      checks: (results) => [
        { label: 'wall / floor', value: ratio(results, us, line), limit: 1.6 },
        { label: 'requests', value: results.get(us.name)?.requests ?? Number.NaN, limit: 1 + 36 },
      ],
    };
  },
};

/**
 * Our command with a cache that its first, uncounted round fills.
 *
 * @param {Context} context
 * @param {string} series
 * @param {string} cacheName
 * @param {readonly string[]} [parameters]
 */
function warm(context, series, cacheName, parameters = []) {
  const cache = join(context.outputs, cacheName);
  rmSync(cache, { recursive: true, force: true });
  const picture = mosaicPicture(context, 'warm');
  const command = context.ours('mosaic', series, picture.path, '--quiet', '--cache-dir', cache, ...parameters);
  return { name: 'dicom-series-preview, warm index cache', command, picture };
}

/** @type {BenchCase} */
const localWarm = {
  id: 'warm-local-300',
  title: '300 instances, local folder, warm index cache',
  async prepare(context) {
    if (!context.knows('--cache-dir')) return { unavailable: 'this version has no index cache' };
    const folder = join(context.inputs, await nativeSeries(context, 300));
    const [hot, cold] = [warm(context, folder, 'cache-local'), ours(context, folder)];
    // All that an index can save.
    const pass = stage(context, {
      name: 'header pass of the cold run',
      stage: 'headers',
      parameters: ['mosaic', folder],
    });
    return {
      contestants: [hot, cold, pass],
      checks: (results) => [{ label: 'warm / cold', value: ratio(results, hot, cold), limit: 0.8 }],
    };
  },
};

/** @type {BenchCase} */
const farWarm = {
  id: 'warm-far-300',
  title: '300 instances in a bucket of the IDC, on the far store, warm index cache',
  async prepare(context) {
    if (!context.knows('--cache-dir')) return { unavailable: 'this version has no index cache' };
    const folder = join(context.inputs, await nativeSeries(context, 300));
    // What lies under a UUID there never changes: neither headers nor a listing are to be asked for.
    const uuid = '38902e14-b11f-4548-910e-771ee757dc82';
    await context.input(`idc-open-data/${uuid}`, async (path) => {
      mkdirSync(path);
      for (const name of readdirSync(folder)) linkSync(join(folder, name), join(path, name));
    });
    const bucket = ['--root', 's3://idc-open-data', '--endpoint-url', new URL(context.farUrl('.')).origin];
    const [hot, cold] = [warm(context, uuid, 'cache-far', bucket), ours(context, uuid, bucket)];
    return {
      contestants: [hot, cold],
      checks: (results) => [
        { label: 'warm / cold', value: ratio(results, hot, cold), limit: 0.6 },
        { label: 'requests', value: results.get(hot.name)?.requests ?? Number.NaN, limit: 36 },
      ],
    };
  },
};

export const nativeCases = [local, localWarm, far, farWarm, far36];
