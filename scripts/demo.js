// npm run demo: makes a small synthetic CT-like series in demo/series and a mosaic of it in demo/mosaic.webp.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ctInstances, writeSeriesFolder } from '../test/support/dicom/index.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/**
 * A path of the checkout as the reader's shell and the command take it, wherever the demo was started: with a leading
 * dot, as a bare name could be a series of the default store.
 *
 * @type {(path: string) => string}
 */
function here(path) {
  const fromHere = relative(process.cwd(), join(root, path));
  return fromHere.startsWith('.') ? fromHere : `.${sep}${fromHere}`;
}
const [program, series, picture] = [here('dist/cli.js'), here('demo/series'), here('demo/mosaic.webp')];

if (!existsSync(program)) {
  console.error(`Expected the built command at ${program} but it is not there. Run "npm ci" or "npm run build" first.`);
  process.exitCode = 1;
} else process.exitCode = demo();

function demo() {
  rmSync(series, { recursive: true, force: true });
  const written = writeSeriesFolder(
    series,
    ctInstances({ seed: 2, instances: 60, rows: 256, spacing: [1.6, 1.6], sliceSpacing: 12, shuffleKeys: true }),
  );
  const megabytes = (written.byteLength / 1e6).toFixed(1);
  console.log(`Made ${written.count} synthetic CT-like instances of 256 x 256 in ${series} (${megabytes} MB).`);
  console.log('Their file names are in random order: only the positions in their headers tell where each one lies.\n');

  const parameters = ['mosaic', series, picture];
  console.log(`$ node ${program} ${parameters.join(' ')}`);
  const run = spawnSync(process.execPath, [program, ...parameters], { stdio: 'inherit' });
  if (run.status !== 0) {
    console.error(`The command ended with ${run.signal ?? `exit code ${run.status}`}: no mosaic was made.`);
    return run.status ?? 1;
  }
  console.log(`
${picture} now shows 36 of the ${written.count} instances, from the top of the head (first tile) to the pelvis (last
one), in the window that the series itself asks for. Open it in a browser or an image viewer.

Try next:
  The lungs alone, in the lung window, with a report of which tile shows what
  $ node ${program} mosaic ${series} ${here('demo/lungs.webp')} --contrast lung --tile-height 3 --start 0.27 --end 0.56 --json ${here('demo/lungs.json')}

  Two rows of eight, bones, without loss
  $ node ${program} mosaic ${series} ${here('demo/bones.png')} --contrast bone --tile-width 8 --tile-height 2

  One image at the heart, at its own size
  $ node ${program} get-image ${series} ${here('demo/heart.png')} --position 0.47 --image-width native

  A real series of the Imaging Data Commons (public; needs the network)
  $ node ${program} mosaic 38902e14-b11f-4548-910e-771ee757dc82 ${here('demo/idc.webp')}

  All commands and options
  $ node ${program} --help`);
  return 0;
}
