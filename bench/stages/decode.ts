/**
 * Decodes the frames of single-frame instances with this package's decoder, in a process of its own, and prints the
 * milliseconds that took: `{"decode": ...}`. Reading and parsing are not in it; loading the codec and starting
 * workers are, unless `--warm` has all decoded once before the clock starts.
 *
 *     decode.js [--reduce 4] [--warm] FILE...
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { FrameJob } from '../../src/codecs/codec.ts';
import { createFrameDecoder } from '../../src/codecs/frame-decoder.ts';
import { parseHeader } from '../../src/dicom/header/parse-header.ts';
import { joinFragments, listFragments } from '../../src/dicom/pixel-data/fragments.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { reduce: { type: 'string', default: '1' }, warm: { type: 'boolean', default: false } },
});

function jobOf(path: string): FrameJob {
  const object = readFileSync(path);
  const { header } = parseHeader(object, { complete: true });
  const { transferSyntaxUid, pixels, pixelData } = header;
  if (pixels === undefined || pixelData === undefined) throw new Error(`Expected an image in ${path}.`);
  const value = object.subarray(pixelData.offset);
  const bytes = pixelData.encapsulated ? joinFragments(value, listFragments(value).fragments) : value;
  return { transferSyntaxUid, description: pixels, bytes, reduce: Number(values.reduce) };
}

const jobs = positionals.map(jobOf);
const decoder = createFrameDecoder();
if (values.warm) await Promise.all(jobs.map((job) => decoder.decode(job)));
const start = performance.now();
for (const { transferSyntaxUid } of jobs) decoder.prepare(transferSyntaxUid);
const frames = await Promise.all(jobs.map((job) => decoder.decode(job)));
const decode = performance.now() - start;
await decoder.close();
const rows = frames[0]?.rows ?? 0;
console.log(JSON.stringify({ decode: Math.round(decode * 100) / 100, frames: frames.length, rows }));
