/**
 * Makes an atlas with as many rows as wanted, for the page to be measured on: a few dozen generated series are built in
 * earnest, and their rows repeated with other UIDs, places, descriptions and flags. `atlas finish` does the rest.
 *
 *     node bench/page/make-atlas.js OUT [--rows 1000000]
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { fileWriter, parquetWriteRows } from 'hyparquet-writer';
import {
  ctInstances,
  localizerInstances,
  mrInstances,
  petInstances,
  seededRandom,
  writeSeriesFolder,
} from '../../test/support/dicom/index.js';
import { root } from '../context.js';
import { isMain } from '../is-main.js';

/** @typedef {import('hyparquet-writer').BasicType} BasicType */
/** @typedef {Record<string, string | number | null>} Row */

const partRows = 20_000;
const modalities = ['CT', 'CT', 'CT', 'MR', 'MR', 'MR', 'PT', 'SEG', 'SR', 'CR', 'DX', 'MG', 'US', 'SM', 'RTSTRUCT'];
const bodyParts = ['CHEST', 'BRAIN', 'ABDOMEN', 'BREAST', 'PROSTATE', 'HEAD', 'LUNG', 'KIDNEY', 'PELVIS', 'LIVER', ''];
const sequences = [
  'AX T1',
  'AX T2 FLAIR',
  'COR STIR',
  'SAG T2',
  'CHEST WO',
  'LUNG 1.0',
  'BONE',
  'PET WB',
  'ADC',
  'DWI b800',
];
const flags = ['few-instances', 'gaps', 'irregular-spacing', 'localizer', 'mixed-orientation', 'may-show-patient'];

/** @param {string} name of the series, so that all have other UIDs @param {number} length */
function uidOf(name, length) {
  const digest = createHash('sha256').update(name).digest();
  const digits = BigInt(`0x${digest.toString('hex')}`).toString();
  return `1.3.6.1.4.1.14519.5.2.1.${digits}`.slice(0, length);
}

/** Series with pictures worth looking at. @param {string} folder */
function writeSource(folder) {
  const shape = { rows: 128, spacing: /** @type {const} */ ([3.2, 3.2]), sliceSpacing: 10 };
  for (let seed = 1; seed <= 12; seed++) {
    const write = (
      /** @type {string} */ kind,
      /** @type {Iterable<import('../../test/support/dicom/index.js').GeneratedInstance>} */ instances,
    ) => writeSeriesFolder(join(folder, `${kind}-${seed}`), instances);
    write('ct', ctInstances({ seed, instances: 30 + seed, ...shape }));
    write('mr', mrInstances({ seed, instances: 24, ...shape }));
    write('pt', petInstances({ seed, instances: 36, ...shape }));
    write('scout', localizerInstances({ seed, rows: 128 }));
  }
}

/** @param {string} out @param {number} rows */
export async function makeAtlas(out, rows) {
  const cli = join(root, 'dist/cli.js');
  const source = mkdtempSync(join(tmpdir(), 'dicom-series-preview-bench-page-'));
  rmSync(out, { recursive: true, force: true });
  try {
    writeSource(source);
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = ['ignore', 'ignore', 'inherit'];
    execFileSync(process.execPath, [cli, 'atlas', 'build', source, out, '--no-page', '--quiet'], { stdio });
    const parts = join(out, 'parts');
    /** @type {Row[]} */
    const made = [];
    const [first = ''] = readdirSync(parts);
    const { schema, key_value_metadata: facts = [] } = parquetMetadata(bufferOf(join(parts, first)));
    for (const name of readdirSync(parts)) {
      made.push(...(await parquetReadObjects({ file: bufferOf(join(parts, name)) })));
      rmSync(join(parts, name));
    }
    mkdirSync(parts, { recursive: true });
    const columns = schema.slice(1).map(({ name, type, converted_type, repetition_type }) => ({
      name,
      type: /** @type {BasicType} */ (converted_type === 'UTF8' ? 'STRING' : (type ?? 'STRING')),
      nullable: repetition_type === 'OPTIONAL',
    }));
    /** The facts of a part, with the length of a tar file of its own: an empty one where its pictures lie in others. */
    const factsFor = (/** @type {string} */ name) => {
      const shard = join(out, 'shards', `${name}.tar`);
      if (!existsSync(shard)) writeFileSync(shard, new Uint8Array(1024));
      const shardLength = statSync(shard).size;
      return facts.map(({ key, value = '{}' }) => ({
        key,
        value: key.endsWith('.part') ? JSON.stringify({ ...JSON.parse(value), shardLength }) : value,
      }));
    };
    for (let from = 0; from < rows; from += partRows) {
      const name = String(from / partRows).padStart(5, '0');
      const writer = fileWriter(join(parts, `${name}.parquet`));
      const part = Array.from({ length: Math.min(partRows, rows - from) }, (_, index) => rowOf(from + index, made));
      await parquetWriteRows({ writer, rows: part, columns, kvMetadata: factsFor(name), rowGroupSize: partRows });
    }
    execFileSync(process.execPath, [cli, 'atlas', 'finish', out, '--no-self-contained', '--quiet'], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
  } catch (error) {
    // 6: done in part, since some rows say that they failed.
    if (!(error instanceof Error && 'status' in error && error.status === 6)) throw error;
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
}

/** @param {number} index @param {readonly Row[]} made @returns {Row} */
function rowOf(index, made) {
  const random = seededRandom(index + 1);
  const pick = (/** @type {readonly string[]} */ list) => list[Math.floor(random() ** 1.5 * list.length)] ?? '';
  const base = made[index % made.length] ?? {};
  const uid = uidOf(`series ${index}`, 60 + (index % 5));
  const fails = random() < 0.02;
  const raised = flags.filter(() => random() < 0.06);
  return {
    ...base,
    ...{ series_instance_uid: uid, study_instance_uid: uidOf(`study ${index >> 2}`, 62), id: uid, name: uid },
    ...{
      collection: `collection_${String(Math.floor(random() ** 2 * 150)).padStart(3, '0')}`,
      root: 's3://idc-open-data',
    },
    ...{
      modality: pick(modalities),
      body_part: pick(bodyParts),
      manufacturer: pick(['SIEMENS', 'GE MEDICAL SYSTEMS', 'Philips']),
    },
    description: `${pick(sequences)} ${Math.floor(random() ** 3 * 4000)}`,
    orientation: pick(['axial', 'coronal', 'sagittal', 'oblique-axial', 'none']),
    ...{
      instances: 1 + Math.floor(random() ** 3 * 900),
      byte_length: Math.floor(random() ** 4 * 1e9),
      flags: raised.join(','),
    },
    ...(fails
      ? {
          ...{ status: 'failed', error_code: 'decode', error_message: 'Expected 131072 bytes but received 4.' },
          ...{ shard: null, offset: null, length: null, pictures: '[]' },
        }
      : {}),
  };
}

/** @param {string} path */
function bufferOf(path) {
  const bytes = readFileSync(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

if (isMain(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rows: { type: 'string', default: '1000000' } },
  });
  const [out] = positionals;
  if (out === undefined) {
    console.error('Usage: node bench/page/make-atlas.js OUT [--rows 1000000]');
    process.exitCode = 2;
  } else await makeAtlas(out, Number(values.rows));
}
