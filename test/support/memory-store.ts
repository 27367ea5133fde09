import { NotFoundError } from '../../src/base/errors.ts';
import type { ByteRange, Store, StoredObject } from '../../src/types/storage.ts';

/** One read of a {@link MemoryStore}. */
export interface RecordedRead extends ByteRange {
  readonly key: string;
  /** Bytes that came back. */
  readonly received: number;
}

/** A store in memory that notes every read, for tests that count requests and bytes. */
export class MemoryStore implements Store {
  readonly location = 'memory://test';
  readonly concurrency: number;
  readonly reads: RecordedRead[] = [];
  readonly #objects: ReadonlyMap<string, Uint8Array>;
  readonly #tellsSizes: boolean;

  constructor(objects: ReadonlyMap<string, Uint8Array>, options: { tellsSizes?: boolean; concurrency?: number } = {}) {
    this.#objects = objects;
    this.#tellsSizes = options.tellsSizes ?? true;
    this.concurrency = options.concurrency ?? 8;
  }

  get statistics(): { requests: number; receivedBytes: number } {
    return { requests: this.reads.length, receivedBytes: this.reads.reduce((sum, { received }) => sum + received, 0) };
  }

  async list(prefix: string): Promise<readonly StoredObject[]> {
    const below = prefix === '' ? '' : `${prefix}/`;
    return [...this.#objects]
      .filter(([key]) => key.startsWith(below))
      .map(([key, bytes]) => ({ key, byteLength: this.#tellsSizes ? bytes.length : undefined, etag: undefined }));
  }

  async listFolders(prefix: string, startsWith: string): Promise<readonly string[]> {
    const below = prefix === '' ? '' : `${prefix}/`;
    const names = [...this.#objects.keys()]
      .filter((key) => key.startsWith(below) && key.slice(below.length).includes('/'))
      .map((key) => key.slice(below.length).split('/')[0] ?? '');
    return [...new Set(names)].filter((name) => name.startsWith(startsWith)).sort();
  }

  async read(key: string, range: ByteRange): ReturnType<Store['read']> {
    const bytes = this.#objects.get(key);
    if (bytes === undefined) throw new NotFoundError(`No object '${key}'.`, { location: this.location });
    const part = new Uint8Array(bytes.slice(range.offset, Math.min(bytes.length, range.offset + range.length)));
    this.reads.push({ key, ...range, received: part.length });
    return { bytes: part, objectByteLength: this.#tellsSizes ? bytes.length : undefined, etag: undefined };
  }

  async close(): Promise<void> {}
}

/** Objects as listed by a {@link MemoryStore}. */
export function listed(objects: ReadonlyMap<string, Uint8Array>): readonly StoredObject[] {
  return [...objects].map(([key, bytes]) => ({ key, byteLength: bytes.length, etag: undefined }));
}
