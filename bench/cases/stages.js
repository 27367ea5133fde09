import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeStage } from '../stages/build.js';

/** @typedef {import('../bench.d.ts').Context} Context */
/** @typedef {import('../bench.d.ts').Contestant} Contestant */

/**
 * Our command timed by a stage of its own report (milliseconds), not by the wall.
 *
 * @param {Context} context
 * @param {object} options
 * @param {string} options.name
 * @param {'headers'} options.stage
 * @param {readonly string[]} options.parameters of the command, without output and options of the bench
 * @returns {Contestant & {report: string}}
 */
export function stage(context, { name, stage: stageName, parameters }) {
  const slug = name.replaceAll(/\W+/g, '-');
  const report = join(context.outputs, `${slug}.json`);
  const [command = '', series = '', ...rest] = parameters;
  const output = join(context.outputs, `${slug}.webp`);
  return {
    name,
    report,
    command: context.ours(command, series, output, '--quiet', '--json', report, ...context.cold, ...rest),
    stageMs: () => JSON.parse(readFileSync(report, 'utf8')).timingsMs[stageName],
  };
}

/**
 * Our decoder alone on single-frame files, in a process of its own. `warm` has it decode all once before the clock starts,
 * so that loading the codec is not in the figure.
 *
 * @param {string} name
 * @param {readonly string[]} files
 * @param {{reduce: number, warm?: boolean}} options
 * @returns {Promise<Contestant>}
 */
export async function decoding(name, files, { reduce, warm = false }) {
  const parameters = ['--reduce', `${reduce}`, ...(warm ? ['--warm'] : []), ...files];
  return {
    name,
    command: [process.execPath, await decodeStage(), ...parameters],
    stageMs: (run) => JSON.parse(run.stdout).decode,
  };
}
