import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ctInstances,
  doseGrid,
  encapsulatedPixelData,
  enhancedMultiFrame,
  localizerSeries,
  mrSeries,
  paletteUltrasound,
  petSeries,
  radiograph,
  secondaryCapture,
  segmentation,
  transferSyntax,
  wholeSlideSeries,
  writeEnhancedMultiFrameFile,
  writeInstance,
  writeSeriesFolder,
} from '../support/dicom/index.js';

const works = (program: string, ...parameters: string[]): boolean =>
  spawnSync(program, parameters, { stdio: 'ignore' }).status === 0;
const python = ['/usr/bin/python3', 'python3'].find((program) => works(program, '-c', 'import pydicom, numpy'));
const dcmdump = works('dcmdump', '--version');
if (python === undefined) console.log('skipped: no python3 with pydicom and numpy');
if (!dcmdump) console.log('skipped: no dcmdump (DCMTK)');

/** Prints one JSON line a file: shape, type and checksum of the pixel array, and a few attributes. */
const DESCRIBE = `
import hashlib, json, sys, warnings
import pydicom
warnings.simplefilter('error')
for path in sys.argv[1:]:
    data_set = pydicom.dcmread(path)
    array = data_set.pixel_array
    little = array.astype(array.dtype.newbyteorder('<'))
    print(json.dumps({
        'shape': list(array.shape),
        'sha256': hashlib.sha256(little.tobytes()).hexdigest(),
        'name': str(data_set.get('PatientName', '')),
        'position': [float(value) for value in data_set.get('ImagePositionPatient', [])],
    }))
`;

interface Description {
  readonly shape: readonly number[];
  readonly sha256: string;
  readonly name: string;
  readonly position: readonly number[];
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'generator-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function describeWithPydicom(paths: readonly string[]): readonly Description[] {
  const lines = execFileSync(python ?? '', ['-c', DESCRIBE, ...paths], { encoding: 'utf8' });
  return lines
    .trim()
    .split('\n')
    .map((line): Description => JSON.parse(line));
}

function save(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function saveSeries(name: string, series: ReadonlyMap<string, Uint8Array>): readonly string[] {
  writeSeriesFolder(join(folder, name), series);
  return readdirSync(join(folder, name)).map((file) => join(folder, name, file));
}

describe.skipIf(python === undefined)('pydicom reads', () => {
  it('the same stored values out of every transfer syntax the generator writes', () => {
    const paths = [
      'explicitLittleEndian',
      'implicitLittleEndian',
      'explicitBigEndian',
      'deflatedExplicitLittleEndian',
      'rleLossless',
    ] as const;
    const written = paths.map((name) => {
      const [instance] = ctInstances({ instances: 1, rows: 33, columns: 27, transferSyntaxUid: transferSyntax[name] });
      return save(`${name}.dcm`, instance?.bytes ?? new Uint8Array());
    });
    const described = describeWithPydicom(written);
    expect(described).toHaveLength(5);
    expect(new Set(described.map(({ sha256 }) => sha256)).size).toBe(1);
    expect(described[0]?.shape).toEqual([33, 27]);
    expect(described[0]?.name).toBe('PHANTOM^CT');
  });

  it('single images and multi-frame objects of all kinds', () => {
    const shapes = new Map([
      [save('cr.dcm', radiograph({ rows: 40, columns: 30 })), [40, 30]],
      [save('rgb.dcm', secondaryCapture({ rows: 20, columns: 24 })), [20, 24, 3]],
      [save('planar.dcm', secondaryCapture({ rows: 20, columns: 24, planarConfiguration: 1 })), [20, 24, 3]],
      [
        save('422.dcm', secondaryCapture({ rows: 20, columns: 24, photometricInterpretation: 'YBR_FULL_422' })),
        [20, 24, 3],
      ],
      [save('us.dcm', paletteUltrasound({ rows: 30, columns: 32, frames: 3 })), [3, 30, 32]],
      [save('ct.dcm', enhancedMultiFrame({ slices: 5, rows: 16 })), [5, 16, 16]],
      [save('seg.dcm', segmentation()), [10, 21, 19]],
      [save('dose.dcm', doseGrid()), [8, 32, 32]],
    ]);
    const described = describeWithPydicom([...shapes.keys()]);
    expect(described.map(({ shape }) => shape)).toEqual([...shapes.values()]);
    expect(described[1]?.sha256).toBe(described[2]?.sha256);
  });

  it('a streamed instance like one written at once', () => {
    const options = { slices: 6, rows: 16, shuffleFrames: true };
    const path = join(folder, 'streamed.dcm');
    const byteLength = writeEnhancedMultiFrameFile(path, options);
    const [streamed, whole] = describeWithPydicom([path, save('whole.dcm', enhancedMultiFrame(options))]);
    expect(streamed).toEqual(whole);
    expect(byteLength).toBeGreaterThan(6 * 16 * 16 * 2);
  });

  it('every instance of MR, PET, localizer and slide series', () => {
    const paths = [
      ...saveSeries('mr', mrSeries({ instances: 3, rows: 16 })),
      ...saveSeries('pet', petSeries({ instances: 3, rows: 16 })),
      ...saveSeries('localizer', localizerSeries({ perOrientation: 2, rows: 16 })),
      ...saveSeries('slide', wholeSlideSeries({ tiling: 'sparse' })),
    ];
    expect(describeWithPydicom(paths).every(({ name }) => name.startsWith('PHANTOM^'))).toBe(true);
    expect(paths).toHaveLength(6 + 3 + 6 + 6);
  });
});

describe.skipIf(!dcmdump)('dcmdump reads', () => {
  const dump = (path: string): string => execFileSync('dcmdump', ['-Un', path], { encoding: 'utf8' });

  it('sequences of undefined length, private, UN and long elements', () => {
    const text = dump(
      save(
        'odd.dcm',
        writeInstance(
          {
            SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
            SOPInstanceUID: '2.25.1',
            '00091010': { vr: 'UN', value: [{ '00100010': 'PHANTOM^UN' }], undefinedLength: true },
            '00091020': { vr: 'UC', value: 'x'.repeat(70_000) },
            ReferencedImageSequence: [{ ReferencedSOPInstanceUID: '2.25.7' }, {}],
            DataSetTrailingPadding: new Uint8Array(20),
          },
          { sequenceLength: 'undefined', groupLengths: true },
        ),
      ),
    );
    expect(text).toMatch(/0008,1140\) SQ \(Sequence with undefined length/);
    expect(text).toMatch(/0010,0010\) PN \[PHANTOM\^UN\]/);
    expect(text).toMatch(/0009,1020\).*70000/);
    expect(text).toMatch(/fffc,fffc/i);
  });

  it('fragments with basic and extended offset tables', () => {
    const frames = [new Uint8Array(11).fill(1), new Uint8Array(6).fill(2)];
    for (const offsetTable of ['basic', 'extended', 'empty'] as const) {
      const text = dump(
        save(
          `${offsetTable}.dcm`,
          writeInstance(
            {
              SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
              SOPInstanceUID: '2.25.1',
              ...encapsulatedPixelData(frames, { offsetTable }),
            },
            { transferSyntaxUid: transferSyntax.jpegBaseline },
          ),
        ),
      );
      expect(text).toMatch(/PixelSequence #=3/);
      expect(text.includes('7fe0,0001) OV')).toBe(offsetTable === 'extended');
    }
  });
});
