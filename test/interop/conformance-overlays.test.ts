// Overlays beside those that DCMTK draws, and a supplemental palette beside the standard's words in numpy.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage } from '../../src/index.ts';
import { decodePicture, greatestDifference, readPnm } from '../support/conformance-picture.ts';
import { type Attributes, radiograph, seededRandom, transferSyntax } from '../support/dicom/index.js';
import { findPython, hasProgram, sharedDicom } from '../support/shared-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-overlays-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = seededRandom(4);
const noise = (byteLength: number): Uint8Array => Uint8Array.from({ length: byteLength }, () => random() * 256);
const group = (
  number: string,
  rows: number,
  columns: number,
  origin: readonly number[],
  more: Attributes = {},
): Attributes => ({
  [`${number}0010`]: { vr: 'US', value: rows },
  [`${number}0011`]: { vr: 'US', value: columns },
  [`${number}0040`]: { vr: 'CS', value: 'G' },
  [`${number}0050`]: { vr: 'SS', value: [...origin] },
  [`${number}0100`]: { vr: 'US', value: 1 },
  [`${number}0102`]: { vr: 'US', value: 0 },
  [`${number}3000`]: { vr: 'OW', bytes: noise(Math.ceil((rows * columns) / 16) * 2) },
  ...more,
});

describe.skipIf(!hasProgram('dcmj2pnm'))('overlays beside DCMTK', () => {
  const [rows, columns] = [30, 26];
  const base = { rows, columns, windows: true, voiTable: false, photometricInterpretation: 'MONOCHROME2' } as const;

  it.each<[string, Attributes]>([
    ['as large as the image', group('6000', rows, columns, [1, 1])],
    ['smaller, inside', group('6000', 9, 7, [5, 3])],
    ['reaching outside', group('6000', 20, 20, [-4, 15])],
    ['two groups', { ...group('6000', 9, 7, [1, 1]), ...group('6002', 11, 5, [12, 9]) }],
    [
      'in unused bits of the pixels',
      group('6000', rows, columns, [1, 1], {
        60000100: { vr: 'US', value: 16 },
        60000102: { vr: 'US', value: 14 },
        60003000: undefined,
      }),
    ],
  ])('%s', async (_name, attributes) => {
    for (const transferSyntaxUid of [transferSyntax.explicitLittleEndian, transferSyntax.implicitLittleEndian]) {
      const plain = radiograph({ ...base, attributes, write: { transferSyntaxUid } });
      // Bit 14 of some pixels, for the plane that lies in the pixel data; masked for the others.
      const pixels = plain.subarray(plain.length - rows * columns * 2);
      for (let at = 1; at < pixels.length; at += 2) if ((at * 7) % 10 < 3) pixels[at] = (pixels[at] ?? 0) | 0x40;
      const path = join(folder, 'overlay.dcm');
      writeFileSync(path, plain);
      const output = join(folder, 'dcmtk.pgm');
      for (const overlays of [true, false]) {
        const shown = overlays ? ['+O', '0', '+Omr'] : ['-O'];
        execFileSync('dcmj2pnm', [...shown, '+Wi', '1', '--write-raw-pnm', path, output], { stdio: 'pipe' });
        const image = await createImage(path, {
          position: 0,
          overlays,
          imageWidth: 'native',
          contrast: 'embedded',
          format: 'png',
        });
        const { data } = await decodePicture(image.bytes, 1);
        expect(greatestDifference(data, readPnm(output).data)).toBeLessThanOrEqual(1);
      }
    }
  });
});

const python = findPython();
const perfusion = 'files/Enet4+dicom-test-files/data__pydicom__eCT_Supplemental.dcm';

describe.skipIf(python === undefined || sharedDicom === undefined)('a supplemental palette', () => {
  it('colours the values from its first on; grey ones go through the window (PS3.3 C.8.16.2.1.1.2)', async () => {
    const path = join(sharedDicom ?? '', perfusion);
    const program = `
import sys, numpy, pydicom
ds = pydicom.dcmread(sys.argv[1])
values = ds.pixel_array[1].astype(int)
length, first, bits = ds.RedPaletteColorLookupTableDescriptor
tables = [numpy.frombuffer(ds[c + "PaletteColorLookupTableData"].value, "<u2") for c in ("Red", "Green", "Blue")]
voi = ds.PerFrameFunctionalGroupsSequence[1].get("FrameVOILUTSequence") or ds.SharedFunctionalGroupsSequence[0].FrameVOILUTSequence
pvt = ds.PerFrameFunctionalGroupsSequence[1].get("PixelValueTransformationSequence") or ds.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence
c, w = float(voi[0].WindowCenter), float(voi[0].WindowWidth)
x = values * float(pvt[0].RescaleSlope) + float(pvt[0].RescaleIntercept)
grey = numpy.clip((x - (c - 0.5)) / (w - 1) + 0.5, 0, 1) * 255
index = numpy.clip(values - first, 0, length - 1)
rgb = numpy.stack([numpy.where(values < first, grey, t[index] / 257) for t in tables], -1)
rgb.astype("<f8").tofile(sys.argv[2])`;
    const output = join(folder, 'supplemental');
    execFileSync(python ?? '', ['-W', 'ignore', '-c', program, path, output], { stdio: 'pipe' });
    const expected = new Float64Array(Uint8Array.from(readFileSync(output)).buffer);
    const image = await createImage(path, { position: 0, frame: 2, imageWidth: 'native', format: 'png' });
    const { data } = await decodePicture(image.bytes, 3);
    // Entries whose low byte is always 0 are taken for 8-bit colours: one level at most.
    expect(greatestDifference(data, expected)).toBeLessThanOrEqual(1);
    expect(data.some((byte, at) => at % 3 === 0 && byte !== data[at + 2])).toBe(true);
  });
});
