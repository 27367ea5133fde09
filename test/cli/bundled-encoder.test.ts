import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type Sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { loadSharp } from '../../src/compose/load-sharp.ts';

const bundle = fileURLToPath(new URL('../../dist/sharp.cjs', import.meta.url));
const require = createRequire(import.meta.url);

/** A slope with a pattern on it, 96 x 80 in grey. */
const width = 96;
const height = 80;
const pixels = Uint8Array.from({ length: width * height }, (_, index) => (index * 7 + (index >> 6) * 31) & 255);

async function encodeAll(sharp: typeof Sharp): Promise<readonly string[]> {
  const picture = () => sharp(pixels, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
  const files = [picture().webp({ quality: 25 }), picture().png(), picture().jpeg({ quality: 70 })];
  return Promise.all(files.map(async (file) => (await file.toBuffer()).toString('base64')));
}

describe('the encoder that the package was built with', () => {
  it('is of the installed version and writes the same bytes as the installed files', async () => {
    const manifest = readFileSync(fileURLToPath(new URL('../../node_modules/sharp/package.json', import.meta.url)));
    expect(require(bundle).version).toBe(JSON.parse(manifest.toString('utf8')).version);
    // Another test file in this process may have loaded it.
    delete require.cache[require.resolve('sharp')];
    const bundled = loadSharp(bundle);
    const installed = require('sharp') as typeof Sharp;
    expect(bundled).not.toBe(installed);
    expect(await encodeAll(bundled)).toEqual(await encodeAll(installed));
    // What is loaded at its first use: names of colours.
    const red = await bundled({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .raw()
      .toBuffer();
    expect([...red]).toEqual([255, 0, 0]);
  });
});
