import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createMosaic } from '../../src/index.ts';
import { findPython, sharedDicom, sharedSeries } from '../support/shared-data.ts';

const script = fileURLToPath(new URL('series-order.py', import.meta.url));
const python = findPython();

describe.skipIf(sharedDicom === undefined || python === undefined)('order of real series', () => {
  it.each(sharedSeries())('%s is as a plain computation from whole headers has it', async (name) => {
    const folder = `${sharedDicom}/series/${name}`;
    const printed = execFileSync(python ?? '', [script, folder], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const expected = JSON.parse(printed) as [string, number][];
    const { report } = await createMosaic(folder, { tileWidth: 25, tileHeight: 25, imageWidth: 8, format: 'png' });
    expect(report.tiles.map(({ key, frame }) => [key, frame])).toEqual(expected);
    expect(report.series.frames).toBe(expected.length);
    expect(report.tiles.every(({ error }) => error === undefined)).toBe(true);
  });
});
