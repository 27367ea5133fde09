import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../context.js';
import { ratio } from './contestants.js';
import { nativeSeries } from './series.js';

/** @typedef {import('../bench.d.ts').BenchCase} BenchCase */
/** @typedef {import('../bench.d.ts').Context} Context */

/** Series of the archive; DICOM_SERIES_PREVIEW_BENCH_SERIES makes it another number. */
const COUNT = Number(process.env.DICOM_SERIES_PREVIEW_BENCH_SERIES ?? 12);
const PROCESSES = 2;

/** An archive of so many series: copies of one with Series Instance UIDs of their own. @param {Context} context */
async function archive(context) {
  const source = join(context.inputs, await nativeSeries(context, 300));
  const name = `archive-${COUNT}-300-512`;
  await context.input(name, (path) => {
    for (let index = 0; index < COUNT; index++) {
      const folder = join(path, `series${index}`);
      mkdirSync(folder, { recursive: true });
      for (const file of readdirSync(source)) {
        writeFileSync(join(folder, file), withSeriesUid(readFileSync(join(source, file)), index));
      }
    }
  });
  return name;
}

/** Series Instance UID (0020,000E), explicit VR little endian: the last three digits become another number. */
const SERIES_UID = Buffer.from([0x20, 0x00, 0x0e, 0x00, 0x55, 0x49]);

/** @param {Buffer} bytes @param {number} index */
function withSeriesUid(bytes, index) {
  const element = bytes.indexOf(SERIES_UID);
  const length = bytes.readUInt16LE(element + 6);
  const end = element + 8 + length - (bytes[element + 8 + length - 1] === 0 ? 1 : 0);
  bytes.write(String(100 + index), end - 3, 'latin1');
  return bytes;
}

/**
 * @param {string} id
 * @param {string} where
 * @param {number} limit
 * @param {boolean} isFar
 * @returns {BenchCase}
 */
function atlasCase(id, where, limit, isFar) {
  return {
    id,
    title: `an archive of ${COUNT} series of 300 instances 512x512, ${where}`,
    async prepare(context) {
      const name = await archive(context);
      const series = Array.from({ length: COUNT }, (_, index) => `${name}/series${index}`).map((path) =>
        isFar ? `${context.farUrl(path)}/` : join(context.inputs, path),
      );
      const out = join(context.outputs, `${id}-atlas`);
      const list = join(context.outputs, `${id}.txt`);
      writeFileSync(list, `${series.join('\n')}\n`);
      const source = isFar ? list : join(context.inputs, name);
      const emptied = () => rmSync(out, { recursive: true, force: true });
      const options = ['--processes', `${PROCESSES}`, '--quiet', ...context.cold];
      const build = {
        name: 'atlas build',
        command: context.ours('atlas', 'build', source, out, ...options),
        before: emptied,
      };
      const { python } = context;
      const peer = 'lean Python pool (2 processes, 8 threads each)';
      const pool =
        python === undefined
          ? { name: peer, command: [], unavailable: 'no python3 with pydicom, NumPy and Pillow' }
          : {
              name: peer,
              command: [python, join(root, 'bench/peers/lean-pool.py'), out, ...series, '--processes', `${PROCESSES}`],
              before: emptied,
            };
      return {
        contestants: [build, pool],
        checks: (results) => [{ label: 'wall / lean Python pool', value: ratio(results, build, pool), limit }],
      };
    },
  };
}

export const atlasCases = [
  atlasCase('atlas-local', 'local', 0.28, false),
  atlasCase('atlas-far', '40 ms away', 0.12, true),
];
