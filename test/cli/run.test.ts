import { describe, expect, it } from 'vitest';
import {
  AbortedError,
  AccessDeniedError,
  AmbiguousError,
  DecodeError,
  InvalidDicomError,
  MissingComponentError,
  NotDicomError,
  NotFoundError,
  ObjectChangedError,
  OutputError,
  StorageError,
  TimeoutError,
  UnsupportedError,
  UsageError,
} from '../../src/base/errors.ts';
import { withWarnings } from '../../src/base/with-warnings.ts';
import { run } from '../../src/cli/run.ts';
import { fakeContext, fakeReport, pictureBytes, reportWithFailedTile } from './fake-library.ts';

const location = 's3://bucket';
const mosaic = ['mosaic', 'u', 'a.webp'];

function json(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(bytes ?? new Uint8Array()).toString('utf8'));
}

describe('a run that works', () => {
  it('writes the picture and says so in one line', async () => {
    const context = fakeContext();
    expect(await run(mosaic, context)).toBe(0);
    expect(context.files.get('a.webp')).toEqual(pictureBytes);
    expect(context.err()).toBe('a.webp: 256 x 128 webp, 6 B, 2 of 2 instances (CT, axial), 1.5 s\n');
    expect(context.out().length).toBe(0);
  });

  it('writes the picture, and nothing else, to standard output', async () => {
    const context = fakeContext();
    expect(await run(['mosaic', 'u', '-', '--format', 'webp'], context)).toBe(0);
    expect(new Uint8Array(context.out())).toEqual(pictureBytes);
    expect(context.files.size).toBe(0);
    expect(context.err()).toMatch(/^standard output: /);
  });

  it('writes the report with the path of the picture', async () => {
    const context = fakeContext();
    expect(await run([...mosaic, '--json', 'r.json'], context)).toBe(0);
    const report = fakeReport();
    expect(json(context.files.get('r.json'))).toEqual({ ...report, output: { ...report.output, path: 'a.webp' } });
  });

  it('writes the report to standard output, and the path stays null for a picture that went elsewhere', async () => {
    const context = fakeContext();
    expect(await run([...mosaic, '--json=-'], context)).toBe(0);
    expect(json(context.out())).toMatchObject({ schema: 1, output: { path: 'a.webp' } });
    const piped = fakeContext();
    expect(await run(['mosaic', 'u', '-', '--format', 'webp', '--json', 'r.json'], piped)).toBe(0);
    expect(json(piped.files.get('r.json'))).toMatchObject({ output: { path: null } });
  });

  it('is silent when asked to be', async () => {
    const context = fakeContext({ report: fakeReport({ warnings: ['w'] }) }, { stderr: true });
    expect(await run([...mosaic, '--quiet'], context)).toBe(0);
    expect(context.err()).toBe('');
  });

  it('prints warnings', async () => {
    const context = fakeContext({ report: fakeReport({ warnings: ['An instance is stored twice.'] }) });
    expect(await run(mosaic, context)).toBe(0);
    expect(context.err()).toContain('warning: An instance is stored twice.\n');
  });

  it('prints what was ordered, chosen and read when verbose', async () => {
    const context = fakeContext();
    expect(await run([...mosaic, '-v'], context)).toBe(0);
    expect(context.err()).toContain('Stage headers: 2 done after');
    expect(context.err()).toContain('ordered by position-along-normal');
    expect(context.err()).toContain(
      'row 1 column 2: 1.dcm frame 1, index 1, position 1.000 (2.5 mm), window 350/40 LINEAR from instance',
    );
    expect(context.err()).toContain('Read 10 kB of headers and 1.0 MB of pixel data in 5 requests');
  });

  it('shows progress on a terminal only, and takes it away', async () => {
    const terminal = fakeContext({}, { stderr: true });
    await run(mosaic, terminal);
    const erase = '\u001b[K';
    expect(terminal.err()).toContain(`\rReading headers 1/2${erase}\rReading headers 2/2${erase}\r${erase}a.webp: `);
  });
});

describe('a run that works in part', () => {
  it('ends with 6, with the picture written and the reason told', async () => {
    const context = fakeContext({ report: reportWithFailedTile() });
    expect(await run([...mosaic, '-v'], context)).toBe(6);
    expect(context.files.get('a.webp')).toEqual(pictureBytes);
    expect(context.err()).toContain('1 of 2 instances');
    expect(context.err()).toContain('not shown: Expected a transfer syntax that can be decoded.');
  });
});

describe('a run that could not read everything', () => {
  it('ends with 6', async () => {
    const unreadable = [{ key: 'a', error: { code: 'access-denied', message: 'no' } }];
    expect(await run(mosaic, fakeContext({ report: fakeReport({ unreadable }) }))).toBe(6);
  });
});

describe('a run that fails', () => {
  it.each([
    [new UsageError('m'), 2],
    [new AmbiguousError('m', { candidates: ['a', 'b'], count: 2 }), 2],
    [new NotFoundError('m', { location }), 3],
    [new AccessDeniedError('m', { location }), 3],
    [new StorageError('m', { location }), 3],
    [new TimeoutError('m', { timeoutMs: 1 }), 3],
    [new ObjectChangedError('m', { location }), 3],
    [new NotDicomError('m'), 4],
    [new InvalidDicomError('m'), 4],
    [new DecodeError('m', { transferSyntaxUid: '1.2' }), 4],
    [new UnsupportedError('m'), 5],
    [new MissingComponentError('m', { component: 'ffmpeg' }), 5],
    [new OutputError('m'), 1],
    [new AbortedError(), 130],
  ])('ends with the exit code of %s', async (error, exitCode) => {
    const context = fakeContext({ error }, { stderr: true });
    expect(await run([...mosaic, '--json', '-'], context)).toBe(exitCode);
    expect(context.files.size).toBe(0);
    expect(context.err()).toContain(`\u001b[Kerror: ${error.message}\n`);
    expect(json(context.out())).toEqual({
      schema: 1,
      error: { code: error.code, message: error.message },
      warnings: [],
    });
  });

  it('says what there was to warn of before it', async () => {
    const error = withWarnings(new NotFoundError('m', { location }), ['2 files are missing.']);
    const context = fakeContext({ error });
    expect(await run([...mosaic, '--json', '-'], context)).toBe(3);
    expect(context.err()).toBe('warning: 2 files are missing.\nerror: m\n');
    expect(json(context.out())).toMatchObject({ error: { code: 'not-found' }, warnings: ['2 files are missing.'] });
    const quiet = fakeContext({ error });
    await run([...mosaic, '--quiet'], quiet);
    expect(quiet.err()).toBe('error: m\n');
    const built = fakeContext({ error, failsFor: 'u' });
    await run(['index', 'build', 'u', 'v'], built);
    expect(built.err()).toContain('warning: u: 2 files are missing.\nerror: u: m\n');
  });

  it.each([new TypeError('x is not a function'), Object.assign(new Error('no'), { code: 'ENOENT' }), 'text'])(
    'calls %s unexpected',
    async (error) => {
      const context = fakeContext({ error });
      expect(await run([...mosaic, '--json', 'r.json'], context)).toBe(1);
      expect(context.err()).toContain('Something happened that should not have');
      expect(context.err()).not.toContain('    at ');
      expect(json(context.files.get('r.json'))).toMatchObject({ error: { code: 'internal' } });
    },
  );

  it('shows where the unexpected happened when verbose', async () => {
    const context = fakeContext({ error: new TypeError('x is not a function') });
    await run([...mosaic, '-v'], context);
    expect(context.err()).toContain('    at ');
  });

  it('answers in JSON even where the arguments cannot be parsed', async () => {
    const context = fakeContext();
    expect(await run([...mosaic, '--nonsense', '--json', 'r.json'], context)).toBe(2);
    expect(json(context.files.get('r.json'))).toMatchObject({ error: { code: 'usage' } });
  });

  it('says that the output cannot be written before anything is read', async () => {
    for (const args of [
      ['mosaic', 'u', 'missing/a.webp'],
      [...mosaic, '--json', 'missing/r.json'],
    ]) {
      const context = fakeContext();
      expect(await run(args, context)).toBe(1);
      expect(context.err()).toContain("there is no folder 'missing'");
      expect(context.calls).toEqual([]);
    }
  });

  it('is interrupted, whatever the interruption broke', async () => {
    const context = fakeContext({ error: new Error('socket hang up') });
    context.abort();
    expect(await run([...mosaic, '--json', '-'], context)).toBe(130);
    expect(context.err()).toBe('error: Interrupted.\n');
    expect(json(context.out())).toEqual({
      schema: 1,
      error: { code: 'aborted', message: 'Interrupted.' },
      warnings: [],
    });
  });

  it.each([
    ['EPIPE', ''],
    ['ENOSPC', 'error: Standard output could not be written (write ENOSPC).\n'],
  ])('says nothing where the reader of standard output went away, and what else went wrong: %s', async (code, said) => {
    const closed = Object.assign(new Error(`write ${code}`), { code });
    const context = fakeContext();
    const stdout: typeof context.stdout = {
      write: (_chunk, done) => {
        done?.(closed);
        return false;
      },
    };
    expect(await run(['mosaic', 'u', '-', '--format', 'webp'], { ...context, stdout })).toBe(1);
    expect(context.err()).toBe(said);
  });
});
