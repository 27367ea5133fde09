import { Buffer } from 'node:buffer';

/** A directory record: its type, keys by tag as eight hexadecimal digits, and the records below it. */
export interface DicomdirRecord {
  readonly type: string;
  readonly texts?: Readonly<Record<string, string>>;
  readonly below?: readonly DicomdirRecord[];
  readonly inactive?: boolean;
}

export interface DicomdirOptions {
  /** Items and the sequence with undefined lengths and delimiters. */
  readonly undefinedLengths?: boolean;
  /** Added to every offset, to make links that lead nowhere. */
  readonly shiftOffsets?: number;
}

/** Writes a DICOMDIR (PS3.10 8.6): records in the order of the tree, linked by offsets. */
export function makeDicomdir(roots: readonly DicomdirRecord[], options: DicomdirOptions = {}): Uint8Array<ArrayBuffer> {
  const open = options.undefinedLengths === true;
  const meta = element(0x0002_0010, 'UI', text('1.2.840.10008.1.2.1', '\0'));
  const before = Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    element(0x0002_0000, 'UL', uint32(meta.length)),
    meta,
    element(0x0004_1130, 'CS', text('TEST', ' ')),
    element(0x0004_1200, 'UL', uint32(0)),
  ]);
  const firstOffset = before.length + 12;
  const items: Buffer[] = [];
  const shift = options.shiftOffsets ?? 0;
  let at = firstOffset;
  /** Adds the records of one level; answers the offset of the first. */
  const addLevel = (records: readonly DicomdirRecord[]): number => {
    let first = 0;
    let previous: { readonly index: number } | undefined;
    for (const record of records) {
      const offset = at;
      const index = items.length;
      const item = itemOf(record, open);
      items.push(item);
      at += item.length;
      if (first === 0) first = offset;
      const linking = previous === undefined ? undefined : items[previous.index];
      linking?.writeUInt32LE(offset + shift, 8 + 8);
      const lower = addLevel(record.below ?? []);
      item.writeUInt32LE(lower === 0 ? 0 : lower + shift, 8 + 12 + 10 + 8);
      previous = { index };
    }
    return first;
  };
  const first = addLevel(roots);
  before.writeUInt32LE(first === 0 ? 0 : first + shift, before.length - 4);
  const body = Buffer.concat(items);
  const sequence = Buffer.alloc(12);
  writeTag(sequence, 0x0004_1220);
  sequence.write('SQ', 4, 'latin1');
  sequence.writeUInt32LE(open ? 0xffffffff : body.length, 8);
  const end = open ? delimiter(0xfffe_e0dd) : Buffer.alloc(0);
  return new Uint8Array(Buffer.concat([before, sequence, body, end]));
}

/** Item header, next offset (12 bytes), in-use flag (10), lower offset (12), type, keys. */
function itemOf(record: DicomdirRecord, open: boolean): Buffer {
  const texts = Object.entries(record.texts ?? {})
    .map(([tag, value]) => ({ tag: Number.parseInt(tag, 16), value }))
    .sort((a, b) => a.tag - b.tag);
  const content = Buffer.concat([
    element(0x0004_1400, 'UL', uint32(0)),
    element(0x0004_1410, 'US', Buffer.from(record.inactive === true ? [0, 0] : [0xff, 0xff])),
    element(0x0004_1420, 'UL', uint32(0)),
    element(0x0004_1430, 'CS', text(record.type, ' ')),
    ...texts.map(({ tag, value }) => element(tag, tag >>> 16 === 0x20 ? 'UI' : 'CS', text(value, ' '))),
  ]);
  const header = Buffer.alloc(8);
  writeTag(header, 0xfffe_e000);
  header.writeUInt32LE(open ? 0xffffffff : content.length, 4);
  return Buffer.concat([header, content, open ? delimiter(0xfffe_e00d) : Buffer.alloc(0)]);
}

function element(tag: number, vr: string, value: Buffer): Buffer {
  const header = Buffer.alloc(8);
  writeTag(header, tag);
  header.write(vr, 4, 'latin1');
  header.writeUInt16LE(value.length, 6);
  return Buffer.concat([header, value]);
}

function delimiter(tag: number): Buffer {
  const bytes = Buffer.alloc(8);
  writeTag(bytes, tag);
  return bytes;
}

function writeTag(bytes: Buffer, tag: number): void {
  bytes.writeUInt16LE(tag >>> 16, 0);
  bytes.writeUInt16LE(tag & 0xffff, 2);
}

function text(value: string, padding: string): Buffer {
  return Buffer.from(value.length % 2 === 0 ? value : value + padding, 'latin1');
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** A patient with one study: series by UID, each with its files. */
export function seriesRecords(series: Readonly<Record<string, readonly string[]>>): readonly DicomdirRecord[] {
  return [
    {
      type: 'PATIENT',
      below: [
        {
          type: 'STUDY',
          texts: { '0020000d': '1.2.3' },
          below: Object.entries(series).map(([uid, files], index) => ({
            type: 'SERIES',
            texts: { '00080060': 'CT', '0008103e': `series ${index + 1}`, '0020000e': uid },
            below: files.map((file, number) => ({
              type: 'IMAGE',
              texts: { '00041500': file.replaceAll('/', '\\'), '00041511': `${uid}.${number + 1}` },
            })),
          })),
        },
      ],
    },
  ];
}
