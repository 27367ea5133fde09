import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseDicomdir } from '../../../src/dicom/dicomdir/dicomdir.ts';
import { openHeaderIndexCache } from '../../../src/header-index/cache.ts';
import { digestLength, digestOf } from '../../../src/header-index/cache-files.ts';
import { digestOffset } from '../../../src/header-index/columns.ts';
import { scanOrRecall } from '../../../src/series/header-pass/scan-or-recall.ts';
import { createZipStore } from '../../../src/storage/zip/store.ts';
import { ctSeries } from '../../support/dicom/index.js';
import { makeDicomdir, seriesRecords } from '../../support/dicomdir.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { makeZip, zipOf } from '../../support/zip.ts';
import { type FuzzTarget, tokensOf } from '../target.ts';

const small = new Map(
  [...ctSeries({ rows: 4, instances: 2 })].map(([key, bytes]) => [`a/${key}`, bytes.slice(0, 900)]),
);

export const zip: FuzzTarget = {
  name: 'zip',
  weight: 4,
  tokens: tokensOf(
    'PK\x01\x02',
    'PK\x03\x04',
    'PK\x05\x06',
    'PK\x06\x06',
    'PK\x06\x07',
    '../',
    '\\',
    '\0',
    '\x01\x00\x10\x00',
  ),
  seeds: async () => [
    zipOf(small),
    zipOf(small, { zip64: true, comment: 'PK' }),
    makeZip([...small].map(([name, bytes]) => ({ name, bytes, stored: true, descriptor: true }))),
    Buffer.concat([Buffer.from('before'), makeZip([{ name: '../x', bytes: Buffer.alloc(5000) }])]),
  ],
  async run(bytes) {
    const store = createZipStore({
      store: new MemoryStore(new Map([['a.zip', bytes]])),
      key: 'a.zip',
      onWarning: () => {},
    });
    let firstError: unknown;
    try {
      for (const { key, byteLength = 0 } of (await store.list('')).slice(0, 4)) {
        for (const offset of [0, byteLength >> 1]) {
          await store.read(key, { offset, length: 700 }).catch((error: unknown) => {
            firstError ??= error;
          });
        }
      }
    } finally {
      await store.close();
    }
    if (firstError !== undefined) throw firstError;
  },
};

export const dicomdir: FuzzTarget = {
  name: 'dicomdir',
  weight: 100,
  tokens: tokensOf(
    '\xfe\xff\x00\xe0\xff\xff\xff\xff',
    '\xfe\xff\x0d\xe0\x00\x00\x00\x00',
    '\x04\x00\x00\x14UL\x04\x00',
    '\x04\x00\x20\x14UL\x04\x00',
    'IMAGE ',
    'SERIES',
    '..\\',
  ),
  seeds: async () => {
    const records = seriesRecords({ '1.2.3.4': ['DICOM/IM1', 'DICOM/IM2'], '1.2.3.5': ['OTHER/A/B/C'] });
    return [
      makeDicomdir(records),
      makeDicomdir(records, { undefinedLengths: true }),
      makeDicomdir(records, { shiftOffsets: 2 }),
    ];
  },
  run: (bytes) => parseDicomdir(bytes),
};

const place = 'memory://test';

/** A cache below the folder that the process was given. */
function cacheBelow(folder: string): NonNullable<ReturnType<typeof openHeaderIndexCache>> {
  const cache = openHeaderIndexCache({ cacheDir: folder, noCache: false });
  if (cache === undefined) throw new Error('Expected a cache folder.');
  return cache;
}

/** The digest is put right after the change: what it does not catch must not harm either. */
export const headerIndex: FuzzTarget = {
  name: 'header-index',
  weight: 1,
  seeds: async () => {
    const objects = ctSeries({ rows: 4, instances: 3 });
    const store = new MemoryStore(objects);
    const listed = await store.list('');
    const scan = await scanOrRecall({ store, known: undefined, isImmutable: false }, listed, { wholeObjects: false });
    const cache = cacheBelow(workFolder());
    await cache.keep(place, scan.indexed);
    return [readFileSync(cache.pathOf(place))];
  },
  async run(bytes) {
    const contentOffset = digestOffset + digestLength;
    if (bytes.length < contentOffset) return;
    bytes.set(digestOf(bytes.subarray(contentOffset)), digestOffset);
    const cache = cacheBelow(workFolder());
    mkdirSync(dirname(cache.pathOf(place)), { recursive: true });
    writeFileSync(cache.pathOf(place), bytes);
    await cache.recall(place);
  },
};

/** A folder of this process alone; the runner removes it. */
function workFolder(): string {
  return process.env['FUZZ_WORK_FOLDER'] ?? '.';
}
