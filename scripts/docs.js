// Puts the help texts of the built program into docs/dicom-series-preview.md; with --check only says whether they are there.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const page = join(root, 'docs', 'dicom-series-preview.md');

function helpOf(command) {
  const run = spawnSync(process.execPath, [join(root, 'dist', 'cli.js'), ...command, '--help'], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`Expected help but received exit code ${run.status}: ${run.stderr}`);
  return run.stdout.trimEnd();
}

const before = readFileSync(page, 'utf8');
const after = before.replaceAll(
  /<!-- (help(?: ([\w -]+?))?) -->\n[\s\S]*?<!-- \/\1 -->/g,
  (_whole, name, command) =>
    `<!-- ${name} -->\n\`\`\`text\n${helpOf(command === undefined ? [] : command.split(' '))}\n\`\`\`\n<!-- /${name} -->`,
);
if (after === before) {
  console.log('The help texts in docs/dicom-series-preview.md are current.');
} else if (process.argv.includes('--check')) {
  console.error('The help texts in docs/dicom-series-preview.md are old. Run: node scripts/docs.js');
  process.exitCode = 1;
} else {
  writeFileSync(page, after);
  console.log('The help texts in docs/dicom-series-preview.md are new.');
}
