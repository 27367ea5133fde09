import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPreviewer } from '../../src/index.ts';
import { type Attributes, ctSeries, mrSeries, transferSyntax } from '../support/dicom/index.js';
import { runWithLibrary } from '../support/run-with-library.ts';
import { seriesFolders } from '../support/series-folders.ts';

const { root, write, remove } = seriesFolders('headers');
afterAll(remove);

const extra = (all: Attributes, index: number): Attributes => ({
  ...all,
  ImageComments: undefined,
  SeriesDescription: 'plain',
  '00181314': { vr: 'DS', value: `${10 + index}` },
  '00200012': { vr: 'IS', value: '-4' },
  '00091001': { vr: 'LO', value: 'secret' },
  '00189087': { vr: 'FD', value: 12.5 },
  '00280009': { vr: 'AT', bytes: new Uint8Array([0x18, 0, 0x63, 0x10]) },
  '00204000': { vr: 'LT', value: 'free text' },
});
const size = { instances: 3, rows: 8, seed: 4 };
const folder = write('plain', ctSeries({ ...size, attributes: extra }));
const rowsOf = (out: string): Record<string, unknown>[] => JSON.parse(out);

describe('headers', () => {
  it('writes what the header pass finds, in each format', async () => {
    const { code, out } = await runWithLibrary(['headers', folder]);
    expect(code).toBe(0);
    const rows = rowsOf(out);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ modality: 'CT', rows: 8 });
    const lines = (await runWithLibrary(['headers', folder, '-', '--format', 'jsonl'])).out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(rows);
    const csv = join(root, 'rows.csv');
    expect((await runWithLibrary(['headers', folder, csv])).code).toBe(0);
    expect(readFileSync(csv, 'utf8').split('\r\n')).toHaveLength(5);
    const parquet = join(root, 'rows.parquet');
    expect((await runWithLibrary(['headers', folder, parquet])).code).toBe(0);
    expect(readFileSync(parquet).subarray(0, 4).toString()).toBe('PAR1');
  });

  it.each([
    transferSyntax.explicitLittleEndian,
    transferSyntax.implicitLittleEndian,
    transferSyntax.deflatedExplicitLittleEndian,
    transferSyntax.explicitBigEndian,
  ])('writes chosen attributes by keyword, number and glob: %s', async (transferSyntaxUid) => {
    const attributes = (all: Attributes, index: number): Attributes => ({
      ...extra(all, index),
      '00280009': undefined,
    });
    const own = write(transferSyntaxUid, ctSeries({ ...size, transferSyntaxUid, attributes }));
    const args = ['--tag', 'Rows', '--tag', '(0018,9087)', '--tag', 'imagepos*', '--tag', '0008103e'];
    const rows = rowsOf((await runWithLibrary(['headers', own, '-', ...args])).out);
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      expect(row).toMatchObject({ Rows: 8, DiffusionBValue: 12.5, SeriesDescription: 'plain' });
      expect(row['ImagePositionPatient']).toHaveLength(3);
      expect(Object.keys(row)).toHaveLength(5);
    }
  });

  it('keeps numbers that are negative, and names attributes whose keyword it does not know by number', async () => {
    const args = ['--tag', '0020,0012', '--tag', 'FlipAngle', '--tag', '0028,0009', '--format', 'csv'];
    const { out } = await runWithLibrary(['headers', folder, '-', ...args]);
    const [names, first] = out.split('\r\n');
    expect(names).toBe('key,FlipAngle,AcquisitionNumber,FrameIncrementPointer');
    expect(first).toMatch(/,1[0-2],-4,"?\(0018,1063\)"?$/);
  });

  it('writes one instance, in order', async () => {
    const all = rowsOf((await runWithLibrary(['headers', folder, '-', '--tag', 'SOPInstanceUID'])).out);
    const one = rowsOf((await runWithLibrary(['headers', folder, '-', '--position', '0', '--slice-offset', '1'])).out);
    expect(one).toHaveLength(1);
    const named = await runWithLibrary(['headers', folder, '-', '--position', '0', '--tag', 'Patient*Name']);
    expect(named.err).toContain('standard output: 1 row of json\n');
    expect(named.err).toContain('warning: 1 attribute may describe the patient and is left out, such as PatientName.');
    expect(one[0]?.['SOPInstanceUID']).toBe(all[1]?.['SOPInstanceUID']);
    expect(one[0]).toHaveProperty('FlipAngle');
    const missing = ['--tag', 'EchoTime', '--tag', 'Patient*Name', '--tag', 'FlipAngle', '--tag', 'Segm*'];
    expect((await runWithLibrary(['headers', folder, '-', ...missing])).err).toContain(
      'warning: There is nothing to show of EchoTime, Segm*: no instance has it, or it is a sequence.\n',
    );
    const outside = await runWithLibrary(['headers', folder, '-', '--position', '1', '--slice-offset', '1']);
    expect(outside.code).toBe(2);
  });

  it('leaves out what describes the patient, unless it is asked for', async () => {
    const plain = await runWithLibrary(['headers', folder, '-', '--tag', '*']);
    expect(plain.out).not.toMatch(/PHANTOM[\^-]|secret|free text|Date|Time"|PatientName/);
    expect(plain.err).toMatch(/warning: \d+ attributes may describe the patient and are left out/);
    const whole = await runWithLibrary(['headers', folder, '-', '--tag', '*', '--include-patient']);
    expect(rowsOf(whole.out)[0]).toMatchObject({
      PatientName: 'PHANTOM^CT',
      '(0009,1001)': 'secret',
      ImageComments: 'free text',
    });
    expect(whole.err).not.toMatch(/warning/);
  });

  it('splits what all rows share from the rest', async () => {
    const { out } = await runWithLibrary(['headers', folder, '-', '--tag', '*', '--split-constant']);
    const { constant, rows } = JSON.parse(out);
    expect(constant).toMatchObject({ Modality: 'CT', Rows: 8 });
    expect(constant).not.toHaveProperty('SOPInstanceUID');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toHaveProperty('FlipAngle');
    expect(rows[0]).not.toHaveProperty('Rows');
    const jsonl = (await runWithLibrary(['headers', folder, '-', '--split-constant', '--format', 'jsonl'])).out;
    expect(Object.keys(JSON.parse(jsonl.split('\n')[0] ?? ''))).toEqual(['constant']);
  });

  it('refuses what makes no sense, and writes nothing then', async () => {
    const unknown = await runWithLibrary(['headers', folder, join(root, 'x.json'), '--tag', 'EchoTim']);
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("Did you mean 'EchoTime'?") });
    expect(existsSync(join(root, 'x.json'))).toBe(false);
    for (const args of [
      ['x.parquet', '--tag', 'Rows'],
      ['x.csv', '--split-constant'],
      ['x.txt'],
      ['-', '--slice-offset', '2'],
    ]) {
      expect((await runWithLibrary(['headers', folder, ...args])).code, args.join(' ')).toBe(2);
    }
  });
});

describe('attributes of an open series', () => {
  it('come in the order of the series, each instance once', async () => {
    const previewer = createPreviewer();
    const series = await previewer.openSeries(
      write('mr', mrSeries({ instances: 4, rows: 8, volumes: 2, shuffleKeys: true })),
      { noCache: true },
    );
    const { rows, warnings } = await series.attributes({ tags: ['SliceLocation', 'EchoTime'] });
    expect(warnings).toEqual([]);
    expect(rows.map((row) => row['EchoTime'])).toEqual([15, 35, 15, 35, 15, 35, 15, 35]);
    await series.close();
    await previewer.close();
  });
});
