import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Folders with series, in a temporary one that `remove` takes away. */
export function seriesFolders(name: string): {
  readonly root: string;
  readonly write: (folder: string, series: Iterable<readonly [key: string, bytes: Uint8Array]>) => string;
  readonly remove: () => void;
} {
  const root = mkdtempSync(join(tmpdir(), `dicom-series-preview-${name}-`));
  return {
    root,
    write: (folder, series) => {
      const path = join(root, folder);
      for (const [key, bytes] of series) {
        const file = join(path, key);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      }
      return path;
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}
