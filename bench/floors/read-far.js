/**
 * What the line alone costs: node, LIST, one round of headers, one round of bodies, with node:http and no DICOM.
 *
 *     node bench/floors/read-far.js URL [--header-bytes 5120] [--headers N] [--bodies 36] [--abreast N]
 *         [--body-offset B --body-bytes B]
 *
 * A round is all requests abreast unless `--abreast` bounds them. `--header-bytes 0` leaves the headers out, `--headers`
 * reads those of the first ones only. With
 * `--body-bytes` the bodies are so many ranges of the first object, one after the other from `--body-offset` on: frames.
 */
import { Agent, get } from 'node:http';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'header-bytes': { type: 'string', default: '5120' },
    headers: { type: 'string' },
    bodies: { type: 'string', default: '36' },
    abreast: { type: 'string' },
    'body-offset': { type: 'string', default: '0' },
    'body-bytes': { type: 'string' },
  },
});
const url = positionals[0] ?? '';
const abreast = values.abreast === undefined ? Number.POSITIVE_INFINITY : Number(values.abreast);
const agent = new Agent({ keepAlive: true, maxSockets: abreast });
let total = 0;

/**
 * @param {string} address
 * @param {string} [range]
 * @returns {Promise<Buffer>}
 */
function fetchBytes(address, range) {
  return new Promise((resolve, reject) => {
    get(address, { agent, headers: range === undefined ? {} : { Range: range } }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const body = Buffer.concat(chunks);
        total += body.length;
        if (response.statusCode === 200 || response.statusCode === 206) resolve(body);
        else reject(new Error(`Expected 200 or 206, received ${response.statusCode}.`));
      });
    }).once('error', reject);
  });
}

/** @type {{name: string}[]} */
const entries = JSON.parse((await fetchBytes(url)).toString());
const addresses = entries.map(({ name }) => new URL(encodeURIComponent(name), url).href);
const headerBytes = Number(values['header-bytes']);
const sampled = values.headers === undefined ? addresses : addresses.slice(0, Number(values.headers));
if (headerBytes > 0) await Promise.all(sampled.map((address) => fetchBytes(address, `bytes=0-${headerBytes - 1}`)));
const bodies = Number(values.bodies);
const length = values['body-bytes'] === undefined ? undefined : Number(values['body-bytes']);
await Promise.all(
  Array.from({ length: bodies }, (_, index) => {
    if (length !== undefined) {
      const offset = Number(values['body-offset']) + index * length;
      return fetchBytes(addresses[0] ?? '', `bytes=${offset}-${offset + length - 1}`);
    }
    return fetchBytes(addresses[Math.round((index * (addresses.length - 1)) / Math.max(1, bodies - 1))] ?? '');
  }),
);
agent.destroy();
console.log(JSON.stringify({ bytes: total }));
