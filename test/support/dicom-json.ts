/** A DICOM JSON attribute (PS3.18 section F.2.2). */
export interface JsonAttribute {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly InlineBinary?: string;
  readonly BulkDataURI?: string;
}

export type JsonInstance = Readonly<Record<string, JsonAttribute>>;

/** An instance taken apart, for a server to serve. */
export interface TakenApart {
  /** Everything but the meta information and the pixel data. */
  readonly json: JsonInstance;
  readonly transferSyntaxUid: string;
  /** Native pixel data as one, encapsulated ones by frame (one fragment a frame). */
  readonly frames: readonly Uint8Array[];
  /** Values of binary attributes by the path that their Bulk Data URI ends with. */
  readonly bulk: ReadonlyMap<string, Uint8Array>;
}

const LONG = /^(O[BDFLVW]|S[QV]|U[CNRTV])$/;
const BINARY = /^(O[BDFLVW]|UN)$/;
const NUMBERS: Readonly<Record<string, readonly [number, (view: DataView, at: number) => number]>> = {
  US: [2, (view, at) => view.getUint16(at, true)],
  SS: [2, (view, at) => view.getInt16(at, true)],
  UL: [4, (view, at) => view.getUint32(at, true)],
  SL: [4, (view, at) => view.getInt32(at, true)],
  FL: [4, (view, at) => view.getFloat32(at, true)],
  FD: [8, (view, at) => view.getFloat64(at, true)],
};

/**
 * Takes a generated instance in Explicit VR Little Endian (pixel data of any syntax) apart into what a DICOMweb server
 * answers. Tables of words (OW, or US with more than 8 values) go to `bulk` when `withBulk` says so.
 */
export function takeApart(bytes: Uint8Array, options: { readonly withBulk?: boolean } = {}): TakenApart {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bulk = new Map<string, Uint8Array>();
  let frames: readonly Uint8Array[] = [];
  let transferSyntaxUid = '';

  const latin1 = (at: number, length: number): string =>
    Buffer.from(bytes.subarray(at, at + length)).toString('latin1');

  const items = (
    at: number,
    end: number,
  ): { readonly ranges: (readonly [number, number])[]; readonly next: number } => {
    const ranges: (readonly [number, number])[] = [];
    let position = at;
    while (position < end) {
      const tag = view.getUint16(position, true) * 0x1_0000 + view.getUint16(position + 2, true);
      const length = view.getUint32(position + 4, true);
      position += 8;
      if (tag === 0xfffe_e0dd) return { ranges, next: position };
      if (length === 0xffff_ffff) {
        const close = dataSet(position, bytes.length, '').next;
        ranges.push([position, close]);
        position = close;
      } else {
        ranges.push([position, position + length]);
        position += length;
      }
    }
    return { ranges, next: position };
  };

  const dataSet = (at: number, end: number, path: string): { readonly json: JsonInstance; readonly next: number } => {
    const json: Record<string, JsonAttribute> = {};
    let position = at;
    while (position + 8 <= end) {
      const tag = view.getUint16(position, true) * 0x1_0000 + view.getUint16(position + 2, true);
      if (tag === 0xfffe_e00d) return { json, next: position + 8 };
      const vr = latin1(position + 4, 2);
      const isLong = LONG.test(vr);
      const length = isLong ? view.getUint32(position + 8, true) : view.getUint16(position + 6, true);
      const value = position + (isLong ? 12 : 8);
      const name = tag.toString(16).toUpperCase().padStart(8, '0');
      const isUndefined = isLong && length === 0xffff_ffff;
      if (vr === 'SQ' || isUndefined) {
        const { ranges, next } = items(value, isUndefined ? bytes.length : value + length);
        position = next;
        if (tag === 0x7fe0_0010) {
          // The first item is the offset table.
          frames = ranges.slice(1).map(([from, to]) => bytes.subarray(from, to));
        } else {
          const parts = ranges.map(([from, to], index) => dataSet(from, to, `${path}${name}-${index}-`).json);
          json[name] = { vr, Value: parts };
        }
        continue;
      }
      position = value + length;
      const content = bytes.subarray(value, value + length);
      if (tag === 0x0002_0010) transferSyntaxUid = latin1(value, length).replace(/\0+$/, '');
      else if (name.startsWith('7FE0')) {
        if (tag >= 0x7fe0_0008) frames = [content];
        if (tag === 0x7fe0_0008 || tag === 0x7fe0_0009) json[name] = { vr, BulkDataURI: 'pixels' };
      } else if (!name.startsWith('0002')) {
        const isTable = vr === 'OW' || (vr === 'US' && length > 16);
        if (isTable && options.withBulk === true) {
          bulk.set(`${path}${name}`, content);
          json[name] = { vr, BulkDataURI: `bulk/${path}${name}` };
        } else {
          json[name] = attributeOf(vr, content);
        }
      }
    }
    return { json, next: position };
  };

  const { json } = dataSet(132, bytes.length, '');
  return { json, transferSyntaxUid, frames, bulk };
}

function attributeOf(vr: string, content: Uint8Array): JsonAttribute {
  if (content.length === 0) return { vr };
  if (BINARY.test(vr)) return { vr, InlineBinary: Buffer.from(content).toString('base64') };
  if (vr === 'AT') {
    const words = new Uint16Array(content.slice().buffer);
    const digits = [...words].map((word) => word.toString(16).toUpperCase().padStart(4, '0'));
    return { vr, Value: [digits.join('')] };
  }
  const numbers = NUMBERS[vr];
  if (numbers !== undefined) {
    const [size, read] = numbers;
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    return { vr, Value: Array.from({ length: content.length / size }, (_, index) => read(view, index * size)) };
  }
  const text = Buffer.from(content)
    .toString('utf8')
    .replace(/[\0 ]+$/, '');
  const texts = text.split('\\').map((each) => each.trim());
  if (vr === 'PN') return { vr, Value: texts.map((each) => ({ Alphabetic: each })) };
  if (vr === 'DS' || vr === 'IS') return { vr, Value: texts.map((each) => (each === '' ? null : Number(each))) };
  return { vr, Value: texts };
}
