import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TimeoutError } from '../../../src/base/errors.ts';
import { answerOfIdcIndex } from '../../../src/header-index/idc/idc-answers.ts';
import { findIdcSeries } from '../../../src/header-index/idc/idc-lookup.ts';
import { openTable } from '../../../src/header-index/idc/parquet/table.ts';
import { findSeries } from '../../../src/header-index/idc/thread/find-series.ts';
import { listIdcSeries, StorageError, searchIdc } from '../../../src/index.ts';
import {
  bufferOf,
  type HandmadeColumn,
  handmadeParquet,
  page,
  plainTexts,
  type Thrift,
  thrift,
  varint,
} from '../../support/parquet.ts';

const rows = 20;
const all = Array.from({ length: rows }, (_, row) => row);
const uids = all.map((row) => `1.2.3.${row}`);
const uuidOf = (row: number): string => `00000000-0000-0000-0000-${String(row).padStart(12, '0')}`;
const texts = plainTexts(uids);
const url = {
  name: 'series_aws_url',
  pages: page(plainTexts(all.map((row) => `s3://idc-open-data/${uuidOf(row)}/*`)), { values: rows }),
};

/** An index whose column of UIDs is made by hand. */
function index(pages: Uint8Array, claims: HandmadeColumn['claims'] = {}): Buffer {
  return handmadeParquet(rows, [{ name: 'SeriesInstanceUID', pages, claims }, url]);
}

const whole = page(texts, { values: rows });
const claimed = (claims: { readonly [field: number]: Thrift }): Buffer => index(whole, claims);
const dictionary = page(texts, { type: 2, values: rows });
const places = (...body: readonly Uint8Array[]): Buffer =>
  index(Buffer.concat([dictionary, page(Buffer.concat([Buffer.from([5]), ...body]), { values: rows, encoding: 8 })]));
const run = (count: number, value: number): Buffer => Buffer.concat([varint(BigInt(count) * 2n), Buffer.from([value])]);
/** Lengths as differences: blocks, their parts, how many, the first; then what a block holds. */
const differences = (...numbers: readonly number[]): Buffer =>
  Buffer.concat(numbers.map((each) => varint(BigInt(each))));
const max = 0x7fffffff;

const hostile: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  [
    'a page that does not say its size, which would be read again for ever',
    () => index(page(texts, { values: rows - 1, compressed: 'unsaid' })),
    /bytes of a page/,
  ],
  ['a page of fewer than no bytes', () => index(page(texts, { values: rows, compressed: -17 })), /bytes of a page/],
  [
    'a page that goes on beyond the file',
    () => index(page(texts, { values: rows, compressed: max })),
    /bytes of a page/,
  ],
  [
    'a page of two gigabytes after decompression',
    () => index(page(texts, { values: rows, uncompressed: max })),
    /bytes of pages/,
  ],
  ['a page of two thousand million values', () => index(page(texts, { values: max })), /values of SeriesInstanceUID/],
  ['a page of fewer than no values', () => index(page(texts, { values: -3 })), /values of SeriesInstanceUID/],
  ['pages that end too soon', () => index(page(plainTexts(uids.slice(0, 9)), { values: 9 })), /end after 9/],
  [
    'a page that has fewer texts than it claims',
    () => index(page(texts.subarray(0, 40), { values: rows })),
    /texts|bounds/,
  ],
  ['a text of a gigabyte', () => index(page(Buffer.from([0, 0, 0, 64, 65]), { values: rows })), /bytes of a text/],
  [
    'pages without end that have no values',
    () => index(Buffer.concat(new Array(70_000).fill(page(Buffer.alloc(0), { values: 0 })))),
    /pages of SeriesInstanceUID/,
  ],
  ['a page of an unknown kind', () => index(page(texts, { values: rows, type: 7 })), /pages of values/],
  [
    'a dictionary of two thousand million values',
    () => index(Buffer.concat([page(texts, { type: 2, values: max }), whole])),
    /values of SeriesInstanceUID/,
  ],
  ['a run of a thousand million places in the dictionary', () => places(run(2 ** 30, 1)), /a run has 1073741824/],
  ['packed places without end', () => places(varint(2n ** 28n + 1n), Buffer.alloc(20)), /a run has/],
  ['runs that end too soon', () => places(run(3, 1)), /the page has 3/],
  ['a run whose length never ends', () => places(Buffer.alloc(30, 255)), /20 values/],
  [
    'differences in fewer than no parts, which would be read again for ever',
    () =>
      index(
        page(Buffer.concat([differences(128, 2 ** 32 - 1, rows, 10), Buffer.alloc(200)]), {
          values: rows,
          encoding: 6,
        }),
      ),
    /parts of a block/,
  ],
  [
    'differences in no parts',
    () => index(page(Buffer.concat([differences(128, 0, rows, 10), Buffer.alloc(200)]), { values: rows, encoding: 6 })),
    /in 0 parts/,
  ],
  [
    'texts that share more than there is',
    () =>
      index(
        page(
          Buffer.concat([
            differences(128, 4, rows, 2000),
            Buffer.from([0, 0, 0, 0, 0]),
            differences(128, 4, rows, 2),
            Buffer.alloc(100),
          ]),
          { values: rows, encoding: 7 },
        ),
      ),
    /a text shares/,
  ],
  ['a structure that is deeper than any', () => index(Buffer.alloc(5000, 0x1c)), /structures at most/],
  [
    'a number without end',
    () => index(Buffer.concat([Buffer.from([0x16]), Buffer.alloc(5000, 0xff)])),
    /numbers of at most/,
  ],
  [
    'a list that is longer than the file',
    () => index(Buffer.concat([Buffer.from([0x19, 0xf5]), varint(2n ** 27n), Buffer.alloc(50)])),
    /elements/,
  ],
  ['a column before the file', () => claimed({ 9: -8n }), /an offset/],
  ['a column beyond the file', () => claimed({ 9: 2n ** 40n }), /an offset/],
  ['a dictionary beyond the file', () => claimed({ 11: 2n ** 62n }), /an offset/],
  ['a column of more bytes than the file', () => claimed({ 7: 2n ** 33n }), /bytes of SeriesInstanceUID/],
  ['a column of fewer than no bytes', () => claimed({ 7: -1n }), /bytes of SeriesInstanceUID/],
  ['more values than rows', () => claimed({ 5: BigInt(rows + 1) }), /values of SeriesInstanceUID/],
  ['a column of another type than the schema says', () => claimed({ 1: 2 }), /each row group/],
  [
    'a row group of 2^62 rows',
    () => handmadeParquet(rows, [{ name: 'SeriesInstanceUID', pages: whole }, url], { rows: 2n ** 62n }),
    /rows of a row group/,
  ],
  [
    'a row group of fewer than no rows',
    () => handmadeParquet(rows, [{ name: 'SeriesInstanceUID', pages: whole }, url], { rows: -1n }),
    /rows of a row group/,
  ],
  [
    'a schema that claims more columns than there are',
    () => withFooter({ 1: 1, 2: [{ 4: 'schema', 5: max }], 3: 1n, 4: [] }),
    /columns of a group/,
  ],
  [
    'a schema of fewer than no columns',
    () => withFooter({ 1: 1, 2: [{ 4: 'schema', 5: -1 }], 3: 1n, 4: [] }),
    /columns of a group/,
  ],
  ['a footer that is none', () => withFooter(Buffer.alloc(200, 0xff)), /Parquet|fields|numbers|bytes/],
  [
    'a footer that is longer than the file',
    () => Buffer.from('PAR1\0\0\0\0\xff\xff\xff\x7fPAR1', 'latin1'),
    /a footer/,
  ],
  ['no footer', () => Buffer.from('PAR1PAR1'), /too short/],
];

function withFooter(footer: Thrift): Buffer {
  return handmadeParquet(rows, [url], { footer: footer instanceof Uint8Array ? footer : thrift(footer) });
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const find = async (bytes: Uint8Array): Promise<unknown> => {
  return findSeries(await openTable(bufferOf(bytes)), '1.2.3.13', () => {});
};

describe('an index that is made by hand', () => {
  const found = { kind: 'found', series: { awsBucket: 'idc-open-data', uuid: uuidOf(13) } };

  it.each([
    ['plain', index(whole)],
    [
      'in two pages',
      index(
        Buffer.concat([
          page(plainTexts(uids.slice(0, 9)), { values: 9 }),
          page(plainTexts(uids.slice(9)), { values: 11 }),
        ]),
      ),
    ],
    ['with a dictionary', places(...all.map((row) => run(1, row)))],
    ['with pages that have no values', index(Buffer.concat([page(Buffer.alloc(0), { values: 0 }), whole]))],
  ])('is read where it is sound: %s', async (_, bytes) => {
    expect(await find(bytes)).toEqual(found);
  });

  it.each(hostile)('is refused for %s', async (_, make, reason) => {
    const started = performance.now();
    await expect(find(make())).rejects.toThrow(reason);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('is refused with an error of the library that says what to do, by all that read it', async () => {
    const idcIndex = join(folder, 'hostile.parquet');
    writeFileSync(idcIndex, index(page(texts, { values: rows, compressed: -17 })));
    const options = { idcIndex, noCache: true };
    for (const call of [
      () => findIdcSeries('1.2.3', 's3://idc-open-data', options),
      () => listIdcSeries({}, options).next(),
    ]) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StorageError);
      expect(error).toMatchObject({ message: expect.stringMatching(/bytes of a page.*damaged.*--idc-index/) });
    }
    await expect(searchIdc({ patient: 'a', ...options })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is given up where a decompressor would work on it without end', async () => {
    const idcIndex = join(folder, 'endless.parquet');
    const pages = page(endlessZstandard(), { values: rows, uncompressed: 100_000 });
    writeFileSync(idcIndex, index(pages, { 4: 6 }));
    const job = { kind: 'find', seriesInstanceUid: '1.2.3' } as const;
    const answer = answerOfIdcIndex(idcIndex, job, { folder: undefined, threadLimits: { silentMs: 400 } });
    await expect(answer).rejects.toThrow(/endless.parquet took longer than 400 ms.*--idc-index/);
    await expect(answer).rejects.toBeInstanceOf(TimeoutError);
  });
});

/** Blocks of 98,047 copies each, of 65,539 bytes each, all of them beyond the page: fzstd makes every one. */
function endlessZstandard(): Buffer {
  const block = Buffer.from([0, 255, 255, 255, 0x54, 0, 0, 52, 1, 1, 1, 1]);
  const head = Buffer.from([(block.length << 3) | 4, 0, 0]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(100_000);
  const blocks = new Array<Buffer>(1000).fill(Buffer.concat([head, block]));
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0]), size, ...blocks]);
}
