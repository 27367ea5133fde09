// Headers of real objects as a scan of a folder reads them, one after the other and with what the last one left behind, are
// those of each object read alone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PreviewError } from '../../src/base/errors.ts';
import { parseHeader } from '../../src/dicom/header/parse-header.ts';
import { scanObjects } from '../../src/series/header-pass/scan.ts';
import { openStore } from '../../src/storage/open-store.ts';
import type { InstanceHeader } from '../../src/types/instance.ts';
import { sharedDicom, sharedSeries } from '../support/shared-data.ts';

function readAlone(path: string): InstanceHeader | undefined {
  try {
    return parseHeader(new Uint8Array(readFileSync(path)), { complete: true }).header;
  } catch (error) {
    if (error instanceof PreviewError) return undefined;
    throw error;
  }
}

describe.skipIf(sharedDicom === undefined)('headers in a row', () => {
  const root = sharedDicom ?? '';
  const folders = ['files', ...sharedSeries().map((name) => `series/${name}`)];

  it.each(folders)('%s', async (folder) => {
    const store = await openStore(join(root, folder), {});
    const objects = await store.list('');
    let compared = 0;
    for (const wholeObjects of [true, false]) {
      const { instances } = await scanObjects(store, objects, { wholeObjects });
      for (const { key, header, complete } of instances) {
        const alone = readAlone(join(root, folder, key));
        // What lies behind the part that was read is not known.
        if (!complete && !wholeObjects) {
          expect(header.sopInstanceUid).toBe(alone?.sopInstanceUid);
          expect(header.frames.map((frame) => frame.imagePositionPatient)).toEqual(
            alone?.frames.map((frame) => frame.imagePositionPatient),
          );
          continue;
        }
        expect([key, header]).toEqual([key, alone]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(0);
    await store.close();
  });
});
