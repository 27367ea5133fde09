// Makes the pictures in docs/images anew: with the built program, out of the demo's synthetic series (npm run demo).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const series = join(root, 'demo', 'series');
const maximumBytes = 60_000;

const pictures = {
  'mosaic.webp': ['mosaic', '--tile-width', '8', '--tile-height', '3', '--image-width', '120', '--quality', '50'],
  'lungs.webp': 'mosaic --contrast lung --start 0.28 --end 0.56 --tile-width 4 --tile-height 2 --quality 40'.split(' '),
  'bones.webp': 'mosaic --contrast bone --tile-width 4 --tile-height 2 --quality 40'.split(' '),
  'heart.webp': 'get-image --position 0.47 --image-width 256 --quality 40'.split(' '),
  'contrast-sheet.webp': 'contrast-sheet -c lung -c soft-tissue -c bone --samples 3 --start 0.2 --quality 50'.split(
    ' ',
  ),
  'planes.webp': 'planes --image-width 256 --quality 50'.split(' '),
  'film.webp': 'film --image-width 128 --samples 24 --quality 40'.split(' '),
};

if (!existsSync(series)) throw new Error('Expected the demo series in demo/series. Run "npm run demo" first.');
mkdirSync(join(root, 'docs', 'images'), { recursive: true });
for (const [name, [command, ...options]] of Object.entries(pictures)) {
  const path = join(root, 'docs', 'images', name);
  const run = spawnSync(process.execPath, [join(root, 'dist', 'cli.js'), command, series, path, ...options], {
    stdio: 'inherit',
  });
  if (run.status !== 0) throw new Error(`${name}: exit code ${run.status}`);
  const { size } = statSync(path);
  if (size > maximumBytes) throw new Error(`${name}: ${size} bytes, more than ${maximumBytes}`);
}
