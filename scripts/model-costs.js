// What each view costs a language model: pixels and bytes of the picture, characters of the text beside it. The means over all
// series of a folder, for docs/agents.md.
//
//     npm run build && node scripts/model-costs.js FOLDER
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const program = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'cli.js');
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Expected a folder with series.');

const client = new Client({ name: 'model-costs', version: '1' });
const args = [program, 'mcp', '--root', folder, '--no-cache'];
await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'inherit' }));

/**
 * @param {string} name
 * @param {Record<string, unknown>} given
 */
async function call(name, given) {
  const { content, isError } = await client.callTool({ name, arguments: given });
  const image = content.find((each) => each.type === 'image');
  const text = content.find((each) => each.type === 'text');
  const written = text?.type === 'text' ? text.text : '';
  return {
    isError: isError === true,
    bytes: image?.type === 'image' ? Buffer.from(image.data, 'base64').length : 0,
    characters: written.length,
    answer: JSON.parse(written),
  };
}

const listed = await call('list_series', { limit: 200 });
/** @type {string[]} */
const names = listed.answer.series.map((/** @type {{ series: string }} */ { series }) => series);
/** @type {[string, Record<string, unknown>][]} */
const views = [
  ['view_mosaic', {}],
  ['view_image', { position: 0.5 }],
  ['view_contrasts', { contrasts: ['stored', 'auto', 'bone'] }],
  ['view_planes', {}],
  ['series_info', {}],
  ['read_headers', {}],
];
const { tools } = await client.listTools();
console.log(
  `Tools: ${JSON.stringify(tools).length} characters, once. list_series: ${listed.characters} characters for ${names.length} series.`,
);
console.log('| view | answers | width x height, largest | megapixels | kB | kB, most | characters |');
console.log('|---|---|---|---|---|---|---|');
for (const [view, given] of views) {
  const answers = [];
  for (const series of names) answers.push(await call(view, { series, ...given }));
  const shown = answers.filter(({ isError }) => !isError);
  const mean = (/** @type {(each: (typeof shown)[0]) => number} */ of) =>
    shown.reduce((sum, each) => sum + of(each), 0) / Math.max(1, shown.length);
  const pixels = (/** @type {(typeof shown)[0]} */ { answer: { size } }) =>
    size === undefined ? 0 : size.width * size.height;
  const [largest] = [...shown].sort((a, b) => pixels(b) - pixels(a));
  const size = largest?.answer.size;
  console.log(
    `| ${view} | ${shown.length} of ${names.length} | ${size === undefined ? '' : `${size.width} x ${size.height}`} | ${(mean(pixels) / 1e6).toFixed(2)} | ${(mean(({ bytes }) => bytes) / 1e3).toFixed(0)} | ${(Math.max(...shown.map(({ bytes }) => bytes)) / 1e3).toFixed(0)} | ${mean(({ characters }) => characters).toFixed(0)} |`,
  );
}
await client.close();
