import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  lookupTable,
  type PaletteChannel,
  palette,
  voiInputIsSigned,
} from '../../src/dicom/lookup-tables/lookup-tables.ts';
import type { Voi } from '../../src/pixels/contrast/voi.ts';
import { type RenderRequest, renderFrame } from '../../src/pixels/render.ts';
import type { ModalityTransform, StoredValues } from '../../src/types/pixels.ts';
import { findPython, hasProgram, sharedDicom } from '../support/shared-data.ts';

const python = findPython();
const reference = new URL('pixels-reference.py', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-pixels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface RawTable {
  readonly descriptor: [number, number, number];
  readonly data: string;
}

/** A row of the reference's index; see pixels-reference.py. */
interface Reference {
  readonly name: string;
  readonly path: string;
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsStored: number;
  readonly pixelRepresentation: 0 | 1;
  readonly compressed: boolean;
  readonly littleEndian: boolean;
  readonly photometricInterpretation: string;
  readonly type: string;
  readonly slope: number;
  readonly intercept: number;
  readonly modalityTable: RawTable | null;
  readonly voiTables: readonly RawTable[];
  readonly windows: readonly [center: number, width: number][];
  readonly function: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';
  readonly shape: '' | 'IDENTITY' | 'INVERSE';
  readonly palette: Readonly<Record<'red' | 'green' | 'blue', RawTable & { segmented: boolean }>> | null;
}

function runReference(): readonly Reference[] {
  if (python === undefined) return [];
  const given = sharedDicom === undefined ? [] : givenFiles(sharedDicom);
  execFileSync(python, [reference, folder, ...given], { stdio: 'pipe', maxBuffer: 2 ** 28 });
  return JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as readonly Reference[];
}

/** Every single instance and the first one of each series. */
function givenFiles(root: string): readonly string[] {
  const below = (path: string): readonly string[] =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
  const series = readdirSync(join(root, 'series')).flatMap((name) => below(join(root, 'series', name)).slice(0, 1));
  return [...below(join(root, 'files')), ...series];
}

const arrayTypes = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

function typed(type: string, bytes: Buffer): StoredValues {
  const array = arrayTypes[type as keyof typeof arrayTypes];
  return new array(Uint8Array.from(bytes).buffer);
}

function request(row: Reference): RenderRequest {
  const encoding = { littleEndian: row.littleEndian, signed: row.pixelRepresentation === 1 };
  const bytes = ({ data }: RawTable): Uint8Array => Uint8Array.from(Buffer.from(data, 'base64'));
  const modality: ModalityTransform =
    row.modalityTable === null
      ? { kind: 'linear', slope: row.slope, intercept: row.intercept }
      : { kind: 'table', table: lookupTable(row.modalityTable.descriptor, bytes(row.modalityTable), encoding) };
  const [table] = row.voiTables;
  const [window] = row.windows;
  let voi: Voi | undefined;
  if (table !== undefined) {
    const signed = voiInputIsSigned(modality, row);
    voi = { kind: 'table', table: lookupTable(table.descriptor, bytes(table), { ...encoding, signed }) };
  } else if (window !== undefined) {
    voi = { kind: 'window', window: { center: window[0], width: window[1], function: row.function } };
  }
  const channel = (raw: RawTable & { segmented: boolean }): PaletteChannel => ({ ...raw, data: bytes(raw) });
  const tables = row.palette;
  return {
    frame: { ...row, values: typed(row.type, readFileSync(join(folder, `${row.name}.stored`))) },
    width: row.columns,
    height: row.rows,
    bitsStored: row.bitsStored,
    modality,
    voi: row.samplesPerPixel === 1 ? voi : undefined,
    presentationLutShape: row.shape === '' ? undefined : row.shape,
    palette:
      tables === null
        ? undefined
        : palette({ red: channel(tables.red), green: channel(tables.green), blue: channel(tables.blue) }, encoding),
  };
}

const rows = runReference();
const fileName = (row: Reference): string => row.path.split('/').at(-1) ?? '';

/** Where a tool is wrong, or cannot read the file. */
const notInPydicom: readonly string[] = [
  // Looks 8-bit VOI LUTs up with an index of 8 bits, which wraps.
  'made-voi-lut-8.dcm',
];
const notInDcmtk: readonly string[] = [
  // Keeps whole numbers between rescale and window, which loses up to 1 level where the slope is below 1.
  'made-rescaled.dcm',
  // Cannot be parsed by it.
  'Tests__FO-DICOM.Tests__Test Data__GH364.dcm',
];

/** Half a grey level, ours being the nearest byte; 1 where the tool rounds or cuts off once more, or colours are 16 bits. */
function tolerance(row: Reference): number {
  return row.photometricInterpretation === 'YBR_FULL' || row.palette !== null ? 1 : 0.5 + 1e-6;
}

describe.skipIf(python === undefined)('renderFrame against pydicom', () => {
  const comparable = rows.filter((row) => !notInPydicom.includes(fileName(row)));
  it.each(comparable.map((row) => [fileName(row), row] as const))('%s is within rounding', (_, row) => {
    const asked = request(row);
    const { data } = renderFrame(asked);
    const expected = new Float64Array(Uint8Array.from(readFileSync(join(folder, `${row.name}.display`))).buffer);
    const inverted = row.shape === '' ? row.photometricInterpretation === 'MONOCHROME1' : row.shape === 'INVERSE';
    let worst = 0;
    for (let index = 0; index < data.length; index++) {
      const value = inverted ? 255 - (expected[index] ?? 0) : (expected[index] ?? 0);
      worst = Math.max(worst, Math.abs((data[index] ?? 0) - value));
    }
    expect(data.length).toBe(expected.length);
    expect(worst).toBeLessThanOrEqual(tolerance(row));
  });
});

/** A binary PGM (P5) of 8 bits. */
function pgmValues(bytes: Buffer): Buffer {
  const [head] = /^P5\s+(?:#.*\n)?(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 200).toString('latin1')) ?? [];
  if (head === undefined) throw new Error('Expected a PGM of 8 bits.');
  return bytes.subarray(head.length);
}

const hasDcmtk = hasProgram('dcmj2pnm');

describe.skipIf(python === undefined || !hasDcmtk)('renderFrame against dcmj2pnm', () => {
  // Grey alone, and LINEAR: it knows no other function from the file.
  const comparable = rows.filter(
    (row) =>
      row.samplesPerPixel === 1 &&
      row.palette === null &&
      row.function === 'LINEAR' &&
      !row.compressed &&
      !notInDcmtk.includes(fileName(row)),
  );
  it.each(comparable.map((row) => [fileName(row), row] as const))('%s is within 1 grey level', (_, row) => {
    const option = row.voiTables.length > 0 ? '+Wl' : '+Wi';
    const output = join(folder, `${row.name}.pgm`);
    execFileSync('dcmj2pnm', ['+op', '+F', '1', option, '1', row.path, output], { stdio: 'pipe' });
    const expected = pgmValues(readFileSync(output));
    const { data } = renderFrame(request(row));
    const differences = Array.from(data, (byte, index) => Math.abs(byte - (expected[index] ?? -99)));
    expect(data.length).toBe(expected.length);
    expect(differences.reduce((most, difference) => Math.max(most, difference), 0)).toBeLessThanOrEqual(1);
  });
});
