import { crc32, deflateRawSync } from 'node:zlib';

/** One file of an archive; the overrides make it wrong. */
export interface ZipFileOptions {
  /** As bytes: not marked as UTF-8. */
  readonly name: string | Uint8Array;
  readonly bytes: Uint8Array;
  /** Default: deflated. */
  readonly stored?: boolean;
  /** 0..9, default 6. */
  readonly level?: number;
  /** Sizes and checksum after the data, zeros before them. */
  readonly descriptor?: boolean;
  readonly zip64?: boolean;
  /** Bytes of an extra field in the local header alone. */
  readonly localExtra?: number;
  readonly flags?: number;
  readonly declared?: {
    readonly method?: number;
    readonly crc32?: number;
    readonly length?: number;
    readonly compressedLength?: number;
    readonly headerOffset?: number;
    readonly localMethod?: number;
  };
}

export interface ZipOptions {
  readonly comment?: string;
  readonly zip64?: boolean;
  /** In the end record. */
  readonly declaredCount?: number;
}

const UTF8 = 0x800;

/** Makes a zip archive (APPNOTE 6.3). */
export function makeZip(files: readonly ZipFileOptions[], options: ZipOptions = {}): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    offset += part.length;
  };
  for (const file of files) {
    const name = typeof file.name === 'string' ? Buffer.from(file.name, 'utf8') : Buffer.from(file.name);
    const data =
      file.stored === true ? Buffer.from(file.bytes) : deflateRawSync(file.bytes, { level: file.level ?? 6 });
    const { declared = {} } = file;
    const method = declared.method ?? (file.stored === true ? 0 : 8);
    const checksum = declared.crc32 ?? crc32(file.bytes);
    const length = declared.length ?? file.bytes.length;
    const compressedLength = declared.compressedLength ?? data.length;
    const flags = (file.flags ?? 0) | (typeof file.name === 'string' ? UTF8 : 0) | (file.descriptor === true ? 8 : 0);
    const headerOffset = declared.headerOffset ?? offset;
    const extra = Buffer.alloc(file.localExtra ?? 0);
    if (extra.length >= 4) extra.writeUInt16LE(extra.length - 4, 2);
    const later = file.descriptor === true;
    add(
      record(0x04034b50, [
        [2, 20],
        [2, flags],
        [2, declared.localMethod ?? method],
        [4, 0],
        [4, later ? 0 : checksum],
        [4, later ? 0 : Math.min(compressedLength, 0xffffffff)],
        [4, later ? 0 : Math.min(length, 0xffffffff)],
        [2, name.length],
        [2, extra.length],
      ]),
    );
    add(Buffer.concat([name, extra, data]));
    if (later) {
      add(
        record(0x08074b50, [
          [4, checksum],
          [4, data.length],
          [4, file.bytes.length],
        ]),
      );
    }
    const wide = file.zip64 === true;
    const large = wide ? record64([length, compressedLength, headerOffset]) : Buffer.alloc(0);
    directory.push(
      record(0x02014b50, [
        [2, 20],
        [2, 20],
        [2, flags],
        [2, method],
        [4, 0],
        [4, checksum],
        [4, wide ? 0xffffffff : compressedLength],
        [4, wide ? 0xffffffff : length],
        [2, name.length],
        [2, large.length],
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, wide ? 0xffffffff : headerOffset],
      ]),
      name,
      large,
    );
  }
  const start = offset;
  for (const part of directory) add(part);
  const size = offset - start;
  const count = options.declaredCount ?? files.length;
  if (options.zip64 === true) {
    const at = offset;
    const end = Buffer.alloc(56);
    end.writeUInt32LE(0x06064b50, 0);
    end.writeBigUInt64LE(44n, 4);
    end.writeBigUInt64LE(BigInt(count), 24);
    end.writeBigUInt64LE(BigInt(count), 32);
    end.writeBigUInt64LE(BigInt(size), 40);
    end.writeBigUInt64LE(BigInt(start), 48);
    add(end);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(at), 8);
    locator.writeUInt32LE(1, 16);
    add(locator);
  }
  const comment = Buffer.from(options.comment ?? '', 'latin1');
  const wide = options.zip64 === true;
  add(
    record(0x06054b50, [
      [2, 0],
      [2, 0],
      [2, wide ? 0xffff : Math.min(count, 0xffff)],
      [2, wide ? 0xffff : Math.min(count, 0xffff)],
      [4, wide ? 0xffffffff : size],
      [4, wide ? 0xffffffff : start],
      [2, comment.length],
    ]),
  );
  add(comment);
  return new Uint8Array(Buffer.concat(parts));
}

/** Files of a map, deflated and stored by turns. */
export function zipOf(objects: ReadonlyMap<string, Uint8Array>, options: ZipOptions = {}): Uint8Array<ArrayBuffer> {
  return makeZip(
    [...objects].map(([name, bytes], index) => ({ name, bytes, stored: index % 2 === 1 })),
    options,
  );
}

function record(signature: number, fields: readonly (readonly [size: 2 | 4, value: number])[]): Buffer {
  const bytes = Buffer.alloc(4 + fields.reduce((sum, [size]) => sum + size, 0));
  bytes.writeUInt32LE(signature, 0);
  let at = 4;
  for (const [size, value] of fields) {
    if (size === 2) bytes.writeUInt16LE(value, at);
    else bytes.writeUInt32LE(value, at);
    at += size;
  }
  return bytes;
}

function record64(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 8 * values.length);
  bytes.writeUInt16LE(1, 0);
  bytes.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, index) => {
    bytes.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  });
  return bytes;
}
