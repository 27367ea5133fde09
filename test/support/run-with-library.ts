import type { TextStream } from '../../src/cli/context.ts';
import { run } from '../../src/cli/run.ts';

/** Runs a command with the real library and its output in memory. */
export async function runWithLibrary(
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly err: string; readonly bytes: Buffer }> {
  const [out, err]: readonly [Buffer[], Buffer[]] = [[], []];
  const streamOf = (chunks: Buffer[]): TextStream => ({
    write: (chunk, done) => {
      chunks.push(Buffer.from(chunk));
      done?.();
      return true;
    },
  });
  const code = await run(args, {
    loadLibrary: () => import('../../src/index.ts'),
    stdout: streamOf(out),
    stderr: streamOf(err),
    signal: new AbortController().signal,
    programName: 'dicom-series-preview',
  });
  const bytes = Buffer.concat(out);
  return { code, out: bytes.toString(), err: Buffer.concat(err).toString(), bytes };
}
