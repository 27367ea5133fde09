// Colour pictures of every real object beside those of DCMTK (of GDCM's decompressed object where DCMTK has no decoder),
// first and last frame.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage } from '../../src/index.ts';
import { decodePicture, greatestDifference, type Picture, readPnm } from '../support/conformance-picture.ts';
import { readManifest, realDicom } from '../support/real-frames.ts';
import { hasProgram, sharedDicom } from '../support/shared-data.ts';

const canCompare = sharedDicom !== undefined && hasProgram('dcmj2pnm') && hasProgram('gdcmconv');
const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-colour-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Colour instances but slides (put together from tiles), segments and doses (drawn in colours of this package's choice). */
const rows = canCompare
  ? readManifest().filter(
      ({ photometric, modality }) =>
        photometric !== '' && !photometric.startsWith('MONOCHROME') && !['SM', 'SEG', 'RTDOSE'].includes(modality),
    )
  : [];

function renderByDcmtk(path: string, frame: number): Picture | undefined {
  const output = join(folder, 'dcmtk.ppm');
  rmSync(output, { force: true });
  const run = spawnSync('dcmj2pnm', ['-O', '+F', String(frame), '--write-raw-pnm', path, output], { stdio: 'ignore' });
  return run.status === 0 && existsSync(output) ? readPnm(output) : undefined;
}

function reference(path: string, frame: number): Picture | undefined {
  const direct = renderByDcmtk(path, frame);
  if (direct !== undefined) return direct;
  const native = join(folder, 'native.dcm');
  rmSync(native, { force: true });
  spawnSync('gdcmconv', ['--raw', path, native], { stdio: 'ignore' });
  return existsSync(native) ? renderByDcmtk(native, frame) : undefined;
}

const show = async (path: string, frame: number): Promise<Picture> => {
  const { bytes } = await createImage(path, { position: 0, frame, imageWidth: 'native', format: 'png' });
  return decodePicture(bytes, 3);
};

/** DCMTK believes Photometric Interpretation RGB where the codestream (JFIF, or subsampled chrominance) says YCbCr. */
const wrongInDcmtk = ['data__pydicom__SC_rgb_jpeg_lossy_gdcm.dcm', 'GH195.dcm'];
/** Subsampled chrominance is interpolated in different ways where it is made larger again; YCbCr is converted in integers there. */
const lossy = /\.4\.(50|51|81|91|112|203)$/;

describe.skipIf(!canCompare)('colour beside DCMTK', () => {
  let compared = 0;

  it.for(rows.map((row) => [row.path, row] as const))('%s', async ([path, row], { skip }) => {
    const before = compared;
    const file = `${realDicom}/${path}`;
    for (const frame of new Set([1, row.frames])) {
      const actual = await show(file, frame);
      const expected = reference(file, frame);
      if (expected === undefined || wrongInDcmtk.some((name) => path.endsWith(name))) continue;
      // Non-square pixels are stretched here and not there.
      if (actual.width !== expected.width || actual.height !== expected.height) continue;
      const isConverted = row.photometric.startsWith('YBR');
      const most = isConverted || lossy.test(row.transferSyntaxUid) ? 3 : 1;
      expect(greatestDifference(actual.data, expected.data)).toBeLessThanOrEqual(most);
      compared++;
    }
    if (compared === before) skip('There is no picture of it by DCMTK, or a wrong one, or one of another size.');
  });

  it('compared a good number', () => expect(compared).toBeGreaterThan(60));

  it('shows what the codestream says where Photometric Interpretation contradicts it', async () => {
    const [path = ''] = rows.map((row) => row.path).filter((each) => basename(each) === wrongInDcmtk[0]);
    const { data } = await show(`${realDicom}/${path}`, 1);
    const original = await show(`${realDicom}/files/Enet4+dicom-test-files/data__pydicom__SC_rgb.dcm`, 1);
    const sum = data.reduce((total, byte, index) => total + Math.abs(byte - (original.data[index] ?? 0)), 0);
    // The loss blurs edges; a conversion too many, or one missing, would change every colour.
    expect(sum / data.length).toBeLessThan(3);
  });

  it('gives the same picture of one image in every syntax, photometric interpretation and bit depth', async () => {
    const of = (name: string): Promise<Picture> =>
      show(`${realDicom}/files/Enet4+dicom-test-files/data__pydicom__SC_rgb${name}.dcm`, 1);
    const original = await of('');
    const exact = ['_16bit', '_32bit', '_expb', '_expb_16bit', '_expb_32bit', '_rle', '_rle_16bit', '_rle_32bit'];
    for (const name of [
      ...exact,
      ...exact.map((each) => `${each}_2frame`),
      '_2frame',
      '_gdcm_KY',
      '_gdcm2k_uncompressed',
    ]) {
      expect([name, greatestDifference((await of(name)).data, original.data)]).toEqual([name, 0]);
    }
  });
});
