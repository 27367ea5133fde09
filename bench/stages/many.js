/**
 * Mosaics of one series, one after the other in one process: with the functions, or with one previewer (`--shared`). It
 * prints the milliseconds a picture, the first left out: `{"each": ...}`.
 *
 *     node bench/stages/many.js FOLDER COUNT [--shared]
 */
import { parseArgs } from 'node:util';

/** The package as it was built. @type {typeof import('../../src/index.ts')} */
const { createMosaic, createPreviewer } = await import(new URL('../../dist/index.js', import.meta.url).href);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shared: { type: 'boolean', default: false } },
});
const [series = '.', count = '8'] = positionals;
const previewer = values.shared ? createPreviewer() : undefined;
const make = previewer?.createMosaic ?? createMosaic;
await make(series, { noCache: true });
const start = performance.now();
for (let picture = 0; picture < Number(count); picture++) await make(series, { noCache: true });
const each = (performance.now() - start) / Number(count);
await previewer?.close();
console.log(JSON.stringify({ each: Math.round(100 * each) / 100 }));
