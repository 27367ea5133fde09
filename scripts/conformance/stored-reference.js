// What pydicom with GDCM decodes, for comparison. GDCM can die of an object: that costs this object alone.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('stored-reference.py', import.meta.url));
const chunkLength = 60;

/** One entry a path: a file of values and their type, or undefined where there is nothing to compare with. */
export function decodeReferences(paths, folder) {
  mkdirSync(folder, { recursive: true });
  const python = ['/usr/bin/python3', 'python3'].find(
    (name) => spawnSync(name, ['-c', 'import pydicom, numpy, gdcm']).status === 0,
  );
  if (python === undefined) return paths.map(() => undefined);
  const results = [];
  for (let start = 0; start < paths.length; start += chunkLength) {
    results.push(...decodeChunk(python, paths.slice(start, start + chunkLength), folder));
  }
  return results;
}

function decodeChunk(python, paths, folder) {
  const own = mkdtempSync(join(folder, 'chunk-'));
  const run = spawnSync(python, [program, own], { input: JSON.stringify(paths), maxBuffer: 2 ** 26, timeout: 600_000 });
  const lines = String(run.stdout).trimEnd().split('\n').filter(Boolean);
  if (run.status !== 0 && paths.length > 1) return paths.flatMap((path) => decodeChunk(python, [path], folder));
  return paths.map((_, index) => {
    const entry = lines[index] === undefined ? undefined : JSON.parse(lines[index]);
    return entry?.type === undefined ? undefined : { file: join(own, `${index}.values`), type: entry.type };
  });
}
