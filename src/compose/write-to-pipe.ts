import { constants, open as openWithCallback } from 'node:fs';
import { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

/** How often to look whether a pipe has a reader by now. */
const pipePollMs = 50;

/**
 * Writes to a named pipe as its reader takes it. Without a reader, or with one that waits, opening and writing block: they
 * would hold up a thread of Node's pool, and then not even `process.exit` would end the process.
 */
export async function writeToPipe(path: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  const pipe = new Socket({ fd: await openPipe(path, signal), readable: false, writable: true });
  try {
    await pipeline([bytes], pipe, { signal });
  } finally {
    pipe.destroy();
  }
}

/** Waits until a pipe has a reader. */
async function openPipe(path: string, signal: AbortSignal | undefined): Promise<number> {
  const openFile = promisify(openWithCallback);
  for (;;) {
    try {
      return await openFile(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENXIO') throw error;
    }
    await setTimeout(pipePollMs, undefined, { signal });
  }
}
