import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../src/base/errors.ts';
import { run } from '../../src/cli/run.ts';
import { fakeContext, fakeReport, indexBytes } from './fake-library.ts';

const missing = new NotFoundError('Expected a folder but there is none.', { location: 'x' });

const reportWithUnreadable = fakeReport({
  unreadable: [{ key: 'x.dcm', error: { code: 'access-denied', message: 'No.' } }],
  warnings: ["'x.dcm' could not be read and is left out: No."],
});

describe('index build', () => {
  it('builds the index of each series and says where it is', async () => {
    const context = fakeContext({ report: fakeReport({ warnings: ['2 objects are not DICOM.'] }) });
    expect(
      await run(['index', 'build', 'a', 'b', '--root', 's3://r', '--cache-dir', 'c', '--retries', '1'], context),
    ).toBe(0);
    expect(context.indexCalls.map(({ kind, series }) => [kind, series])).toEqual([
      ['build', 'a'],
      ['build', 'b'],
    ]);
    expect(context.indexCalls[0]?.options).toMatchObject({ root: 's3://r', cacheDir: 'c', retries: 1 });
    expect(context.err()).toContain('warning: a: 2 objects are not DICOM.\n');
    expect(context.err()).toContain('b: 20 instances, 30 frames, kept in /cache/a.parquet\n');
    expect(context.out().length).toBe(0);
  });

  it('goes on after a series that fails, and ends with its exit code', async () => {
    const context = fakeContext({ error: missing, failsFor: 'a' });
    expect(await run(['index', 'build', 'a', 'b', '--quiet'], context)).toBe(3);
    expect(context.err()).toBe('error: a: Expected a folder but there is none.\n');
    expect(context.indexCalls).toHaveLength(2);
  });

  it('ends at an option that is wrong for all of them, and names it once', async () => {
    const context = fakeContext();
    expect(await run(['index', 'build', 'a', 'b', '--retries', '101'], context)).toBe(2);
    expect(context.err()).toMatch(/^error: Expected a whole number from 0 to 100 for --retries but received 101\.\n/);
    expect(context.err().match(/error:/g)).toHaveLength(1);
  });

  it('ends with 6 where objects could not be read, unless another series fails', async () => {
    const context = fakeContext({ report: reportWithUnreadable });
    expect(await run(['index', 'build', 'a', 'b'], context)).toBe(6);
    const other = fakeContext({ report: reportWithUnreadable, error: missing, failsFor: 'b' });
    expect(await run(['index', 'build', 'a', 'b'], other)).toBe(3);
  });

  it('says what went wrong with a single series', async () => {
    const context = fakeContext({ error: missing });
    expect(await run(['index', 'build', 'a'], context)).toBe(3);
    expect(context.err()).toBe('error: Expected a folder but there is none.\n');
  });
});

describe('index get', () => {
  it.each([
    ['a.parquet', 'parquet'],
    ['b.JSON', 'json'],
    ['c.jsonl', 'jsonl'],
    ['d.ndjson', 'jsonl'],
  ])('writes %s', async (output, format) => {
    const context = fakeContext();
    expect(await run(['index', 'get', 's', 't', output], context)).toBe(0);
    expect(context.indexCalls).toMatchObject([{ kind: 'get', series: ['s', 't'], options: { format } }]);
    expect(context.files.get(output)).toEqual(indexBytes);
    expect(context.err()).toBe(`${output}: 30 rows of ${format}, ${indexBytes.length} bytes\n`);
  });

  it('ends with 6 and a warning where objects could not be read, and writes the rest', async () => {
    const context = fakeContext({ report: reportWithUnreadable });
    expect(await run(['index', 'get', 's', 'a.json'], context)).toBe(6);
    expect(context.err()).toContain("warning: 'x.dcm' could not be read");
    expect(context.files.get('a.json')).toEqual(indexBytes);
  });

  it('writes the table, and nothing else, to standard output', async () => {
    const context = fakeContext();
    expect(await run(['index', 'get', 's', '-', '--format', 'jsonl', '--quiet'], context)).toBe(0);
    expect(new Uint8Array(context.out())).toEqual(indexBytes);
    expect([context.err(), context.files.size]).toEqual(['', 0]);
  });

  it.each([
    [['s'], 'Expected one or more series and, last, an OUTPUT'],
    [['s', 'a.csv'], "Expected OUTPUT to end in .parquet, .json or .jsonl, or --format, but received 'a.csv'."],
    [['s', '-'], "but received '-'."],
    [['s', 'a.json', '--format', 'csv'], "Expected parquet, json or jsonl for --format but received 'csv'."],
  ])('refuses %j', async (args, message) => {
    const context = fakeContext();
    expect(await run(['index', 'get', ...args], context)).toBe(2);
    expect(context.err()).toContain(message);
    expect(context.indexCalls).toEqual([]);
  });

  it('does not write Parquet to a terminal, and learns first whether the file can be written', async () => {
    const terminal = fakeContext({}, { stdout: true });
    expect(await run(['index', 'get', 's', '-', '--format', 'parquet'], terminal)).toBe(2);
    const nowhere = fakeContext();
    expect(await run(['index', 'get', 's', 'missing/a.json'], nowhere)).toBe(1);
    expect([...terminal.indexCalls, ...nowhere.indexCalls]).toEqual([]);
  });
});

describe('index clear', () => {
  it('removes what it is told to', async () => {
    const context = fakeContext();
    expect(await run(['index', 'clear', 'a', 'b'], context)).toBe(0);
    expect(await run(['index', 'clear', '--all', '--quiet'], context)).toBe(0);
    expect(context.indexCalls.map(({ series }) => series)).toEqual([['a', 'b'], undefined]);
    expect(context.err()).toBe('Removed 1 index\n');
  });

  it.each([[[]], [['a', '--all']]])('wants either series or --all: %j', async (args) => {
    const context = fakeContext();
    expect(await run(['index', 'clear', ...args], context)).toBe(2);
    expect(context.err()).toContain('Expected either series or --all.');
    expect(context.indexCalls).toEqual([]);
  });
});

it('says in --verbose what the index did', async () => {
  const kept = fakeContext({ report: fakeReport({ index: { recalled: 0, kept: true } }) });
  await run(['mosaic', 'u', 'a.webp', '-v'], kept);
  expect(kept.err()).toContain('Index: 0 objects known from an earlier run, kept for the next time\n');
  const failed = fakeContext({ report: fakeReport({ index: { recalled: 1, kept: false, problem: 'EACCES' } }) });
  await run(['mosaic', 'u', 'a.webp', '-v'], failed);
  expect(failed.err()).toContain('Index: 1 object known from an earlier run, which could not be kept: EACCES\n');
  const quiet = fakeContext({ report: fakeReport({ index: { recalled: 1, kept: false, problem: 'EACCES' } }) });
  await run(['mosaic', 'u', 'a.webp'], quiet);
  expect(quiet.err()).not.toContain('EACCES');
});
