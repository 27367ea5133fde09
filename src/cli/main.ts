#!/usr/bin/env node
import * as module from 'node:module';
import { basename } from 'node:path';

// From Node 22.8 on, Node can keep compiled code in a cache folder, which saves a tenth of a usual run. The library does
// not turn it on: that is up to the program that uses it. NODE_DISABLE_COMPILE_CACHE=1 turns it off.
if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function') module.enableCompileCache();
const { run } = await import('./run.ts');

const controller = new AbortController();

/** Enough to end connections and remove unfinished files, and short enough for whoever pressed Ctrl-C. */
let graceMs = 2_000;

function interrupt(): void {
  if (controller.signal.aborted) process.exit(130);
  controller.abort();
  setTimeout(() => process.exit(130), graceMs).unref();
}
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);

// A reader may go away (`... | head`). Whoever waits for the write handles that. Without these listeners Node would end
// the process and print a stack.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

process.exitCode = await run(process.argv.slice(2), {
  loadLibrary: () => import('../index.ts'),
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
  allowMs: (milliseconds) => {
    graceMs = milliseconds;
  },
  programName: basename(process.argv[1] ?? '') === 'dicom-mosaic' ? 'dicom-mosaic' : 'dicom-series-preview',
});
