// A process that makes many small pictures and measures itself:
//   node --expose-gc test/support/long-life.js [PICTURES]
// It prints a line of JSON for each two hundred pictures, one for a hundred pictures at once, and one after the end. A fifth
// of the pictures is aborted at a random moment. Needs the built package.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createPreviewer } from 'dicom-series-preview';
import sharp from 'sharp';
import {
  ctSeries,
  encapsulatedPixelData,
  enhancedMultiFrame,
  secondaryCapture,
  seededRandom,
  transferSyntax,
  writeSeriesFolder,
} from './dicom/index.js';

/**
 * @typedef {object} Measured
 * @property {'start' | 'run' | 'hundred at once' | 'after' | 'closed'} stage
 * @property {number} pictures Asked for so far.
 * @property {number} aborted Of them.
 * @property {number} rssMb
 * @property {number} heapMb
 * @property {number} files Open files of all kinds.
 * @property {number} sockets Of them.
 * @property {number} threads
 * @property {Record<string, number>} resources What keeps the process alive, by kind.
 */

const folder = process.env['LONG_LIFE_FOLDER'];
if (process.argv[2] === 'serve' && folder !== undefined) await serve(folder);
else await live(Number(process.argv[2] ?? 2000));

/**
 * Serves a folder's files and listings, in a process of its own: its sockets are not to be measured.
 *
 * @param {string} root
 */
async function serve(root) {
  const server = createServer((request, response) => {
    const path = join(root, request.url ?? '');
    if (path.endsWith('/')) {
      const links = readdirSync(path).map((name) => `<a href="${name}">${name}</a>`);
      response.setHeader('content-type', 'text/html').end(`<title>Index of /</title>${links.join('\n')}`);
      return;
    }
    const bytes = readFileSync(path);
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const part = bytes.subarray(Number(from), to === '' ? bytes.length : Number(to) + 1);
    const range = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
    response.writeHead(206, { 'content-range': range, 'content-length': part.length, etag: '"1"' }).end(part);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
  process.on('disconnect', () => process.exit(0));
}

/** @param {string} root */
async function writeAll(root) {
  const rows = 64;
  const rgb = Uint8Array.from({ length: rows * rows * 3 }, (_, index) => (index * 7) & 255);
  const jpeg = await sharp(rgb, { raw: { width: rows, height: rows, channels: 3 } })
    .jpeg()
    .toBuffer();
  const write = { transferSyntaxUid: transferSyntax.jpegBaseline };
  writeSeriesFolder(join(root, 'ct'), ctSeries({ instances: 24, rows }));
  mkdirSync(join(root, 'enhanced'));
  writeFileSync(join(root, 'enhanced', 'a.dcm'), enhancedMultiFrame({ slices: 20, rows, columns: rows }));
  mkdirSync(join(root, 'jpeg'));
  const attributes = encapsulatedPixelData([jpeg]);
  writeFileSync(join(root, 'jpeg', 'a.dcm'), secondaryCapture({ rows, columns: rows, attributes, write }));
}

/** @param {number} pictures */
async function live(pictures) {
  const root = mkdtempSync(join(tmpdir(), 'long-life-'));
  await writeAll(root);
  const server = fork(import.meta.filename, ['serve'], { env: { ...process.env, LONG_LIFE_FOLDER: root } });
  const [port] = await once(server, 'message');
  const web = `http://127.0.0.1:${port}`;
  const names = ['ct', 'enhanced', 'jpeg'].flatMap((name) => [join(root, name), `${web}/${name}/`]);
  const random = seededRandom(1);
  const previewer = createPreviewer({ workers: 2, pictures: 8 });
  let asked = 0;
  let aborted = 0;
  /** Milliseconds that pictures take here, about. */
  let usualMs = 25;

  /** @param {boolean} mayAbort */
  const one = async (mayAbort) => {
    const name = names[asked++ % names.length] ?? '';
    const controller = new AbortController();
    const isAborted = mayAbort && random() < 0.2;
    const started = performance.now();
    const abort = isAborted ? globalThis.setTimeout(() => controller.abort(), random() * usualMs * 0.6) : undefined;
    try {
      await previewer.createMosaic(name, { noCache: true, imageWidth: 64, tileWidth: 3, signal: controller.signal });
      usualMs += (performance.now() - started - usualMs) / 10;
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      aborted++;
    } finally {
      clearTimeout(abort);
    }
  };
  /** @param {Measured['stage']} stage */
  const measure = async (stage) => {
    await setTimeout(50);
    globalThis.gc?.();
    globalThis.gc?.();
    console.log(JSON.stringify(measured(stage, asked, aborted)));
  };

  await measure('start');
  while (asked < pictures) {
    // Five at a time.
    const batch = Math.min(200, pictures - asked);
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        for (let turn = 0; turn < batch / 5; turn++) await one(true);
      }),
    );
    await measure('run');
  }
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 5);
  await Promise.all(Array.from({ length: 100 }, () => one(false)));
  clearInterval(watch);
  console.log(JSON.stringify({ ...measured('hundred at once', asked, aborted), rssMb: Math.round(most / 1e6) }));
  await measure('after');
  await previewer.close();
  server.disconnect();
  await once(server, 'exit');
  await measure('closed');
  rmSync(root, { recursive: true, force: true });
}

/**
 * @param {Measured['stage']} stage
 * @param {number} pictures
 * @param {number} aborted
 * @returns {Measured}
 */
function measured(stage, pictures, aborted) {
  /** @type {Record<string, number>} */
  const resources = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const { rss, heapUsed } = process.memoryUsage();
  const [rssMb, heapMb] = [Math.round(rss / 1e6), Math.round(heapUsed / 1e6)];
  return { stage, pictures, aborted, rssMb, heapMb, ...ofLinux(), resources };
}

/** @returns {Pick<Measured, 'files' | 'sockets' | 'threads'>} zeros where the system does not tell */
function ofLinux() {
  try {
    const opened = readdirSync('/proc/self/fd').map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    });
    const sockets = opened.filter((target) => target.startsWith('socket:')).length;
    return { files: opened.length, sockets, threads: readdirSync('/proc/self/task').length };
  } catch {
    return { files: 0, sockets: 0, threads: 0 };
  }
}
