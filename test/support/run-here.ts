import type { TextStream } from '../../src/cli/context.ts';
import { run } from '../../src/cli/run.ts';

export interface RunHere {
  readonly status: number;
  readonly out: Buffer;
  readonly err: string;
}

/** The program from its sources, with the real library, in this process. */
export async function runHere(...args: readonly string[]): Promise<RunHere> {
  const [out, err] = [memoryStream(), memoryStream()];
  const status = await run(args, {
    loadLibrary: () => import('../../src/index.ts'),
    stdout: out.stream,
    stderr: err.stream,
    signal: new AbortController().signal,
    programName: 'dicom-series-preview',
  });
  return { status, out: Buffer.concat(out.chunks), err: Buffer.concat(err.chunks).toString('utf8') };
}

/** A stream that keeps what is written to it. */
export function memoryStream(): { readonly stream: TextStream; readonly chunks: Buffer[] } {
  const chunks: Buffer[] = [];
  const stream: TextStream = {
    write: (chunk, done) => {
      chunks.push(Buffer.from(chunk));
      done?.();
      return true;
    },
  };
  return { stream, chunks };
}
