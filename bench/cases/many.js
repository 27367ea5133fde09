import { join } from 'node:path';
import { root, runs } from '../context.js';
import { ratio } from './contestants.js';
import { nativeSeries, transcodedSeries } from './series.js';

/** @typedef {import('../bench.d.ts').BenchCase} BenchCase */
/** @typedef {import('../bench.d.ts').Context} Context */

/** Pictures a process, after the first. */
const COUNT = 8;

/**
 * @param {string} id
 * @param {string} title
 * @param {(context: Context) => Promise<string | undefined>} seriesOf folder or address
 * @returns {BenchCase}
 */
function manyPictures(id, title, seriesOf) {
  return {
    id,
    title: `${title}, ${COUNT} mosaics in one process: time a picture`,
    async prepare(context) {
      const series = await seriesOf(context);
      if (series === undefined) return { unavailable: 'no gdcmconv to make the input with' };
      /** @type {(name: string, ...parameters: string[]) => import('../bench.d.ts').Contestant} */
      const contestant = (name, ...parameters) => ({
        name,
        command: [process.execPath, join(root, 'bench/stages/many.js'), series, `${COUNT}`, ...parameters],
        stageMs: (run) => JSON.parse(run.stdout).each,
      });
      const [shared, alone] = [contestant('one previewer', '--shared'), contestant('createMosaic each time')];
      return {
        contestants: [shared, alone],
        checks: (results) => [{ label: 'one previewer / alone', value: ratio(results, shared, alone), limit: 1 }],
      };
    },
  };
}

export const manyCases = [
  manyPictures('many-jpeg-2000', '300 instances 512x512, JPEG 2000 lossless, local', async (context) => {
    if (!runs('gdcmconv', '--version')) return undefined;
    return transcodedSeries(context, 'ct-300-jpeg-2000', (from, to) => ['gdcmconv', '--j2k', from, to]);
  }),
  manyPictures('many-far', '300 instances 512x512x16 native, far store', async (context) =>
    context.farUrl(await nativeSeries(context, 300)),
  ),
];
