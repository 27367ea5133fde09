import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createPlanes } from '../../src/index.ts';
import { findPython, sharedDicom } from '../support/shared-data.ts';

const python = findPython();
const reference = new URL('planes-reference.py', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-planes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Series of plain instances that have a stack: an irregular tilted CT, and upright, oblique and coronal MR. */
const names = ['ct-ge-tilt-28', 'mr-cor-tcga-lihc-30', 'mr-cor-dcm4che-16', 'mr-ge-adc-21', 'mr-ge-fmri-100'];

describe.skipIf(python === undefined || sharedDicom === undefined)('planes of real series', () => {
  it.each(names.flatMap((name) => [[name, {}] as const, [name, { axial: 0.4, coronal: 0.6, sagittal: 0.4 }] as const]))(
    'are within two grey levels in the mean of those that numpy makes: %s at %j',
    async (name, at) => {
      const series = join(sharedDicom ?? '', 'series', name);
      const options = { format: 'png', labels: false, gap: 0, imageWidth: 'native' } as const;
      const { bytes, report } = await createPlanes(series, { ...options, at });
      const path = join(folder, 'report.json');
      writeFileSync(path, JSON.stringify(report));
      const out = join(folder, 'planes.raw');
      execFileSync(python ?? '', [reference, series, path, out], { stdio: 'pipe' });
      const raw = readFileSync(out);
      const expected = new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
      const { data, info } = await sharp(bytes).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
      const { center = 0, width = 1 } = report.planes?.window ?? {};
      let start = 0;
      for (const plane of report.planes?.shown ?? []) {
        let total = 0;
        let count = 0;
        for (let pixel = 0; pixel < plane.width * plane.height; pixel++) {
          const value = expected[start + pixel] ?? Number.NaN;
          if (Number.isNaN(value)) continue;
          const grey = Math.min(1, Math.max(0, (value - center) / width + 0.5)) * 255;
          const y = plane.top + Math.trunc(pixel / plane.width);
          total += Math.abs(grey - (data[y * info.width + plane.left + (pixel % plane.width)] ?? 0));
          count++;
        }
        start += plane.width * plane.height;
        // The plane of the images themselves is the nearest image, which the middle may lie half-way to.
        if (plane.image !== null) continue;
        expect(count, plane.plane).toBeGreaterThan(0.7 * plane.width * plane.height);
        expect(total / count, plane.plane).toBeLessThan(2);
        console.log(`${name} ${plane.plane}: ${(total / count).toFixed(3)} grey levels`);
      }
    },
  );
});
