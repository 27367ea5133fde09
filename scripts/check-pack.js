// Checks what `npm publish` would send: everything the package needs, nothing else, and not more than it should weigh.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const maximumUnpackedBytes = 3_300_000;

const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
const packed = Object.values(JSON.parse(listed))[0];
const paths = new Set(packed.files.map((file) => file.path));
const problems = [];

const needed = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'CITATION.cff',
  ...Object.values(manifest.bin),
  ...manifest.man,
  'docs/dicom-series-preview.md',
  'docs/architecture.md',
  'skills/dicom-series-preview/SKILL.md',
  'dist/mcp.js',
  manifest.exports['.'].types.replace('./', ''),
  manifest.exports['.'].default.replace('./', ''),
];
for (const path of needed) if (!paths.has(path)) problems.push(`missing: ${path}`);

const allowed =
  /^(dist\/.*\.(js|cjs|d\.ts|md)|dist\/atlas\/(index\.html|page\.css)|docs\/[\w-]+\.(1|md)|skills\/dicom-series-preview\/SKILL\.md|package\.json|README\.md|LICENSE|CHANGELOG\.md|CITATION\.cff)$/;
for (const path of paths) if (!allowed.test(path)) problems.push(`does not belong: ${path}`);

if (packed.unpackedSize > maximumUnpackedBytes) {
  problems.push(`${packed.unpackedSize} bytes unpacked, more than ${maximumUnpackedBytes}`);
}

for (const problem of problems) console.error(problem);
console.log(`${paths.size} files, ${packed.size} bytes packed, ${packed.unpackedSize} unpacked`);
process.exitCode = problems.length === 0 ? 0 : 1;
