import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sink } from '../index.ts';

/** The page as the build made it, beside this module's bundle. */
const pageFolder = fileURLToPath(new URL('./atlas/', import.meta.url));
/** An atlas of so many series gets a page in one file too, unless the caller says otherwise. */
const maxSeriesInOneFile = 2000;
/** Three bytes make four characters of base64: pieces whose length is a multiple of three can be joined. */
const pieceLength = 3 * 1024 * 1024;

export interface PageOptions {
  /** Write one HTML file that holds everything. Default: for up to 2,000 series. */
  readonly selfContained?: boolean | undefined;
}

/** The files of an atlas that people open. */
export interface WrittenPage {
  readonly page: string;
  /** Opens from a disk; null where it was not written. */
  readonly selfContainedPage: string | null;
}

const selfContainedName = 'atlas.html';

/**
 * Makes the page of an atlas: `index.html` and `atlas/*` for any web server, and for small atlases `atlas.html`, which opens
 * from a disk.
 *
 * @param manifestPath the manifest on this machine
 * @param folder for what is too large for memory
 * @returns what writes the page: after the manifest, which it shows
 */
export async function preparePage(
  sink: Sink,
  { manifestPath, folder, series }: { manifestPath: string; folder: string; series: number },
  { selfContained = series <= maxSeriesInOneFile }: PageOptions,
): Promise<() => Promise<WrittenPage>> {
  const [template, script, style] = await Promise.all(
    ['index.html', 'page.js', 'page.css'].map((name) => readFile(join(pageFolder, name), 'utf8')),
  );
  if (template === undefined || script === undefined || style === undefined) throw new TypeError('no page');
  const { size } = await stat(manifestPath);
  const about = JSON.stringify({ version: await digestOf(manifestPath), manifestByteLength: size });
  const atlas = `<script type="application/json" id="atlas">${about}</script>`;
  const path = join(folder, selfContainedName);
  if (selfContained) {
    const file = await open(path, 'w');
    try {
      const inline = `<script type="module">${script}</script>`;
      const [head = '', tail = ''] = filled(template, {
        csp: policy(`'${hashOf(script)}'`, `'${hashOf(style)}'`, ''),
        ...{ style: `<style>${style}</style>`, atlas, script: inline, elsewhere: '' },
      }).split('{{files}}');
      await file.writeFile(head);
      await embed(file, 'manifest.parquet', createReadStream(manifestPath, { highWaterMark: pieceLength }));
      for (const { name } of await sink.list('shards/')) await embed(file, name, [await sink.read(name)]);
      await file.writeFile(tail);
    } finally {
      await file.close();
    }
  }
  const page = filled(template, {
    csp: policy("'self'", "'self'", "worker-src 'self'; connect-src 'self'; "),
    style: '<link rel="stylesheet" href="atlas/page.css">',
    script: '<script type="module" src="atlas/page.js"></script>',
    elsewhere: selfContained ? ` From a disk, open <a href="${selfContainedName}">${selfContainedName}</a>.` : '',
    ...{ atlas, files: '' },
  });
  return async () => {
    const encoder = new TextEncoder();
    if (selfContained) await sink.writeFile(selfContainedName, path);
    else await sink.remove(selfContainedName);
    await sink.write('atlas/page.js', encoder.encode(script));
    await sink.write('atlas/page.css', encoder.encode(style));
    await sink.write('index.html', encoder.encode(page));
    return { page: 'index.html', selfContainedPage: selfContained ? selfContainedName : null };
  };
}

function policy(script: string, style: string, more: string): string {
  return `default-src 'none'; script-src ${script}; style-src ${style}; ${more}img-src blob: data:; base-uri 'none'; form-action 'none'`;
}

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (mark, name: string) => values[name] ?? mark);
}

/** Base64 holds no character that means something in HTML. */
async function embed(
  file: FileHandle,
  name: string,
  pieces: AsyncIterable<Buffer> | Iterable<Uint8Array>,
): Promise<void> {
  await file.writeFile(`<script type="text/plain" data-file="${name}">`);
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const whole = bytes.length - (bytes.length % 3);
    await file.writeFile(bytes.toString('base64', 0, whole));
    rest = bytes.subarray(whole);
  }
  await file.writeFile(`${rest.toString('base64')}</script>\n`);
}

/** As Content Security Policy wants it (CSP 3, 2.3.1). */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest('hex').slice(0, 16);
}
