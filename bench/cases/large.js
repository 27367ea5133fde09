import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { radiograph, writeEnhancedMultiFrameFile } from '../../test/support/dicom/index.js';
import { runs } from '../context.js';
import { median } from '../statistics.js';
import { floor, ours, peakMegabytes, ratio } from './contestants.js';
import { keyOf, nativeSeries } from './series.js';
import { decoding, stage } from './stages.js';

/** @typedef {import('../bench.d.ts').BenchCase} BenchCase */

const FRAME_BYTES = 512 * 512 * 2;

/** @type {BenchCase} */
const multiFrame = {
  id: 'multi-frame',
  title: 'one enhanced instance of 1,000 frames 512x512 native (500 MB) on the far store',
  async prepare(context) {
    const name = 'enhanced-1000';
    const folder = await context.input(name, (path) => {
      mkdirSync(path);
      const size = { slices: 1000, rows: 512, sliceSpacing: 0.6, spacing: /** @type {const} */ ([0.8, 0.8]) };
      writeEnhancedMultiFrameFile(join(path, 'enhanced.dcm'), { seed: 5, ...size, distinctSlices: 50 });
    });
    const headerBytes = statSync(join(folder, 'enhanced.dcm')).size - 1000 * FRAME_BYTES;
    const us = ours(context, context.farUrl(name));
    const line = floor('LIST, the header, a round of 36 frames', 'read-far.js', [
      context.farUrl(name),
      ...['--header-bytes', `${headerBytes}`, '--body-offset', `${headerBytes}`, '--body-bytes', `${FRAME_BYTES}`],
    ]);
    return {
      contestants: [us, line],
      checks: (results) => {
        const [mine, least] = [results.get(us.name), results.get(line.name)];
        return [
          {
            label: 'body bytes / floor',
            value: (mine?.bodyBytes ?? Number.NaN) / (least?.bodyBytes ?? Number.NaN),
            limit: 1.05,
          },
          {
            label: 'ms over the floor',
            value: (mine?.medianMs ?? Number.NaN) - (least?.medianMs ?? Number.NaN),
            limit: 800,
          },
          { label: 'peak RSS in MB', value: peakMegabytes(results, us), limit: 200 },
        ];
      },
    };
  },
};

/**
 * @param {string} id
 * @param {string} title
 * @param {number} bitsStored
 * @param {readonly string[]} encoder
 * @returns {BenchCase}
 */
function largeRadiograph(id, title, bitsStored, encoder) {
  return {
    id,
    title: `a DX of 4000x3000, ${title}: reduced decode`,
    async prepare(context) {
      const [program = '', ...parameters] = encoder;
      if (!runs(program, '--version')) return { unavailable: `no ${program} to make the input with` };
      const folder = await context.input(id, (path) => {
        mkdirSync(path);
        const native = join(context.outputs, `${id}.dcm`);
        writeFileSync(
          native,
          radiograph({ modality: 'DX', rows: 4000, columns: 3000, bitsStored, voiTable: false, windows: true }),
        );
        execFileSync(program, [...parameters, native, join(path, 'image.dcm')], { stdio: 'ignore' });
        rmSync(native);
      });
      const files = [join(folder, 'image.dcm')];
      const [reduced, full] = [
        await decoding('decode stage, reduced', files, { reduce: 23, warm: true }),
        await decoding('decode stage, in full', files, { reduce: 1, warm: true }),
      ];
      return {
        contestants: [reduced, full],
        checks: (results) => [{ label: 'reduced / full', value: ratio(results, reduced, full), limit: 0.3 }],
      };
    },
  };
}

/** @type {BenchCase} */
const manyInstances = {
  id: 'local-10000',
  title: '10,000 small instances, local: the header pass',
  async prepare(context) {
    const [many, few] = [await nativeSeries(context, 10_000, 32), await nativeSeries(context, 100, 32)];
    /** @type {(name: string, series: string) => ReturnType<typeof stage>} */
    const headers = (name, series) =>
      stage(context, { name, stage: 'headers', parameters: ['mosaic', join(context.inputs, series)] });
    const [all, base] = [headers('header pass of 10,000', many), headers('header pass of 100', few)];
    const files = floor('open, read 8 KB, close, 10,000 times', 'read-local.js', [
      join(context.inputs, many),
      ...['8192', '0'],
    ]);
    const line = { ...files, stageMs: (/** @type {{stdout: string}} */ run) => JSON.parse(run.stdout).headers };
    return {
      contestants: [all, base, line],
      checks: (results) => [
        { label: 'us an instance', value: (results.get(all.name)?.medianMs ?? Number.NaN) / 10, limit: 25 },
        {
          label: 'growth of peak RSS in MB',
          value: peakMegabytes(results, all) - peakMegabytes(results, base),
          limit: 100,
        },
      ],
    };
  },
};

/** Of each tile in a report, how far from its even place it lies, as a fraction of the extent. @type {(report: string, instances: number) => number[]} */
function positionErrors(report, instances) {
  const places = new Map(Array.from({ length: instances }, (_, index) => [keyOf(index), index / (instances - 1)]));
  const { tiles } = JSON.parse(readFileSync(report, 'utf8'));
  return tiles.map((/** @type {{key: string}} */ { key }, /** @type {number} */ tile) =>
    Math.abs((places.get(key.split('/').at(-1) ?? '') ?? Number.NaN) - tile / (tiles.length - 1)),
  );
}

/** @type {BenchCase} */
const draft = {
  id: 'draft',
  title: '1,000 instances in random key order on the far store, draft and exact',
  async prepare(context) {
    if (!context.knows('--draft')) return { unavailable: 'this version has no draft mode' };
    const url = context.farUrl(await nativeSeries(context, 1000));
    const report = join(context.outputs, 'draft.json');
    const quick = { ...ours(context, url, ['--draft', '--json', report]), name: 'dicom-series-preview --draft' };
    const exact = ours(context, url);
    const sampled = ['--header-bytes', '8192', '--headers', '64'];
    const line = floor('LIST, 64 headers, a round of bodies', 'read-far.js', [url, ...sampled]);
    return {
      contestants: [quick, exact, line],
      checks: (results) => [
        { label: 'draft / exact', value: ratio(results, quick, exact), limit: 0.35 },
        {
          label: 'median position error / extent',
          value: results.has(quick.name) ? median(positionErrors(report, 1000)) : Number.NaN,
          limit: 0.02,
        },
      ],
    };
  },
};

export const largeCases = [
  multiFrame,
  largeRadiograph('dx-jpeg-2000', 'JPEG 2000', 12, ['gdcmconv', '--j2k']),
  largeRadiograph('dx-jpeg', 'JPEG baseline', 8, ['dcmcjpeg', '+eb']),
  manyInstances,
  draft,
];
