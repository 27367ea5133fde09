#!/usr/bin/env node
import { basename } from 'node:path';
import { run } from './run.ts';

const controller = new AbortController();

/** Long enough to end connections and remove what was begun, short enough for who pressed Ctrl-C. */
const graceMs = 2_000;

function interrupt(): void {
  if (controller.signal.aborted) process.exit(130);
  controller.abort();
  setTimeout(() => process.exit(130), graceMs).unref();
}
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);

// A reader that has gone (`... | head`) is told to whoever awaits the write; unheard it would end the process with a stack.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exitCode = await run(process.argv.slice(2), {
  loadLibrary: () => import('../index.ts'),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
  programName: basename(process.argv[1] ?? '') === 'dicom-mosaic' ? 'dicom-mosaic' : 'dicom-series-preview',
});
