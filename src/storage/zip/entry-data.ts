import { concatenate } from '../../base/bytes.ts';
import { StorageError } from '../../base/errors.ts';
import { locationOf } from '../locations.ts';
import { localHeaderLength, type ZipEntry } from './directory.ts';
import { sizesArePossible } from './inflate.ts';
import type { ZipSource } from './source.ts';

/** Compression methods that are not supported (APPNOTE 4.4.5). */
const methodNames: Readonly<Record<number, string>> = {
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
const localSignature = 0x04034b50;
/** The local extra fields may be longer than those of the directory, with time stamps or for alignment. */
const extraRoom = 64;
/** For reads beyond this offset, the header is read separately, without the bytes between. */
const farOffset = 64 * 1024;

/** The compressed (or stored) bytes of one file of an archive. */
export class ZipEntryData {
  readonly entry: ZipEntry;
  readonly location: string;
  readonly #source: ZipSource;
  #dataOffset: number | undefined;

  constructor(source: ZipSource, entry: ZipEntry, archive: string) {
    this.#source = source;
    this.entry = entry;
    this.location = locationOf(archive, entry.key);
  }

  /** Throws a StorageError for a file that cannot be read: encrypted, or neither stored nor deflated. */
  checkReadable(): void {
    const { isEncrypted, method, compressedLength, length } = this.entry;
    const { location } = this;
    if (isEncrypted || method === 99) {
      throw new StorageError(`${location} is encrypted. Unpack the archive with its password first.`, { location });
    }
    if (method !== 0 && method !== 8) {
      const name = methodNames[method];
      throw new StorageError(
        `${location} is compressed by method ${method}${name === undefined ? '' : ` (${name})`}; expected stored or ` +
          'deflated. Unpack the archive, or pack it again.',
        { location },
      );
    }
    if (!sizesArePossible(method, compressedLength, length)) {
      throw this.damaged(`${compressedLength} bytes cannot hold the ${length} that the archive says`);
    }
  }

  /** The error for a file that is damaged. */
  damaged(why: string, cause?: unknown): StorageError {
    return new StorageError(`${this.location} cannot be read: ${why}.`, { location: this.location, cause });
  }

  /** Reads bytes of the compressed data; fewer where they end. The first read also reads the local header. */
  async read(offset: number, length: number, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const wanted = this.#clamp(offset, length);
    if (this.#dataOffset !== undefined) return this.#source.read(this.#dataOffset + offset, wanted, signal);
    const isFar = offset > farOffset;
    const { at, size } = this.#headerRange(isFar ? 0 : offset + wanted);
    const bytes = this.#dataFrom(await this.#source.read(at, size, signal));
    if (isFar) return this.read(offset, length, signal);
    if (bytes.length >= offset + wanted) return bytes.slice(offset, offset + wanted);
    const came = bytes.subarray(offset);
    const rest = await this.read(offset + came.length, wanted - came.length, signal);
    return concatenate(came, rest);
  }

  /** The same without a promise, where the archive is on a local disk. */
  readSync(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const { readSync } = this.#source;
    if (readSync === undefined) throw new TypeError('readSync needs a local archive');
    const wanted = this.#clamp(offset, length);
    if (this.#dataOffset === undefined) {
      const { at, size } = this.#headerRange(offset > farOffset ? 0 : offset + wanted);
      const bytes = this.#dataFrom(readSync(at, size));
      if (bytes.length >= offset + wanted) return bytes.slice(offset, offset + wanted);
    }
    return readSync((this.#dataOffset ?? 0) + offset, wanted);
  }

  #clamp(offset: number, length: number): number {
    return Math.max(0, Math.min(length, this.entry.compressedLength - offset));
  }

  /** The range to read for the local header and `wanted` bytes of the data after it. */
  #headerRange(wanted: number): { readonly at: number; readonly size: number } {
    const { headerOffset, spanEnd, namesLength } = this.entry;
    const size = localHeaderLength + (wanted === 0 ? 0 : namesLength + extraRoom + wanted);
    return { at: headerOffset, size: Math.min(size, spanEnd - headerOffset) };
  }

  /** Notes where the data begin. Answers their first bytes, as far as they were read with the header. */
  #dataFrom(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { headerOffset, compressedLength } = this.entry;
    this.#dataOffset = this.#dataOffsetFrom(bytes);
    const start = this.#dataOffset - headerOffset;
    return bytes.subarray(start, start + compressedLength);
  }

  #dataOffsetFrom(header: Uint8Array): number {
    const { headerOffset, compressedLength, spanEnd, method } = this.entry;
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    if (view.byteLength < localHeaderLength || view.getUint32(0, true) !== localSignature) {
      throw this.damaged('it does not begin where the directory of the archive says');
    }
    if (view.getUint16(8, true) !== method) throw this.damaged('the archive contradicts itself about its compression');
    const offset = headerOffset + localHeaderLength + view.getUint16(26, true) + view.getUint16(28, true);
    if (offset + compressedLength > spanEnd) throw this.damaged('it reaches into the next file of the archive');
    return offset;
  }
}
