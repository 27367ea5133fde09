import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPreviewer, type PreviewReport } from '../../src/index.ts';
import { type Attributes, ctInstances } from '../support/dicom/index.js';
import { makeDicomdir, seriesRecords } from '../support/dicomdir.ts';
import { startFakeS3 } from '../support/fake-s3.ts';
import { type RunHere, runHere } from '../support/run-here.ts';

/** What a terminal obeys, new lines aside: this program writes those. */
const raw = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|(?!\n)\p{Cc}/u;
const evil = 'a\u001b[31mred\nerror: forged\u202e.dcm';
const jpip = '1.2.840.10008.1.2.4.94';
let folder = '';
let reportPath = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'control-characters-'));
  reportPath = join(folder, 'r.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function series(name: string, files: Readonly<Record<string, Uint8Array>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(path, file), bytes);
  return path;
}

function instances(options: Parameters<typeof ctInstances>[0] = {}): readonly Uint8Array[] {
  return [...ctInstances({ instances: 3, rows: 16, ...options })].map(({ bytes }) => bytes);
}

/** Runs a mosaic, and checks that nothing of what it says can be obeyed. */
async function mosaic(...args: readonly string[]): Promise<RunHere & { readonly report: string }> {
  rmSync(reportPath, { force: true });
  const run = await runHere('mosaic', ...args, '--json', reportPath, '--no-cache', '-v');
  const report = readFileSync(reportPath, 'utf8');
  expect(run.err).not.toMatch(raw);
  expect(run.err).not.toMatch(/^error: forged/m);
  expect(report).not.toMatch(raw);
  // Not as an escape of JSON either: whoever prints a text of the report sends nothing.
  expect(report).not.toMatch(/\\u00[01][0-9a-f]|\\u202e|\\[bfr]/);
  return { ...run, report };
}

const output = (): string => join(folder, 'picture.png');

describe('control characters are shown, never sent', () => {
  it('of the name of a file', async () => {
    const [one, two, three] = instances();
    const path = series('names', { [evil]: one ?? new Uint8Array(0), b: two ?? new Uint8Array(0) });
    const { err, report, status } = await mosaic(path, output());
    expect(status).toBe(0);
    expect(err).toContain('a\\u{1b}[31mred\\u{a}error: forged\\u{202e}.dcm frame 1');
    const { tiles } = JSON.parse(report) as PreviewReport;
    expect(tiles.map(({ key }) => key).sort()).toEqual(['a\\u{1b}[31mred\\u{a}error: forged\\u{202e}.dcm', 'b']);
    const damaged = series('damaged', {
      [`x${evil}`]: (three ?? new Uint8Array(0)).slice(0, -400),
      [`y${evil}`]: instances({ write: { declaredTransferSyntaxUid: jpip } })[0] ?? new Uint8Array(0),
      c: two ?? new Uint8Array(0),
    });
    expect((await mosaic(damaged, output())).err).toContain('\\u{1b}[31mred');
    const alone = join(damaged, `x${evil}`);
    writeFileSync(alone, 'no DICOM'.repeat(100));
    expect((await mosaic(alone, output())).status).toBe(2);
    expect((await mosaic(join(folder, evil), output())).status).not.toBe(0);
    expect((await mosaic(`./${evil}`, output())).status).not.toBe(0);
    expect((await runHere('mosaic', path, join(folder, evil, 'x.png'))).err).not.toMatch(raw);
    expect((await runHere('mosaic', path, output(), `--quality=${evil}`)).err).not.toMatch(raw);
    expect((await runHere('index', 'build', path, evil, '--cache-dir', join(folder, 'cache'))).err).not.toMatch(raw);
    const table = await runHere('index', 'get', path, '-', '--format', 'json', '--no-cache');
    expect(table.out.toString('utf8')).not.toMatch(raw);
    expect(JSON.parse(table.out.toString('utf8'))).toMatchObject([{ key: evil }, {}]);
  });

  it('of values of headers', async () => {
    const attributes = (given: Attributes): Attributes => ({
      ...given,
      Modality: 'C\u001b[31mT',
      SeriesDescription: '\u001b[2J\u001b]0;title\u0007',
      StudyInstanceUID: '1.2\u001b[3',
      SOPInstanceUID: `${String(given['SOPInstanceUID']).slice(0, 30)}\u001b[7m`,
    });
    const [one, two] = instances({ attributes });
    const path = series('values', { a: one ?? new Uint8Array(0), b: two ?? new Uint8Array(0) });
    const { err, report } = await mosaic(path, output());
    expect(err).toMatch(/C(\\u\{1b\}|\ufffd)\[31mT/);
    // Values are cleaned where they are read, and shown where that leaves something.
    expect((JSON.parse(report) as PreviewReport).series.modality).toMatch(/^C(\\u\{1b\}|\ufffd)\[31mT$/);
    await using previewer = createPreviewer();
    const open = await previewer.openSeries(path, { noCache: true });
    expect(JSON.stringify(open.info)).not.toMatch(/\\u00[01]/);
    await open.close();
    const other = instances({ attributes, seed: 5 })[0] ?? new Uint8Array(0);
    const both = await mosaic(series('both', { a: one ?? new Uint8Array(0), b: other }), output());
    expect(both.err).toMatch(/\[31mT ".*\[2J/);
    writeFileSync(join(path, 'DICOMDIR'), makeDicomdir(seriesRecords({ '1.2.3': ['A\u001b[31m'], '1.2.4': ['B'] })));
    expect((await mosaic(join(path, 'DICOMDIR'), output())).status).not.toBe(0);
    expect((await mosaic('1.2.3', output(), '--root', path)).err).toMatch(/A(\\u\{1b\}|\ufffd)\[31m/);
  });

  it('of what a server says', async () => {
    const [bytes = new Uint8Array(0)] = instances();
    const objects = new Map([
      [`uid/${evil}`, bytes],
      ['other\u001b[31m/b.dcm', bytes],
      ['other\u009b32m/b.dcm', bytes],
    ]);
    const server = await startFakeS3({ objects });
    try {
      const storage = ['--root', 's3://bucket', '--endpoint-url', server.origin, '--no-sign-request'];
      expect((await mosaic('uid', output(), ...storage)).err).toContain('a\\u{1b}[31mred');
      const { status, err } = await mosaic('other*', output(), ...storage);
      expect([status, err]).toEqual([2, expect.stringContaining('other\\u{1b}[31m')]);
    } finally {
      await server.stop();
    }
  });
});
