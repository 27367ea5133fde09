import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes instances one after the other as `folder/name`; they are not held. Returns their number and bytes.
 *
 * @type {typeof import('./index.d.ts').writeSeriesFolder}
 */
export function writeSeriesFolder(folder, instances) {
  let [count, byteLength] = [0, 0];
  for (const instance of instances) {
    const [name, bytes] = 'name' in instance ? [instance.name, instance.bytes] : instance;
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    count += 1;
    byteLength += bytes.byteLength;
  }
  return { count, byteLength };
}
