// Pictures, all the way from the file, beside pydicom's own display pipeline: every real file it can decode, first and last
// frame, and files made by it for what real ones seldom have.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage, UsageError } from '../../src/index.ts';
import { decodePicture, greatestDifference } from '../support/conformance-picture.ts';
import { overflowedPredictor } from '../support/real-frames.ts';
import { findPython, sharedDicom, sharedSeries } from '../support/shared-data.ts';

const python = findPython();
const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-pydicom-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A row of the reference's index; see conformance-reference.py. */
interface Reference {
  readonly name: string;
  readonly path: string;
  readonly frame: number;
  readonly rows: number;
  readonly columns: number;
  readonly samples: 1 | 3;
  readonly contrast?: string;
  readonly windowIndex?: number;
  /** Grey levels; default 1. */
  readonly tolerance?: number;
}

function runReference(): readonly Reference[] {
  if (python === undefined) return [];
  const program = new URL('conformance-reference.py', import.meta.url).pathname;
  execFileSync(python, [program, folder, ...realFiles()], { stdio: 'pipe', maxBuffer: 2 ** 28 });
  return JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as readonly Reference[];
}

/** Every single instance, and the first and last one of each series. */
function realFiles(): readonly string[] {
  if (sharedDicom === undefined) return [];
  const below = (path: string): readonly string[] =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
  const root = sharedDicom;
  return [
    ...below(join(root, 'files')),
    ...sharedSeries().flatMap((name) => {
      const all = below(join(root, 'series', name));
      return [...all.slice(0, 1), ...all.slice(-1)];
    }),
  ];
}

/**
 * Bytes in words of a big endian object (OW, 8 bits): this version of pydicom leaves them swapped. DCMTK does not, and gives
 * what the little endian original of the file holds, as this package does (see conformance-colour.test.ts).
 */
const wrongInPydicom = /SC_rgb_small_odd_big_endian/;

const rows = runReference().filter(({ path }) => !wrongInPydicom.test(path) && !overflowedPredictor.test(path));
const titleOf = ({ path, frame, contrast }: Reference): string => `${basename(path)} frame ${frame} ${contrast ?? ''}`;

describe.skipIf(python === undefined)('pictures beside pydicom', () => {
  /** One slice of a mosaic, and pixels that are not square (stretched here), cannot be compared. */
  const seen = { compared: 0, slices: 0, stretched: 0 };

  it.for(rows.map((row) => [titleOf(row), row] as const))('%s', async ([_title, row], { skip }) => {
    const { windowIndex, contrast, frame, path, samples } = row;
    const image = await createImage(path, {
      position: 0,
      frame,
      imageWidth: 'native',
      format: 'png',
      ...(contrast === undefined ? {} : { contrast }),
      ...(windowIndex === undefined || contrast !== 'embedded' ? {} : { windowIndex }),
    });
    const { width, height, data } = await decodePicture(image.bytes, samples);
    if (width * height < row.rows * row.columns) {
      seen.slices++;
      expect(image.report.series.frames).toBeGreaterThan(image.report.series.instances);
      return;
    }
    if (width !== row.columns || height !== row.rows) {
      seen.stretched++;
      skip('Its pixels are not square: it is stretched here.');
    }
    const expected = new Float64Array(Uint8Array.from(readFileSync(join(folder, `${row.name}.display`))).buffer);
    // Padding, which the reference leaves out, is drawn as background.
    expect(data.every((byte, index) => !Number.isNaN(expected[index]) || byte === 0)).toBe(true);
    expect(greatestDifference(data, expected)).toBeLessThanOrEqual(row.tolerance ?? 1);
    seen.compared++;
  });

  it('compared a good number, and left few out', () => {
    expect(seen.compared).toBeGreaterThan(sharedDicom === undefined ? 60 : 180);
    expect(seen.slices + seen.stretched).toBeLessThan(30);
  });

  it('refuses a window that no image has', async () => {
    const [path = ''] = rows.map((row) => row.path).filter((each) => each.endsWith('made-windows.dcm'));
    await expect(createImage(path, { position: 0, contrast: 'embedded', windowIndex: 4 })).rejects.toThrow(UsageError);
  });
});
