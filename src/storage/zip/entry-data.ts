import { concatenate } from '../../base/bytes.ts';
import { StorageError } from '../../base/errors.ts';
import { printableKey } from '../../base/keys.ts';
import type { ZipEntry } from './directory.ts';
import { sizesArePossible } from './inflate.ts';
import type { ZipSource } from './source.ts';

/** APPNOTE 4.4.5. */
const METHOD_NAMES: Readonly<Record<number, string>> = {
  1: 'shrunk',
  6: 'imploded',
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'xz',
  96: 'JPEG variant',
  98: 'PPMd',
  99: 'encrypted with AES',
};
const LOCAL_HEADER_LENGTH = 30;
const LOCAL_SIGNATURE = 0x04034b50;
/** Local extra fields may be longer than those of the directory: time stamps, alignment. */
const EXTRA_ROOM = 64;
/** Beyond this the header is read by itself, not with all that lies between. */
const FAR_INTO_FILE = 64 * 1024;

/** The compressed (or stored) bytes of one file of an archive. */
export class ZipEntryData {
  readonly entry: ZipEntry;
  readonly location: string;
  readonly #source: ZipSource;
  #dataOffset: number | undefined;

  constructor(source: ZipSource, entry: ZipEntry, archive: string) {
    this.#source = source;
    this.entry = entry;
    this.location = `${archive}/${printableKey(entry.key)}`;
  }

  /** Throws a StorageError for what cannot be read: an encryption, a method other than stored and deflated. */
  checkReadable(): void {
    const { isEncrypted, method, compressedLength, length } = this.entry;
    const { location } = this;
    if (isEncrypted || method === 99) {
      throw new StorageError(`${location} is encrypted. Unpack the archive with its password first.`, { location });
    }
    if (method !== 0 && method !== 8) {
      const name = METHOD_NAMES[method];
      throw new StorageError(
        `${location} is compressed by method ${method}${name === undefined ? '' : ` (${name})`}; expected stored or ` +
          'deflated. Unpack the archive, or pack it anew.',
        { location },
      );
    }
    if (!sizesArePossible(method, compressedLength, length)) {
      throw this.damaged(`${compressedLength} bytes cannot hold the ${length} that the archive says`);
    }
  }

  /** A StorageError for this file. */
  damaged(why: string, cause?: unknown): StorageError {
    return new StorageError(`${this.location} cannot be read: ${why}.`, { location: this.location, cause });
  }

  /** Bytes of the compressed data; fewer where they end. The first read brings the local header along. */
  async read(offset: number, length: number, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const wanted = this.#clamp(offset, length);
    if (this.#dataOffset !== undefined) return this.#source.read(this.#dataOffset + offset, wanted, signal);
    const isFar = offset > FAR_INTO_FILE;
    const { at, size } = this.#headerRange(isFar ? 0 : offset + wanted);
    const bytes = this.#dataFrom(await this.#source.read(at, size, signal));
    if (isFar) return this.read(offset, length, signal);
    if (bytes.length >= offset + wanted) return bytes.slice(offset, offset + wanted);
    const came = bytes.subarray(offset);
    const rest = await this.read(offset + came.length, wanted - came.length, signal);
    return concatenate(came, rest);
  }

  /** The same at once, where the archive lies on a local disk. */
  readSync(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const { readSync } = this.#source;
    if (readSync === undefined) throw new TypeError('readSync needs a local archive');
    const wanted = this.#clamp(offset, length);
    if (this.#dataOffset === undefined) {
      const { at, size } = this.#headerRange(offset > FAR_INTO_FILE ? 0 : offset + wanted);
      const bytes = this.#dataFrom(readSync(at, size));
      if (bytes.length >= offset + wanted) return bytes.slice(offset, offset + wanted);
    }
    return readSync((this.#dataOffset ?? 0) + offset, wanted);
  }

  #clamp(offset: number, length: number): number {
    return Math.max(0, Math.min(length, this.entry.compressedLength - offset));
  }

  /** What to read for the local header and so many of the data that follow it. */
  #headerRange(wanted: number): { readonly at: number; readonly size: number } {
    const { headerOffset, spanEnd, namesLength } = this.entry;
    const size = LOCAL_HEADER_LENGTH + (wanted === 0 ? 0 : namesLength + EXTRA_ROOM + wanted);
    return { at: headerOffset, size: Math.min(size, spanEnd - headerOffset) };
  }

  /** Notes where the data begin, and answers their first bytes as far as they came along with the header. */
  #dataFrom(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { headerOffset, compressedLength } = this.entry;
    this.#dataOffset = this.#dataOffsetFrom(bytes);
    const start = this.#dataOffset - headerOffset;
    return bytes.subarray(start, start + compressedLength);
  }

  #dataOffsetFrom(header: Uint8Array): number {
    const { headerOffset, compressedLength, spanEnd, method } = this.entry;
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    if (view.byteLength < LOCAL_HEADER_LENGTH || view.getUint32(0, true) !== LOCAL_SIGNATURE) {
      throw this.damaged('it does not begin where the directory of the archive says');
    }
    if (view.getUint16(8, true) !== method) throw this.damaged('the archive contradicts itself about its compression');
    const offset = headerOffset + LOCAL_HEADER_LENGTH + view.getUint16(26, true) + view.getUint16(28, true);
    if (offset + compressedLength > spanEnd) throw this.damaged('it reaches into the next file of the archive');
    return offset;
  }
}
