import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage, PreviewError } from '../../src/index.ts';
import { overflowedPredictor } from '../support/real-frames.ts';
import { hasProgram, sharedDicom } from '../support/shared-data.ts';

const canRender = hasProgram('dcmj2pnm');
const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-grey-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  readonly path: string;
  readonly syntax: string;
}

/** One grey instance of each series and every single grey instance. */
function greyRows(): readonly Row[] {
  if (sharedDicom === undefined) return [];
  const [head = '', ...lines] = readFileSync(`${sharedDicom}/manifest.tsv`, 'utf8').trimEnd().split('\n');
  const columns = head.split('\t');
  const seen = new Set<string>();
  return lines.flatMap((line) => {
    const cells = line.split('\t');
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    const path = cell('path');
    const group = path.startsWith('series/') ? path.split('/').slice(0, 2).join('/') + cell('tsuid') : path;
    // Doses are shown in grays (DCMTK leaves Dose Grid Scaling out), segments in their colours.
    const isGrey = cell('photometric').startsWith('MONOCHROME') && !['RTDOSE', 'SEG'].includes(cell('modality'));
    if (!isGrey || seen.has(group)) return [];
    seen.add(group);
    return [{ path, syntax: cell('tsuid') }];
  });
}

/** Grey levels that may lie between the two pictures where that is more than 1; each is explained. */
const explained: Readonly<Record<string, { readonly most: number; readonly why: string }>> = {
  'files/Enet4+dicom-test-files/data__WG04__JPLY__MR4_JPLY': {
    most: 3,
    why: 'Lossy JPEG: integer and exact inverse DCT differ by one stored value, which Rescale Slope 9.57 makes 1.7 levels.',
  },
};

/** DCMTK undoes what one encoder did wrong only where it is told to. */
function workaroundFor(path: string): readonly string[] {
  return overflowedPredictor.test(path) ? ['--workaround-pred6'] : [];
}

/** Undefined for colour: a supplemental palette, which DCMTK leaves out. */
async function greyOf(bytes: Uint8Array): Promise<{ data: Uint8Array; width: number; height: number } | undefined> {
  if ((await sharp(bytes).metadata()).channels !== 1) return undefined;
  const { data, info } = await sharp(bytes).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** DCMTK's picture, or undefined where it makes none. */
function renderByDcmtk(path: string, parameters: readonly string[]): Uint8Array | undefined {
  const output = join(folder, 'dcmtk.pgm');
  rmSync(output, { force: true });
  try {
    execFileSync('dcmj2pnm', [...parameters, '+F', '1', '--write-raw-pnm', path, output], {
      stdio: 'ignore',
      timeout: 60_000,
    });
    return readFileSync(output);
  } catch {
    return undefined;
  }
}

function parsePgm(bytes: Uint8Array): { data: Uint8Array; width: number; height: number } | undefined {
  const match = /^P5\s+(?:#[^\n]*\n)*\s*(\d+)\s+(\d+)\s+(\d+)\s/.exec(
    Buffer.from(bytes.subarray(0, 200)).toString('latin1'),
  );
  if (match === null || match[3] !== '255') return undefined;
  return { data: bytes.subarray(match[0].length), width: Number(match[1]), height: Number(match[2]) };
}

describe.skipIf(sharedDicom === undefined || !canRender)('grey levels beside DCMTK', () => {
  const windows = [
    { contrast: '1400,300', parameters: ['+Ww', '300', '1400'] },
    { contrast: 'embedded', parameters: ['+Wi', '1'] },
  ] as const;
  let compared = 0;
  it.for(greyRows().map(({ path }) => path))('%s', async (path, { skip }) => {
    const before = compared;
    for (const { contrast, parameters } of windows) {
      const reference = renderByDcmtk(`${sharedDicom}/${path}`, [...parameters, ...workaroundFor(path)]);
      const expected = reference === undefined ? undefined : parsePgm(reference);
      if (expected === undefined) continue;
      let actual: Awaited<ReturnType<typeof greyOf>>;
      try {
        const image = await createImage(`${sharedDicom}/${path}`, {
          position: 0,
          frame: 1,
          contrast,
          imageWidth: 'native',
          format: 'png',
        });
        const window = image.report.tiles[0]?.window;
        if (contrast === 'embedded' && window?.source !== 'instance') continue;
        actual = await greyOf(image.bytes);
      } catch (error) {
        if (error instanceof PreviewError) throw new Error(`DCMTK shows it, this package says: ${error.message}`);
        throw error;
      }
      if (actual === undefined) continue;
      // Non-square pixels are stretched here and not there.
      if (actual.width !== expected.width || actual.height !== expected.height) continue;
      let greatest = 0;
      for (const [index, value] of actual.data.entries()) {
        greatest = Math.max(greatest, Math.abs(value - (expected.data[index] ?? 0)));
      }
      expect(greatest, `${contrast}`).toBeLessThanOrEqual(explained[path]?.most ?? 1);
      compared++;
    }
    if (compared === before) skip('There is no picture of it by DCMTK, or one of another size.');
  });
  it('compared a good number of pictures', () => {
    expect(compared).toBeGreaterThan(60);
  });
});
