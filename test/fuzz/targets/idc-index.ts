import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { findIdcSeries } from '../../../src/header-index/idc/idc-lookup.ts';
import { openTable } from '../../../src/header-index/idc/parquet/table.ts';
import { findSeries } from '../../../src/header-index/idc/thread/find-series.ts';
import { listRows } from '../../../src/header-index/idc/thread/list-rows.ts';
import { querySeries } from '../../../src/header-index/idc/thread/query-series.ts';
import { bufferOf } from '../../support/parquet.ts';
import { type FuzzTarget, tokensOf } from '../target.ts';

const uid = '1.3.6.1.4.1.14519.5.2.1';
const rows = Array.from({ length: 40 }, (_, row) => row);

async function seeds(): Promise<readonly Uint8Array[]> {
  const text = (name: string, cellOf: (row: number) => string, more: Partial<ColumnSource> = {}): ColumnSource => ({
    ...{ name, type: 'STRING', data: rows.map(cellOf), columnIndex: true },
    ...more,
  });
  const columns = (more: Partial<ColumnSource>): ColumnSource[] => [
    text('SeriesInstanceUID', (row) => `${uid}.${row}`, { bloomFilter: true, ...more }),
    text('crdc_series_uuid', (row) => `00000000-0000-0000-0000-${String(row).padStart(12, '0')}`, more),
    text('aws_bucket', () => 'idc-open-data'),
    text('Modality', (row) => (row % 3 === 0 ? 'CT' : 'MR')),
    { name: 'instanceCount', type: 'INT64', data: rows.map((row) => BigInt(row)) },
    { name: 'series_size_MB', type: 'DOUBLE', data: rows.map((row) => row / 3), nullable: false },
  ];
  const compressors = { GZIP: (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes)) };
  const makings = [
    { codec: 'SNAPPY', more: {} },
    { codec: 'UNCOMPRESSED', more: {} },
    { codec: 'GZIP', more: { nullable: true } },
    { codec: 'UNCOMPRESSED', more: { encoding: 'DELTA_BYTE_ARRAY' } },
    { codec: 'UNCOMPRESSED', more: { encoding: 'DELTA_LENGTH_BYTE_ARRAY' } },
  ] as const;
  return makings.map(({ codec, more }) => {
    const columnData = columns(more);
    return new Uint8Array(parquetWriteBuffer({ columnData, codec, compressors, rowGroupSize: 15, pageSize: 400 }));
  });
}

const tokens = tokensOf(
  'PAR1',
  '\x15\x00',
  '\xff\xff\xff\xff\x07',
  '\xff\xff\xff\xff\x0f',
  '\xfc\xff\xff\x7f',
  '\x19\xfc\x00',
);

/**
 * What runs in the thread: there, a file that takes too long or too much is ended with the thread. Here it is a find, and any
 * error is as good as another.
 */
export const idcIndex: FuzzTarget = {
  name: 'idc-index',
  weight: 10,
  tokens,
  allowed: [Error],
  seeds,
  async run(bytes) {
    const open = (): ReturnType<typeof openTable> => openTable(bufferOf(bytes));
    const list = async (): Promise<void> => {
      const job = { kind: 'list', wanted: [{ column: 'Modality', values: ['mr'] }], columns: ['PatientID'] } as const;
      for await (const answer of listRows(await open(), job, () => {})) {
        if (answer.kind !== 'rows' || answer.count > 8_192) throw new RangeError('expected rows');
      }
    };
    const errors: unknown[] = [];
    const note = (error: unknown): void => void errors.push(error);
    await open()
      .then((table) => findSeries(table, `${uid}.33`, () => {}))
      .catch(note);
    await open()
      .then((table) => querySeries(table, { modality: 'MR' }, { limit: 20, offset: 3 }, () => {}))
      .catch(note);
    await list().catch(note);
    if (errors.length > 0) throw errors[0];
  },
};

/** The same in its thread. */
export const idcThread: FuzzTarget = {
  name: 'idc-thread',
  weight: 1,
  tokens,
  seeds,
  async run(bytes) {
    const path = join(process.env['FUZZ_WORK_FOLDER'] ?? '.', 'index.parquet');
    writeFileSync(path, bytes);
    await findIdcSeries(`${uid}.33`, 's3://idc-open-data', { idcIndex: path, noCache: true });
  },
};
