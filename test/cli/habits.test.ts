import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotFoundError, OutputError } from '../../src/base/errors.ts';
import { withColours } from '../../src/cli/colours.ts';
import { say } from '../../src/cli/context.ts';
import { progressLine } from '../../src/cli/progress.ts';
import { run } from '../../src/cli/run.ts';
import { fakeContext, fakeReport } from './fake-library.ts';

const mosaic = ['mosaic', 'u', 'a.webp'];
const csi = '\u001b[';

describe('messages', () => {
  it('tell an error once where the report cannot be written either', async () => {
    const context = fakeContext();
    expect(await run([...mosaic, '--json', 'missing/x'], context)).toBe(1);
    expect(context.err().match(/error: /g)).toHaveLength(1);
    const writes = { error: new OutputError('m') };
    expect(await run([...mosaic, '--json', 'r.json'], fakeContext(writes))).toBe(1);
  });

  it('name all commands where none is known, and suggest the nearest', async () => {
    const context = fakeContext();
    expect(await run(['mosaik', 'u', 'a.webp'], context)).toBe(2);
    expect(context.err()).toContain('Did you mean mosaic?');
    expect(context.err()).toMatch(/Commands are mosaic, get-image.* and \S+; see/);
  });

  it('are the help of a subcommand for help COMMAND SUBCOMMAND', async () => {
    const [one, other] = [fakeContext(), fakeContext()];
    expect(await run(['help', 'index', 'build'], one)).toBe(0);
    expect(await run(['index', 'build', '--help'], other)).toBe(0);
    expect(one.out().toString()).toBe(other.out().toString());
    const wrong = fakeContext();
    expect(await run(['help', 'index', 'biuld'], wrong)).toBe(2);
  });

  it('cannot be quiet and many', async () => {
    const context = fakeContext();
    expect(await run([...mosaic, '--quiet', '-v'], context)).toBe(2);
    expect(context.err()).toContain('--quiet or --verbose');
    expect(context.calls).toEqual([]);
  });
});

describe('a terminal of no columns', () => {
  it('gets lines as wide as any', async () => {
    const context = fakeContext({}, { stdout: true });
    const narrow = { ...context, stdout: { ...context.stdout, columns: 0 } };
    expect(await run(['mosaic', '--help'], narrow)).toBe(0);
    const plain = fakeContext();
    await run(['mosaic', '--help'], plain);
    expect(context.out().toString()).toBe(plain.out().toString());
    const lines: string[] = [];
    const write = (text: string | Uint8Array): boolean => lines.push(String(text)) > 0;
    progressLine({ isTTY: true, columns: 0, write }, true).report({ stage: 'list', done: 7, total: 9 });
    expect(lines).toEqual([`\rListing instances 7/9${csi}K`]);
  });
});

describe('progress', () => {
  const reported = (reports: readonly (readonly [atMs: number, done: number])[], total?: number): readonly string[] => {
    const lines: string[] = [];
    let now = 0;
    const stream = { isTTY: true, columns: 80, write: (text: string | Uint8Array) => lines.push(String(text)) > 0 };
    const line = progressLine(stream, true, () => now);
    for (const [at, done] of reports) {
      now = at;
      line.report({ stage: 'headers', done, total });
    }
    return lines.map((text) => text.replace('\r', '').replace(`${csi}K`, ''));
  };

  it('tells the rate of a stage, and the time that is left, once it has lasted a second', () => {
    const lines = reported(
      [
        [0, 0],
        [500, 50],
        [2_000, 100],
        [10_000, 900],
        [11_000, 1_000],
      ],
      1_000,
    );
    expect(lines).toEqual([
      'Reading headers 0/1000',
      'Reading headers 50/1000',
      'Reading headers 100/1000, 50/s, 18 s left',
      'Reading headers 900/1000, 90/s, 2 s left',
      'Reading headers 1000/1000',
    ]);
    expect(
      reported(
        [
          [0, 0],
          [100_000, 50],
        ],
        1_000,
      ).at(-1),
    ).toBe('Reading headers 50/1000, 0.5/s, 31 min 40 s left');
    expect(
      reported(
        [
          [0, 0],
          [100_000, 50],
        ],
        100_000,
      ).at(-1),
    ).toBe('Reading headers 50/100000, 0.5/s, 55.5 h left');
    expect(
      reported([
        [0, 0],
        [2_000, 50],
      ]).at(-1),
    ).toBe('Reading headers 50, 25/s');
  });
});

describe('colours', () => {
  const paints = (args: readonly string[], environment: Record<string, string>, isTTY: boolean): boolean => {
    let text = '';
    const write = (part: string | Uint8Array): boolean => {
      text += String(part);
      return true;
    };
    say(withColours({ isTTY, write }, args, environment), 'error: a warning: b');
    expect(
      text
        .split(csi)
        .map((part, at) => (at === 0 ? part : part.replace(/^[\d;]*m/, '')))
        .join(''),
    ).toBe('error: a warning: b\n');
    return text.startsWith(csi);
  };

  it.each([
    [[], {}, true, true],
    [[], {}, false, false],
    [[], { NO_COLOR: '1' }, true, false],
    [[], { NO_COLOR: '' }, true, true],
    [[], { TERM: 'dumb' }, true, false],
    [[], { FORCE_COLOR: '1' }, false, true],
    [[], { FORCE_COLOR: '0' }, true, false],
    [[], { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    [['--color', 'always'], { NO_COLOR: '1' }, false, true],
    [['--color=never'], { FORCE_COLOR: '1' }, true, false],
    [['--color=never', '--color', 'auto'], {}, true, true],
    [['--', '--color=always'], {}, false, false],
    [[], { DICOM_SERIES_PREVIEW_COLOR: 'always' }, false, true],
  ] as const)('with %j and %j on a terminal (%s): %s', (args, environment, isTTY, expected) => {
    expect(paints(args, environment, isTTY)).toBe(expected);
  });

  it('are on the words warning and error alone', async () => {
    const context = fakeContext({ report: fakeReport({ warnings: ['w \u001b[5m'] }) });
    expect(await run([...mosaic, '--color', 'always'], context)).toBe(0);
    expect(context.err()).toContain(`${csi}1;33mwarning${csi}0m: w \\u{1b}[5m\n`);
    const failed = fakeContext({ error: new NotFoundError('m', { location: 'l' }) });
    expect(await run([...mosaic, '--color=always'], failed)).toBe(3);
    expect(failed.err()).toContain(`${csi}1;31merror${csi}0m: m\n`);
    const wrong = fakeContext();
    expect(await run([...mosaic, '--color', 'pink'], wrong)).toBe(2);
  });
});

describe('--no-clobber', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-clobber-'));
    writeFileSync(join(folder, 'there.webp'), '');
    writeFileSync(join(folder, 'there.json'), '{}');
    writeFileSync(join(folder, 'there.parquet'), '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ['mosaic', 'u', 'there.webp', '--no-clobber'],
    ['mosaic', 'u', 'new.webp', '--no-clobber', '--json', 'there.json'],
    ['get-image', 'u', 'there.webp', '-n', '--position', '0'],
    ['index', 'get', 'a', 'b', 'there.parquet', '-n'],
  ])('replaces nothing: %s %s %s %s', async (...args) => {
    const context = fakeContext();
    const inFolder = args.map((arg) => (/^(there|new)/.test(arg) ? join(folder, arg) : arg));
    expect(await run(inFolder, context)).toBe(1);
    expect(context.err()).toContain('--no-clobber');
    expect([context.files.size, context.calls.length, context.indexCalls.length]).toEqual([0, 0, 0]);
    expect(readFileSync(join(folder, 'there.json'), 'utf8')).toBe('{}');
  });

  it('writes what is not there yet, and to standard output', async () => {
    const context = fakeContext();
    expect(await run(['mosaic', 'u', join(folder, 'new.webp'), '--no-clobber'], context)).toBe(0);
    expect([...context.files.keys()]).toEqual([join(folder, 'new.webp')]);
    expect(await run(['mosaic', 'u', '-', '--format', 'webp', '--no-clobber'], fakeContext())).toBe(0);
    const samples = fakeContext();
    expect(await run(['mosaic', 'u', join(folder, 'there.webp'), '-n', '4'], samples)).toBe(0);
    expect(samples.calls[0]?.options).toMatchObject({ samples: 4 });
  });
});

describe('--dry-run', () => {
  it('prints tiles, requests and bytes, and writes nothing', async () => {
    const context = fakeContext();
    expect(await run([...mosaic, '--dry-run', '--contrast', 'lung'], context)).toBe(0);
    expect(context.calls).toMatchObject([{ kind: 'plan', series: 'u', options: { contrast: 'lung', format: 'webp' } }]);
    expect(context.files.size).toBe(0);
    const lines = context.out().toString().split('\n');
    expect(lines).toEqual([
      'Would show 1 image of 2 frames (CT, axial):',
      '  A1: 0.dcm frame 1, position 0.000 (0.0 mm), about 512 B',
      'Would read about 512 B of pixel data in 1 request',
      'Read 10 kB of headers in 3 requests, listing included, to learn this',
      '',
    ]);
  });

  it('writes the plan as JSON where --json asks for it', async () => {
    const [piped, filed] = [fakeContext(), fakeContext()];
    const image = ['get-image', 'u', 'a.webp', '--position', '0', '--dry-run'];
    expect(await run([...image, '--json', '-'], piped)).toBe(0);
    expect(JSON.parse(piped.out().toString())).toMatchObject({ schema: 1, toRead: { requests: 1, byteLength: 512 } });
    expect(await run([...image, '--json', 'plan.json'], filed)).toBe(0);
    expect([...filed.files.keys()]).toEqual(['plan.json']);
  });
});
