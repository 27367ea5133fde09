import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage, createMosaic, type Preview } from '../../src/index.ts';
import { sharedDicom, sharedSeries } from '../support/shared-data.ts';

const scratch = mkdtempSync(join(tmpdir(), 'dicom-series-preview-index-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The same of both runs: all but what was read, and how long it took. */
function shownBy(outcome: Preview | Error): unknown {
  if (outcome instanceof Error) return { name: outcome.name, message: outcome.message };
  const { series, tiles, output, warnings } = outcome.report;
  return { picture: Buffer.from(outcome.bytes).toString('base64'), series, tiles, output, warnings };
}

const seriesFolder = join(sharedDicom ?? '', 'series');
const filesFolder = join(sharedDicom ?? '', 'files');

describe.skipIf(sharedDicom === undefined)('with a warm index', () => {
  it.each(sharedSeries())('the series %s gives the same pictures', async (name) => {
    const folder = join(seriesFolder, name);
    const cacheDir = join(scratch, name);
    const pictures: readonly ((options: object) => Promise<Preview>)[] = [
      (options) => createMosaic(folder, options),
      (options) => createMosaic(folder, { tileWidth: 3, contrast: 'auto', start: 0.2, end: 0.8, ...options }),
      (options) => createImage(folder, { position: 0.5, imageWidth: 'native', format: 'png', ...options }),
    ];
    for (const picture of pictures) {
      const outcome = (options: object): Promise<Preview | Error> => picture(options).catch((error: Error) => error);
      const cold = shownBy(await outcome({ noCache: true }));
      expect(shownBy(await outcome({ cacheDir }))).toEqual(cold);
      const warm = await outcome({ cacheDir });
      expect(shownBy(warm)).toEqual(cold);
      if (warm instanceof Error) continue;
      expect(warm.report.io.headerBytes).toBe(0);
      expect(warm.report.index?.recalled).toBeGreaterThan(0);
    }
  });

  it.each(
    sharedDicom === undefined
      ? []
      : readdirSync(filesFolder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : [])),
  )('single files of %s give the same pictures', async (name) => {
    const cacheDir = join(scratch, name);
    const kept = join(scratch, `${name}-files`);
    for (const file of readdirSync(join(filesFolder, name))) {
      // Alone in a folder, so that each has an index of its own.
      const folder = join(kept, file);
      cpSync(join(filesFolder, name, file), join(folder, file), { recursive: true });
      const options = { tileWidth: 3, imageWidth: 64 } as const;
      const outcome = (more: object): Promise<Preview | Error> =>
        createMosaic(folder, { ...options, ...more }).catch((error: Error) => error);
      const cold = shownBy(await outcome({ noCache: true }));
      await outcome({ cacheDir });
      expect([file, shownBy(await outcome({ cacheDir }))]).toEqual([file, cold]);
      rmSync(folder, { recursive: true });
    }
  });
});
