// Planning an archive: a list of 1,000,000 series (Parquet, as the Imaging Data Commons publish theirs), cut into chunks.
//
//   node bench/stages/plan.js [COUNT]
//
// Says the seconds and the largest memory of the process that plans; with REDIS=redis://host:port also of enqueueing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parquetWriteFile } from 'hyparquet-writer';

const count = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-bench-'));
const list = join(folder, 'series.parquet');
const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** @param {string} name @param {(row: number) => string} cellOf */
const column = (name, cellOf) => ({
  name,
  type: /** @type {const} */ ('STRING'),
  data: Array.from({ length: count }, (_, row) => cellOf(row)),
});
/** @param {number} row */
const hash = (row) => createHash('md5').update(String(row)).digest('hex');
/** @param {number} row */
const uuid = (row) => hash(row).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

parquetWriteFile({
  filename: list,
  columnData: [
    column('collection_id', (row) => `collection_${Math.floor(row / 8_000)}`),
    column('PatientID', (row) => `PATIENT-${Math.floor(row / 15)}`),
    column('SeriesInstanceUID', (row) => `1.3.6.1.4.1.14519.5.2.1.7009.9004.${BigInt(`0x${hash(row).slice(0, 24)}`)}`),
    column('crdc_series_uuid', uuid),
    column('aws_bucket', () => 'idc-open-data'),
    column('series_aws_url', (row) => `s3://idc-open-data/${uuid(row)}/*`),
    column('Modality', (row) => ['CT', 'MR', 'SM', 'SEG'][row % 4] ?? ''),
    column('BodyPartExamined', (row) => ['CHEST', 'BREAST', 'BRAIN'][row % 3] ?? ''),
  ],
  rowGroupSize: [Number(process.env['ROWS'] ?? 122_880)],
});
console.log(`${count} series, ${(statSync(list).size / 1e6).toFixed(0)} MB of Parquet`);

/** @param {string} what @param {readonly string[]} args */
function measure(what, args) {
  const { stderr, status } = spawnSync(
    '/usr/bin/time',
    ['-f', '%e s (processor %U s), %M kB', process.execPath, program, 'atlas', ...args],
    {
      encoding: 'utf8',
    },
  );
  console.log(`${what}: ${stderr.trim().split('\n').slice(-3).join(' | ')} (exit ${status})`);
}

const out = join(folder, 'atlas');
measure('plan of a list', ['build', list, out, '--dry-run']);
measure('plan of idc', ['build', 'idc', out, '--dry-run', '--idc-index', list, '--no-cache']);
const redis = process.env['REDIS'];
if (redis !== undefined) measure('enqueue', ['enqueue', list, out, '--queue', redis]);
rmSync(folder, { recursive: true, force: true });
