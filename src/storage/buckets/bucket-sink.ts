import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { NotFoundError, OutputError } from '../../base/errors.ts';
import { joinKey } from '../../base/keys.ts';
import type { HttpDocument, HttpHeaders } from '../../http/types.ts';
import type { Sink, SinkFile } from '../../types/sink.ts';
import type { Store } from '../../types/storage.ts';
import { locationOf } from '../locations.ts';
import { type BucketOptions, createBucketStore } from './bucket-store.ts';

/** Sends one request that changes an object, after which the bucket is as it is after two of them. */
export type SendToBucket = (request: {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  /** Complete, from the top of the bucket. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: HttpHeaders;
  readonly body?: Uint8Array<ArrayBufferLike>;
}) => Promise<HttpDocument>;

/** A large object that is sent in parts. It appears when it is completed, and never where it is given up. */
export interface PartUpload {
  /** @param number from 1 */
  put(number: number, bytes: Uint8Array): Promise<void>;
  complete(): Promise<void>;
  giveUp(): Promise<void>;
}

/** How a provider takes objects. */
export interface BucketWriting {
  /** What a PUT of a whole object needs beside its type and length. */
  readonly putHeaders: HttpHeaders;
  beginUpload(key: string, headers: HttpHeaders, send: SendToBucket): Promise<PartUpload>;
}

/** Objects larger than this are sent in parts of this size. */
const minPartLength: number = 16 * 1024 * 1024;
/** Amazon and Google take 10,000 parts, Azure 50,000. */
const maxParts = 9_000;
/** Parts in memory, and on their way, at a time. */
const partsAtATime = 3;
const maxReplyLength = 1024 * 1024;

/** The types of what an atlas consists of: a browser shows a page only where the bucket says that it is one. */
const contentTypes: Readonly<Record<string, string>> = {
  ...{ json: 'application/json', tar: 'application/x-tar', parquet: 'application/vnd.apache.parquet' },
  ...{ html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' },
  ...{ svg: 'image/svg+xml', webp: 'image/webp', png: 'image/png', map: 'application/json' },
};

/** A prefix of a bucket that can be written to. An object appears when all of its bytes have come. */
export function createBucketSink(
  bucket: BucketOptions,
  writing: BucketWriting,
  partLength: number = minPartLength,
): Sink {
  return new BucketSink(bucket, writing, partLength);
}

class BucketSink implements Sink {
  readonly location: string;
  readonly #bucket: BucketOptions;
  readonly #writing: BucketWriting;
  readonly #store: Store;
  readonly #partLength: number;

  constructor(bucket: BucketOptions, writing: BucketWriting, partLength: number) {
    this.#bucket = bucket;
    this.#writing = writing;
    this.#store = createBucketStore(bucket);
    this.#partLength = partLength;
    this.location = this.#store.location;
  }

  async list(prefix: string): Promise<readonly SinkFile[]> {
    const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')));
    try {
      const found = await this.#store.list(folder);
      return found
        .filter(({ key }) => key.startsWith(prefix))
        .map(({ key, byteLength = 0 }) => ({ name: key, byteLength }));
    } catch (error) {
      if (error instanceof NotFoundError) return [];
      throw error;
    }
  }

  async read(
    name: string,
    range: { readonly offset: number; readonly length: number } = { offset: 0, length: Infinity },
  ): Promise<Uint8Array> {
    return (await this.#store.read(name, range)).bytes;
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    const { putHeaders } = this.#writing;
    await this.#send({
      method: 'PUT',
      key: this.#keyOf(name),
      headers: { ...putHeaders, ...typeOf(name) },
      body: bytes,
    });
  }

  async writeFile(name: string, path: string): Promise<void> {
    const file = await open(path).catch((cause: unknown) => {
      throw new OutputError(`'${path}' could not be read, to be written to ${this.location}.`, { cause });
    });
    try {
      const { size } = await file.stat();
      const part = async (offset: number, length: number): Promise<Uint8Array> => {
        const bytes = new Uint8Array(length);
        const { bytesRead } = await file.read(bytes, 0, length, offset);
        if (bytesRead === length) return bytes;
        throw new OutputError(`'${path}' became shorter while it was written to ${this.location}.`);
      };
      if (size <= this.#partLength) await this.write(name, await part(0, size));
      else await this.#writeInParts(name, size, part);
    } finally {
      await file.close();
    }
  }

  async remove(name: string): Promise<void> {
    try {
      await this.#send({ method: 'DELETE', key: this.#keyOf(name) });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #writeInParts(
    name: string,
    size: number,
    part: (offset: number, length: number) => Promise<Uint8Array>,
  ): Promise<void> {
    const key = this.#keyOf(name);
    const partLength = Math.max(this.#partLength, Math.ceil(size / maxParts));
    const count = Math.ceil(size / partLength);
    const upload = await this.#writing.beginUpload(key, typeOf(name), (request) => this.#send(request));
    let next = 1;
    let isFailing = false;
    const lane = async (): Promise<void> => {
      while (next <= count && !isFailing) {
        const number = next++;
        const offset = (number - 1) * partLength;
        await upload.put(number, await part(offset, Math.min(partLength, size - offset)));
      }
    };
    try {
      const lanes = Array.from({ length: Math.min(partsAtATime, count) }, async () => {
        await lane().catch((error: unknown) => {
          isFailing = true;
          throw error;
        });
      });
      const ended = await Promise.allSettled(lanes);
      const failed = ended.find((each) => each.status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
      await upload.complete().catch((error: unknown) => this.#checkCompleted(name, size, error));
    } catch (error) {
      // Parts that nobody completes would be paid for.
      await upload.giveUp().catch(() => undefined);
      throw error;
    }
  }

  /** Where the reply to a completion was lost, the next one says that there is no such upload: is the object there? */
  async #checkCompleted(name: string, size: number, error: unknown): Promise<void> {
    if (!(error instanceof NotFoundError)) throw error;
    const found = await this.#store.read(name, { offset: 0, length: 1 }).catch(() => undefined);
    if (found?.objectByteLength !== size) throw error;
  }

  #keyOf(name: string): string {
    return this.#bucket.prefix === '' ? name : joinKey(this.#bucket.prefix, name);
  }

  readonly #send: SendToBucket = async ({ method, key, query = {}, headers = {}, body = new Uint8Array(0) }) => {
    const { operation, transport, bucketLocation } = this.#bucket;
    const hasBody = method !== 'DELETE';
    const sent = {
      method,
      headers: hasBody ? { ...headers, 'content-length': String(body.length), 'content-md5': md5Of(body) } : headers,
      ...(hasBody ? { body } : {}),
    };
    const { request, succeeded } = operation(key, query, locationOf(bucketLocation, key), sent);
    const reply = await transport.fetchDocument(request, {
      statuses: [200, 201, 202, 204],
      maxByteLength: maxReplyLength,
    });
    succeeded();
    return reply;
  };
}

function typeOf(name: string): HttpHeaders {
  const type = contentTypes[name.slice(name.lastIndexOf('.') + 1).toLowerCase()];
  return { 'content-type': type ?? 'application/octet-stream' };
}

/** All three providers refuse a body that is another than this says (RFC 1864). */
function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64');
}
