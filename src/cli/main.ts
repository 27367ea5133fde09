#!/usr/bin/env node
import * as module from 'node:module';
import { basename } from 'node:path';
import { run } from './run.ts';

// From Node 22.8 on compiled code may be kept in Node's own cache folder, which saves a tenth of a usual run.
// Not in the library: what its host keeps is the host's affair. NODE_DISABLE_COMPILE_CACHE=1 turns it off.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') module.enableCompileCache();

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
