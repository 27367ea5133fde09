import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IdcFilters, type IdcListedSeries, listIdcSeries, StorageError } from '../../../src/index.ts';
import { randomBytes } from '../../support/random.ts';
import { type RangeServer, serveRanges } from '../../support/range-server.ts';

const rowCount = 3_000;
const rows = Array.from({ length: rowCount }, (_, row) => row);
const buckets = ['idc-open-data', 'idc-open-data-two', 'idc-open-data-cr'];
const uidOf = (row: number): string => `1.2.3.${row}`;
const uuidOf = (row: number): string => `${(0x38902e14 + row).toString(16)}-b11f-4548-910e-771ee757dc82`;
const collections = ['nlst', 'tcga_brca', 'prostatex'];

function writeIndex(without = ''): Uint8Array {
  const column = (name: string, cellOf: (row: number) => string) => ({
    ...{ name, type: 'STRING' as const, data: rows.map(cellOf) },
  });
  const columnData = [
    column('collection_id', (row) => collections[Math.floor(row / 1_000)] ?? ''),
    column('PatientID', (row) => `patient ${row % 500}`),
    column('SeriesInstanceUID', uidOf),
    column('aws_bucket', (row) => buckets[row % 3] ?? ''),
    column('crdc_series_uuid', uuidOf),
    column('series_aws_url', (row) => `s3://${buckets[row % 3]}/${uuidOf(row)}/*`),
    column('Modality', (row) => (row % 2 === 0 ? 'CT' : 'MR')),
    column('BodyPartExamined', (row) => (row % 5 === 0 ? 'CHEST' : 'BREAST')),
    column('license_url', (row) => Buffer.from(randomBytes(row + 1, 300)).toString('hex')),
  ].filter(({ name }) => name !== without);
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 500 }));
}

let folder = '';
let server: RangeServer | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
  server = await serveRanges('idc.parquet', writeIndex());
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function list(filters: IdcFilters, limit = Infinity, root?: string): Promise<readonly IdcListedSeries[]> {
  const found: IdcListedSeries[] = [];
  const options = { idcIndex: server?.url ?? '', noCache: true, ...(root === undefined ? {} : { root }) };
  for await (const series of listIdcSeries(filters, options)) {
    found.push(series);
    if (found.length >= limit) break;
  }
  return found;
}

describe('series of the Imaging Data Commons, by their index', () => {
  it('are all there without a filter, with what names them', async () => {
    const found = await list({});
    expect(found.length).toBe(rowCount);
    expect(found[1_001]).toEqual({
      seriesInstanceUid: uidOf(1_001),
      location: `s3://idc-open-data-cr/${uuidOf(1_001)}/`,
      uuid: uuidOf(1_001),
      collection: 'tcga_brca',
      patientId: '',
    });
  });

  it('say patients only where they are asked to', async () => {
    const options = { idcIndex: server?.url ?? '', noCache: true, includePatient: true };
    await expect(listIdcSeries({}, options).next()).resolves.toMatchObject({ value: { patientId: 'patient 0' } });
  });

  it('agree with every filter, in any case', async () => {
    const expected = rows.filter((row) => row >= 1_000 && row < 2_000 && row % 2 === 0 && row % 5 === 0);
    const found = await list({ collection: ['TCGA_BRCA'], modality: ['ct', 'US'], bodyPart: ['chest'] });
    expect(found.map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual(expected.map(uidOf));
    const patient = await list({ patient: ['patient 7'], collection: ['nlst', 'prostatex'] });
    expect(patient.map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual([7, 507, 2_007, 2_507].map(uidOf));
    expect(await list({ collection: ['nothing'] })).toEqual([]);
  });

  it('are of the provider that the root is of', async () => {
    const [first] = await list({ modality: ['MR'] }, 1, 'gs://idc-open-data');
    expect(first?.location).toBe(`gs://idc-open-idc1/${uuidOf(1)}/`);
  });

  it('cost no more than what comes before the last one that is wanted', async () => {
    const before = server?.requests.length ?? 0;
    await list({}, 10);
    const few = server?.requests.slice(before) ?? [];
    await list({ collection: ['prostatex'] });
    const all = server?.requests.slice(before + few.length) ?? [];
    const bytes = (requests: readonly { readonly sent: number }[]): number =>
      requests.reduce((sum, { sent }) => sum + sent, 0);
    expect(bytes(few)).toBeLessThan(bytes(all));
    expect(bytes(all)).toBeLessThan(writeIndex().length / 4);
  });

  it('are refused where the index lacks what is asked for', async () => {
    const path = join(folder, 'other.parquet');
    writeFileSync(path, writeIndex('Modality'));
    const first = (filters: IdcFilters): Promise<unknown> =>
      listIdcSeries(filters, { idcIndex: path, noCache: true }).next();
    await expect(first({ modality: ['CT'] })).rejects.toThrow(/expected the column Modality/);
    await expect(first({ modality: ['CT'] })).rejects.toBeInstanceOf(StorageError);
    await expect(first({})).resolves.toMatchObject({ done: false });
  });
});
