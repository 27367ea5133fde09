import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TextStream } from '../../src/cli/context.ts';
import { run } from '../../src/cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
writeFileSync(join(folder, 'file'), '');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a server and ends it as soon as it says something: its address, or why it does not start. */
async function startServer(...args: readonly string[]): Promise<{ readonly status: number; readonly said: string }> {
  const ending = new AbortController();
  let said = '';
  const stream: TextStream = {
    write: (chunk, done) => {
      said += String(chunk);
      ending.abort();
      done?.();
      return true;
    },
  };
  const status = await run([...args, '--port', '0'], {
    loadLibrary: () => import('../../src/index.ts'),
    ...{ stdout: stream, stderr: stream, signal: ending.signal, programName: 'dicom-series-preview' },
  });
  return { status, said };
}

describe.each([[['serve']], [['mcp', '--http']]])('%j', (command) => {
  it.each(['nope', 'file/nope'])('does not start where there is no local root: %s', async (name) => {
    const root = join(folder, name);
    const { status, said } = await startServer(...command, '--root', root);
    expect(status).toBe(3);
    expect(said).toBe(`error: There is no file or folder ${root}. Name one that is there with --root.\n`);
  });

  it.each([folder, join(folder, 'file'), 'http://127.0.0.1:1/nope', 's3://nope/'])('starts with %s', async (root) => {
    const { status, said } = await startServer(...command, '--root', root);
    expect(status).toBe(0);
    expect(said).toContain('http://127.0.0.1:');
    expect(said).not.toContain('error');
  });
});

it('looks at every root of mcp', async () => {
  const roots = ['--root', folder, '--root', join(folder, 'nope')];
  expect(await startServer('mcp', '--http', ...roots)).toMatchObject({
    status: 3,
    said: expect.stringContaining('There is no file or folder'),
  });
});
