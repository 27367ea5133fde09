// One object or series for scripts/conformance.js, in a process of its own: renders it, and compares what came out with
// what is known of it. Takes one line of JSON as its argument, prints one line of JSON.
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { comparePicture } from './conformance/picture.js';

const task = JSON.parse(process.argv[2] ?? '{}');
const { path, scratch } = task;
const { createImage, createMosaic } = await import(task.library);

/** Messages without places of this machine: the object's own name is in its row. */
function withoutPlace(message) {
  return message
    .replaceAll(`'${basename(path)}'`, 'it')
    .replaceAll(path, 'it')
    .replaceAll(dirname(path), 'its folder')
    .replaceAll(/\s+/g, ' ');
}

const peakMiB = () => Math.round(process.resourceUsage().maxRSS / 1024);

async function render() {
  const options = { imageWidth: 'native', format: 'png' };
  const { report } = task.isSeries
    ? await createMosaic(path, { ...options, imageWidth: 128 })
    : await createImage(path, { ...options, position: 0 });
  const { output, series, tiles, warnings } = report;
  return {
    size: [output.width, output.height],
    frames: series.frames,
    orderedBy: series.orderedBy,
    orientation: series.orientation,
    failedTiles: tiles.filter((tile) => tile.error !== undefined).length,
    shows: tiles[0]?.shows,
    colourMap: tiles[0]?.colourMap,
    warnings: warnings.map(withoutPlace),
  };
}

/** Stored values beside the manifest's hash, else beside what pydicom decoded. */
async function compareStored(frames, first) {
  if (task.sha256 !== '') {
    const found = await frames.hashStoredFrames(path);
    return found === task.sha256 ? { equalTo: 'manifest' } : { differsFrom: 'manifest' };
  }
  if (task.reference === null) return undefined;
  const bytes = Uint8Array.from(readFileSync(task.reference.file));
  const theirs = task.reference.type === 'f' ? new Float64Array(bytes.buffer) : new Int32Array(bytes.buffer);
  const { values } = first;
  if (values.length !== theirs.length) return { differsFrom: 'pydicom', by: Number.POSITIVE_INFINITY };
  let greatest = 0;
  for (let index = 0; index < values.length; index++) {
    greatest = Math.max(greatest, Math.abs(values[index] - theirs[index]));
  }
  return greatest === 0 ? { equalTo: 'pydicom' } : { differsFrom: 'pydicom', by: greatest };
}

async function check() {
  const result = { rendered: await render(), renderPeakMiB: peakMiB() };
  if (task.isSeries) return result;
  const frames = await import(task.storedFrames);
  const opened = await frames.openStoredFrames(path);
  let first;
  try {
    first = await opened.decode(0);
  } finally {
    await opened.close();
  }
  const { header, description } = opened;
  const stored = await compareStored(frames, first);
  const picture = await comparePicture(createImage, { path, scratch, header, description, first });
  return { ...result, stored, picture };
}

let outcome;
try {
  outcome = await check();
} catch (error) {
  const isOwn = /^[a-z-]+$/.test(error?.code ?? '');
  outcome = {
    error: {
      code: isOwn ? error.code : 'crash',
      message: withoutPlace(isOwn ? error.message : String(error?.stack ?? error)),
    },
    renderPeakMiB: peakMiB(),
  };
}
process.stdout.write(`${JSON.stringify(outcome)}\n`);
