// A mosaic of each of many series, written as soon as it is there.
//
//   node examples/batch.js FOLDER ROOT [SERIES...]
//   node examples/batch.js pictures ./archive 1.2.840.1 1.2.840.2
//   node examples/batch.js pictures s3://bucket/prefix < uids.txt
//
// Without SERIES their names are read from standard input, one a line: the list may be longer than memory, since it is read
// only as fast as pictures are made. Only so many are in work at a time (the option `pictures`). A series that fails costs
// one line on standard error, and exit code 1 at the end. Ctrl-C leaves no half written file behind.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AbortedError, createPreviewer, writeWhole } from 'dicom-series-preview';

const [folder, root, ...given] = process.argv.slice(2);
if (folder === undefined || root === undefined) {
  console.error('Usage: node examples/batch.js FOLDER ROOT [SERIES...]');
  process.exitCode = 2;
} else {
  process.exitCode = await makeMosaics(folder, root, given);
}

/**
 * @param {string} folder to write to
 * @param {string} root where the series lie
 * @param {readonly string[]} given the names of the series; none where standard input has them
 * @returns {Promise<number>} the exit code
 */
async function makeMosaics(folder, root, given) {
  await mkdir(folder, { recursive: true });
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const { signal } = interrupt;
  const series = given.length > 0 ? given : createInterface({ input: process.stdin, signal });
  const previewer = createPreviewer();
  let failures = 0;
  try {
    for await (const result of previewer.mosaics(series, { root, tileWidth: 4, signal })) {
      if (result.error === undefined) {
        const path = join(folder, `${fileName(result.series)}.webp`);
        await writeWhole(path, result.preview.bytes, signal);
        console.log(`${result.series}: ${result.preview.report.series.instances} instances, ${path}`);
      } else {
        failures++;
        const [sentence] = result.error.message.split('\n');
        console.error(`${result.series}: ${result.error.code}: ${sentence}`);
      }
    }
  } catch (error) {
    if (error instanceof AbortedError) return 130;
    throw error;
  } finally {
    await previewer.close();
  }
  return failures === 0 ? 0 : 1;
}

/**
 * A name of a series may hold slashes, as a URL does.
 *
 * @param {string} series
 */
function fileName(series) {
  return encodeURIComponent(series).replaceAll('*', '%2A');
}
