import type { TextStream } from '../../src/cli/context.ts';
import { run } from '../../src/cli/run.ts';

/**
 * Runs a command with the real library and its output in memory.
 *
 * @param fault what each write to standard output fails with
 */
export async function runWithLibrary(
  args: readonly string[],
  fault?: Error,
): Promise<{ readonly code: number; readonly out: string; readonly err: string; readonly bytes: Buffer }> {
  const [out, err]: readonly [Buffer[], Buffer[]] = [[], []];
  const streamOf = (chunks: Buffer[], error?: Error): TextStream => ({
    write: (chunk, done) => {
      chunks.push(Buffer.from(chunk));
      done?.(error);
      return true;
    },
  });
  const code = await run(args, {
    loadLibrary: () => import('../../src/index.ts'),
    stdout: streamOf(out, fault),
    stderr: streamOf(err),
    signal: new AbortController().signal,
    programName: 'dicom-series-preview',
  });
  const bytes = Buffer.concat(out);
  return { code, out: bytes.toString(), err: Buffer.concat(err).toString(), bytes };
}
