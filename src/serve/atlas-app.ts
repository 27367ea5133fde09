import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context } from 'hono';
import { NotFoundError } from '../index.ts';
import type { Gate } from './gate.ts';

export interface AtlasServerOptions {
  /** A local folder that an atlas was written to. */
  readonly folder: string;
}

/** What of an atlas is served, and nothing else: no path that a client makes up reaches the disk. */
const types: readonly (readonly [name: RegExp, type: string])[] = [
  [/^(index|atlas)\.html$/, 'text/html; charset=utf-8'],
  [/^atlas\/page\.js$/, 'text/javascript; charset=utf-8'],
  [/^atlas\/page\.css$/, 'text/css; charset=utf-8'],
  [/^atlas\.json$/, 'application/json'],
  [/^manifest\.parquet$/, 'application/vnd.apache.parquet'],
  [/^shards\/[\w-]{1,64}\.tar$/, 'application/x-tar'],
];
/** Text up to this size is sent compressed. Parquet, and pictures in tar files, are compressed as they are. */
const maxCompressedSource = 2 * 1024 * 1024;
/** A range up to this size is read at once; longer ones go in pieces. */
const pieceLength = 1024 * 1024;

/**
 * Serves the page of an atlas and what it reads, with ranges (RFC 9110, 14) and entity tags.
 *
 * @throws NotFoundError where there is no page in the folder
 */
export async function createAtlasApp({ app }: Gate, { folder }: AtlasServerOptions): Promise<void> {
  await readFile(join(folder, 'index.html')).catch((cause: unknown) => {
    throw new NotFoundError(
      `Expected an atlas with its page in '${folder}' but there is no index.html. 'atlas finish' writes it; an atlas in a bucket needs no server of ours.`,
      { location: folder, cause },
    );
  });
  const compressed = new Map<string, Promise<Buffer>>();
  app.get('*', async (context) => {
    const name = context.req.path === '/' ? 'index.html' : context.req.path.slice(1);
    const type = types.find(([pattern]) => pattern.test(name))?.[1];
    if (type === undefined) return context.notFound();
    const file = await open(join(folder, name)).catch(() => undefined);
    if (file === undefined) return context.notFound();
    let isHandedOver = false;
    try {
      const { size, mtimeMs } = await file.stat();
      const tag = `${size.toString(36)}-${Math.round(mtimeMs * 1000).toString(36)}`;
      // The page asks for files with the manifest's digest: under that name they never change.
      const isVersioned = context.req.query('v') !== undefined;
      context.header('cache-control', isVersioned ? 'private, max-age=31536000, immutable' : 'private, no-cache');
      context.header('content-type', type);
      const encoding = size <= maxCompressedSource && type.includes('charset') ? encodingFor(context) : undefined;
      if (type.includes('charset')) context.header('vary', 'accept-encoding');
      const etag = `"${tag}${encoding === undefined ? '' : `-${encoding}`}"`;
      context.header('etag', etag);
      if (isNamed(context.req.header('if-none-match'), etag)) return context.body(null, 304);
      if (encoding !== undefined) {
        const key = `${name} ${etag}`;
        const made = compressed.get(key) ?? file.readFile().then(compressors[encoding]);
        compressed.set(key, made);
        if (compressed.size > 32) compressed.clear();
        context.header('content-encoding', encoding);
        return context.body(new Uint8Array(await made), 200, { 'content-length': String((await made).length) });
      }
      context.header('accept-ranges', 'bytes');
      const ifRange = context.req.header('if-range');
      const asked = ifRange === undefined || ifRange === etag ? context.req.header('range') : undefined;
      const range = rangeOf(asked, size);
      if (range === 'beyond') return context.body(null, 416, { 'content-range': `bytes */${size}` });
      const { offset, length } = range ?? { offset: 0, length: size };
      if (range !== undefined) context.header('content-range', `bytes ${offset}-${offset + length - 1}/${size}`);
      context.header('content-length', String(length));
      const status = range === undefined ? 200 : 206;
      if (context.req.method === 'HEAD') return context.body(null, status);
      if (length <= pieceLength) return context.body(await readPiece(file, offset, length), status);
      isHandedOver = true;
      return context.body(pieces(file, offset, length), status);
    } finally {
      if (!isHandedOver) await file.close();
    }
  });
}

type Encoding = 'br' | 'gzip';
const compressors: Readonly<Record<Encoding, (bytes: Buffer) => Promise<Buffer>>> = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
  gzip: (bytes) => promisify(gzip)(bytes),
};

function encodingFor(context: Context): Encoding | undefined {
  const accepted = (context.req.header('accept-encoding') ?? '').split(',').map((each) => each.trim().split(';')[0]);
  return accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : undefined;
}

function isNamed(header: string | undefined, etag: string): boolean {
  const names = (header ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return names.includes(etag) || names.includes('*');
}

/** undefined: the whole file, since none, several or strange ranges were asked for. */
function rangeOf(
  header: string | undefined,
  size: number,
): { readonly offset: number; readonly length: number } | 'beyond' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const offset = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  return offset < end ? { offset, length: end - offset } : 'beyond';
}

async function readPiece(file: FileHandle, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    // Cut while it was read: a shorter body than said would be worse.
    if (bytesRead === 0) throw new NotFoundError('The file became shorter while it was read.', { location: '' });
    done += bytesRead;
  }
  return bytes;
}

function pieces(file: FileHandle, offset: number, length: number): ReadableStream<Uint8Array> {
  let done = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const wanted = Math.min(pieceLength, length - done);
        if (wanted > 0) controller.enqueue(await readPiece(file, offset + done, wanted));
        done += wanted;
        if (done < length) return;
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      await file.close();
    },
    cancel: () => file.close(),
  });
}
