import type { TextStream } from './context.ts';
import { exitCodes } from './exit-codes.ts';

/** Standard output was closed by its reader, or failed. */
class StreamError extends Error {
  readonly code = 'output';
  override readonly name = 'StreamError';
  readonly exitCode = exitCodes.unexpected;
}

/** Writes all of it, and waits until the other side has taken it. */
export function writeAll(stream: TextStream, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => {
      if (error === undefined || error === null) {
        resolve();
        return;
      }
      const closed = 'code' in error && error.code === 'EPIPE';
      const what = closed ? 'was closed before everything was written' : `could not be written (${error.message})`;
      reject(new StreamError(`Standard output ${what}.`, { cause: error }));
    });
  });
}
