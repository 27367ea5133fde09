/**
 * What writing the mosaic alone costs: node, sharp, and a grey WebP of quality 25. The picture is the phantom's, so that
 * it compresses like the real one.
 *
 *     node bench/floors/encode.js RAW WIDTH HEIGHT OUTPUT
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [raw = '', width = '768', height = '768', output = ''] = process.argv.slice(2);
const pixels = readFileSync(raw);
const start = performance.now();
/** @type {typeof import('sharp').default} */
const sharp = createRequire(import.meta.url)('sharp');
const loaded = performance.now();
const input = { width: Number(width), height: Number(height), channels: /** @type {const} */ (1) };
await sharp(pixels, { raw: input }).webp({ quality: 25 }).toFile(output);
const end = performance.now();
console.log(
  JSON.stringify({ load: Math.round(100 * (loaded - start)) / 100, encode: Math.round(100 * (end - loaded)) / 100 }),
);
