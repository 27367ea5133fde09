import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOfIdcIndex, type IdcAnswerOptions } from '../../../src/header-index/idc/idc-answers.ts';

const uid = '1.3.6.1.4.1.14519.5.2.1.1';
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An index of 40 series. */
function index(): Uint8Array {
  const columns: Readonly<Record<string, (row: number) => string>> = {
    SeriesInstanceUID: (row) => `${uid}.${row}`,
    crdc_series_uuid: (row) => `00000000-0000-0000-0000-${String(row).padStart(12, '0')}`,
    aws_bucket: () => 'idc-open-data',
  };
  const columnData = Object.entries(columns).map(([name, textOf]) => ({
    ...{ name, type: 'STRING' as const },
    data: Array.from({ length: 40 }, (_, row) => textOf(row)),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 15, pageSize: 400 }));
}

/** The same, whose pages do not say how many rows they have: their reader then never has enough of them. */
function endless(): Uint8Array {
  const bytes = index();
  // The header of a page (Thrift, compact protocol): type, length, compressed length, and a structure that counts rows.
  let at = 4;
  for (const _ of ['type', 'length', 'compressed length']) {
    expect(bytes[at++]).toBe(0x15);
    while ((bytes[at++] ?? 0) >= 0x80);
  }
  expect([bytes[at], bytes[at + 1]]).toEqual([0x5c, 0x15]);
  bytes[at + 1] = 0x05;
  return bytes;
}

async function find(bytes: Uint8Array, options: Partial<IdcAnswerOptions> = {}): Promise<unknown> {
  const path = join(folder, 'index.parquet');
  writeFileSync(path, bytes);
  const job = { kind: 'find', seriesInstanceUid: `${uid}.3` } as const;
  return (await answerOfIdcIndex(path, job, { folder: undefined, ...options })).answer;
}

describe('an index of the Imaging Data Commons', () => {
  it('is read in a thread', async () => {
    const series = { awsBucket: 'idc-open-data', uuid: '00000000-0000-0000-0000-000000000003' };
    expect(await find(index())).toEqual({ kind: 'found', series });
  });

  it('that would be read for ever is given up', async () => {
    await expect(find(endless(), { threadLimits: { silentMs: 300 } })).rejects.toMatchObject({
      ...{ code: 'timeout', message: expect.stringContaining('longer than 300 ms of work') },
    });
    await expect(find(endless(), { threadLimits: { answerMs: 200 } })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('that takes too much memory is given up', async () => {
    await expect(find(endless(), { threadLimits: { growth: -1 } })).rejects.toMatchObject({
      ...{ code: 'storage', message: expect.stringContaining('too much memory') },
    });
  });

  it('is left when nobody wants it any more', async () => {
    const controller = new AbortController();
    const found = find(endless(), { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(found).rejects.toMatchObject({ code: 'aborted' });
  });

  it.each([
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 9)],
    ['without a footer', (bytes: Uint8Array) => bytes.fill(0, 8)],
    ['another kind of file', () => new TextEncoder().encode('SeriesInstanceUID,aws_bucket\n')],
  ])('that is damaged is an error that says so: %s', async (_, damage) => {
    await expect(find(damage(index()))).rejects.toMatchObject({
      ...{ code: 'storage', message: expect.stringContaining('--idc-index') },
    });
  });
});
