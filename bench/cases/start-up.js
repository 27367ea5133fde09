import { bareNode } from './contestants.js';

/** @type {import('../bench.d.ts').BenchCase} */
export const startUp = {
  id: 'start-up',
  title: '--help and --version',
  async prepare(context) {
    const help = { name: 'dicom-series-preview --help', command: context.ours('--help') };
    const version = { name: 'dicom-series-preview --version', command: context.ours('--version') };
    return {
      contestants: [help, version, bareNode],
      checks: (results) =>
        [help, version].map(({ name }) => ({
          label: `ms over bare node, ${name.split(' ').at(-1)}`,
          value: (results.get(name)?.medianMs ?? Number.NaN) - (results.get(bareNode.name)?.medianMs ?? Number.NaN),
          limit: 25,
        })),
    };
  },
};
