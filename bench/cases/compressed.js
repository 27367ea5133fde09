import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root, runs } from '../context.js';
import { leanPython, ours, ratio } from './contestants.js';
import { htj2kSeries } from './htj2k.js';
import { evenlySpaced, transcodedSeries } from './series.js';
import { decoding } from './stages.js';

/** @typedef {import('../bench.d.ts').BenchCase} BenchCase */
/** @typedef {import('../bench.d.ts').Context} Context */
/** @typedef {import('../bench.d.ts').Contestant} Contestant */

/**
 * GDCM in Python decoding files in full: the time of decoding alone.
 *
 * @param {readonly string[]} files
 * @returns {Contestant}
 */
function gdcmDecode(files) {
  const name = 'python-gdcm, decode of the same 36';
  const python = ['python3', '/usr/bin/python3'].find((program) => runs(program, '-c', 'import gdcm'));
  if (python === undefined) return { name, command: [], unavailable: 'no python3 with gdcm' };
  const command = [python, join(root, 'bench/peers/gdcm-decode.py'), ...files];
  return { name, command, stageMs: (run) => JSON.parse(run.stdout).decode };
}

/**
 * @param {object} syntax
 * @param {string} syntax.id
 * @param {string} syntax.title
 * @param {string} syntax.encoder
 * @param {readonly string[]} syntax.parameters
 * @param {number} syntax.limit of our whole decode stage to GDCM's decoding
 * @returns {BenchCase}
 */
function compressedCase({ id, title, encoder, parameters, limit }) {
  return {
    id,
    title: `300 instances 512x512, ${title}, local`,
    async prepare(context) {
      if (!runs(encoder, '--version')) return { unavailable: `no ${encoder} to make the input with` };
      const folder = await transcodedSeries(context, `ct-300-${id}`, (from, to) => [encoder, ...parameters, from, to]);
      const files = evenlySpaced(folder, 300);
      const [us, lean, gdcm] = [ours(context, folder), leanPython(context, folder), gdcmDecode(files)];
      const decode = await decoding('dicom-series-preview, decode stage of 36 tiles', files, { reduce: 4 });
      const warm = await decoding('the same with its workers and decoders loaded', files, { reduce: 4, warm: true });
      return {
        contestants: [us, lean, decode, warm, gdcm],
        checks: (results) => [
          { label: 'decode stage / python-gdcm', value: ratio(results, decode, gdcm), limit },
          { label: 'whole run / lean Python with gdcm', value: ratio(results, us, lean), limit: 0.6 },
        ],
      };
    },
  };
}

/** @type {BenchCase} */
const htj2k = {
  id: 'htj2k',
  title: '300 instances 512x512, HTJ2K lossless, local',
  async prepare(context) {
    const folder = await htj2kSeries(context, createRequire(import.meta.url));
    if (folder === undefined) return { unavailable: 'no @cornerstonejs/codec-openjph to make the input with' };
    const us = ours(context, folder);
    const files = evenlySpaced(folder, 300);
    const [reduced, full] = [
      await decoding('decode stage of 36 tiles, reduced', files, { reduce: 4, warm: true }),
      await decoding('decode stage of 36 tiles, in full', files, { reduce: 1, warm: true }),
    ];
    return {
      contestants: [us, reduced, full],
      checks: (results) => [{ label: 'reduced / full', value: ratio(results, reduced, full), limit: 0.3 }],
    };
  },
};

export const compressedCases = [
  compressedCase({
    id: 'jpeg-2000',
    title: 'JPEG 2000 lossless',
    encoder: 'gdcmconv',
    parameters: ['--j2k'],
    limit: 0.35,
  }),
  compressedCase({ id: 'jpeg-ls', title: 'JPEG-LS lossless', encoder: 'dcmcjpls', parameters: [], limit: 0.9 }),
  compressedCase({ id: 'jpeg-lossless', title: 'JPEG lossless', encoder: 'dcmcjpeg', parameters: [], limit: 0.9 }),
  compressedCase({ id: 'rle', title: 'RLE', encoder: 'dcmcrle', parameters: [], limit: 0.5 }),
  htj2k,
];
