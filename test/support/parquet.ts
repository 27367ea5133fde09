import type { AsyncBuffer } from 'hyparquet';

/** Bytes in memory as hyparquet reads a file. Each read gives a copy. */
export function bufferOf(bytes: Uint8Array): AsyncBuffer {
  return {
    byteLength: bytes.length,
    slice: (start, end = bytes.length) => Promise.resolve(new Uint8Array(bytes.subarray(start, end)).buffer),
  };
}

/** A value of Thrift's compact protocol: numbers have 32 bits, big ones 64; structures have fields by their numbers. */
export type Thrift = number | bigint | string | Uint8Array | readonly Thrift[] | { readonly [field: number]: Thrift };

/** A structure, or anything else, as it lies in a file: what no writer would write, too. */
export function thrift(value: Thrift): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') {
    const wide = BigInt(value);
    return varint(wide < 0n ? -wide * 2n - 1n : wide * 2n);
  }
  if (typeof value === 'string') return thrift(Buffer.from(value));
  if (value instanceof Uint8Array) return Buffer.concat([varint(BigInt(value.length)), value]);
  if (Array.isArray(value)) {
    const head = Buffer.from([0xf0 | typeOf(value[0] ?? 0)]);
    return Buffer.concat([head, varint(BigInt(value.length)), ...value.map(thrift)]);
  }
  const fields = Object.entries(value).map(([field, each]: [string, Thrift]) =>
    Buffer.concat([Buffer.from([typeOf(each)]), thrift(Number(field)), thrift(each)]),
  );
  return Buffer.concat([...fields, Buffer.from([0])]);
}

function typeOf(value: Thrift): number {
  if (typeof value === 'number') return 5;
  if (typeof value === 'bigint') return 6;
  if (typeof value === 'string' || value instanceof Uint8Array) return 8;
  return Array.isArray(value) ? 9 : 12;
}

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return Buffer.from([...bytes, Number(left)]);
}

/** A page, whose header may claim something else than what there is. */
export function page(
  body: Uint8Array,
  about: {
    readonly values: number;
    /** 0: values, 2: a dictionary. */
    readonly type?: number;
    /** 0: plain, 5: differences, 8: places in the dictionary. */
    readonly encoding?: number;
    /** Bytes; 'unsaid' to leave the field out. */
    readonly compressed?: number | 'unsaid';
    readonly uncompressed?: number;
  },
): Buffer {
  const { values, type = 0, encoding = 0, compressed = body.length, uncompressed = body.length } = about;
  const size = compressed === 'unsaid' ? {} : { 3: compressed };
  const levels = { 3: 3, 4: 3 };
  const header = type === 2 ? { 7: { 1: values, 2: encoding } } : { 5: { 1: values, 2: encoding, ...levels } };
  return Buffer.concat([thrift({ 1: type, 2: uncompressed, ...size, ...header }), body]);
}

/** Texts as they lie in a page. */
export function plainTexts(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.map((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([length, bytes]);
    }),
  );
}

export interface HandmadeColumn {
  readonly name: string;
  readonly pages: Uint8Array;
  /** 6: texts, 2: numbers of 64 bits. */
  readonly type?: number;
  /** What its row group claims of it: fields of ColumnMetaData. */
  readonly claims?: { readonly [field: number]: Thrift };
}

/** A Parquet file of one row group, made by hand: without compression, with a value in each row. */
export function handmadeParquet(
  rows: number,
  columns: readonly HandmadeColumn[],
  claims: { readonly rows?: bigint; readonly footer?: Uint8Array } = {},
): Buffer {
  let offset = 4;
  const chunks = columns.map(({ name, pages, type = 6, claims: more = {} }) => {
    const about = { 1: type, 2: [0], 3: [name], 4: 0, 5: BigInt(rows), 6: BigInt(pages.length) };
    const chunk = { 2: 0n, 3: { ...about, 7: BigInt(pages.length), 9: BigInt(offset), ...more } };
    offset += pages.length;
    return chunk;
  });
  const schema = [
    { 4: 'schema', 5: columns.length },
    ...columns.map(({ name, type = 6 }) => ({ 1: type, 3: 0, 4: name })),
  ];
  const group = { 1: chunks, 2: 0n, 3: claims.rows ?? BigInt(rows) };
  const footer = claims.footer ?? thrift({ 1: 1, 2: schema, 3: BigInt(rows), 4: [group] });
  const end = Buffer.alloc(8);
  end.writeUInt32LE(footer.length);
  end.write('PAR1', 4);
  return Buffer.concat([Buffer.from('PAR1'), ...columns.map(({ pages }) => pages), footer, end]);
}
