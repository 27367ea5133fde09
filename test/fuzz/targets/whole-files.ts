import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPreviewer, type Previewer } from '../../../src/index.ts';
import type { FuzzTarget } from '../target.ts';
import { instanceSeeds } from './headers.ts';

let previewer: Previewer | undefined;

/** A file through all of the library: found, read, decoded, drawn, encoded. */
export const wholeFiles: FuzzTarget = {
  name: 'whole-files',
  weight: 1,
  seeds: instanceSeeds,
  async run(bytes) {
    previewer ??= createPreviewer({ workers: 1, pictures: 1 });
    const path = join(process.env['FUZZ_WORK_FOLDER'] ?? '.', 'a.dcm');
    writeFileSync(path, bytes);
    const { report } = await previewer.createMosaic(path, {
      noCache: true,
      tileWidth: 2,
      imageWidth: 16,
      format: 'png',
    });
    if (report.tiles.length === 0) throw new Error('Expected a tile.');
  },
};
