import { handmadeParquet, page, plainTexts, varint } from '../support/parquet.ts';

/** An input that did harm once: a crash, a hang, memory without end, or an error of no class. */
export interface EarlierFind {
  readonly target: string;
  /** What it did. */
  readonly did: string;
  readonly make: () => Uint8Array;
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const words = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);

/** An explicit VR little endian element with a short length. */
const element = (group: number, number: number, vr: string, value: string): Uint8Array =>
  Buffer.concat([words(group, number), latin1(vr), words(value.length), latin1(value)]);

const item = '\xfe\xff\x00\xe0\xff\xff\xff\xff';

/** Small, and made by code: what was found is worth keeping, its bytes are not. */
export const earlierFinds: readonly EarlierFind[] = [
  {
    target: 'xml',
    did: 'time that grew with the square of the depth',
    make: () => latin1('<a>'.repeat(80_000)),
  },
  {
    target: 'html',
    did: 'time that grew with the square of the depth',
    make: () => latin1(`<html>${'<b>'.repeat(80_000)}`),
  },
  {
    target: 'functional-groups',
    did: 'memory for each of the frames that a header claims',
    make: () =>
      Buffer.concat([
        element(0x0008, 0x0016, 'UI', '1.2.840.10008.5.1.4.1.1.2.1\0'),
        element(0x0008, 0x0018, 'UI', '2.25.1'),
        element(0x0028, 0x0008, 'IS', '2147483646'),
        element(0x0028, 0x0010, 'US', '\x04\x00'),
        element(0x0028, 0x0011, 'US', '\x04\x00'),
      ]),
  },
  {
    target: 'headers',
    did: 'a stack as deep as the sequences',
    make: () =>
      Buffer.concat([
        element(0x0008, 0x0018, 'UI', '2.25.1'),
        ...new Array<Uint8Array>(3000).fill(
          Buffer.concat([words(0x0008, 0x1140), latin1(`SQ\0\0\xff\xff\xff\xff${item}`)]),
        ),
      ]),
  },
  {
    target: 'lookup-tables',
    did: 'work without end for copies of empty segments',
    make: () =>
      Buffer.concat([words(0, 0, 16, 0, 0, 16, 0, 0, 16), words(0, 1, 5, 0, 0, 2, 0xffff, 6, 0), new Uint8Array(1)]),
  },
  {
    target: 'multipart',
    did: 'a preamble without end',
    make: () => latin1('-'.repeat(200_000)),
  },
  {
    target: 'json',
    did: 'a stack as deep as the brackets',
    make: () => latin1(`[{"00080018":{"vr":"UI","Value":${'['.repeat(20_000)}`),
  },
  {
    target: 'zip',
    did: 'entries that a directory claims and does not hold',
    make: () => Buffer.concat([latin1('PK\x05\x06'), words(0, 0, 0xfffe, 0xfffe, 0xffff, 0, 0, 0, 0)]),
  },
  {
    target: 'idc-index',
    did: 'a page that was read again for ever, since it does not say its size',
    make: () => parquetOf(page(plainTexts(['1.2.3']), { values: 1, compressed: 'unsaid' }), 2),
  },
  {
    target: 'idc-index',
    did: 'differences that were read again for ever, since they claim fewer than no parts',
    make: () => {
      const head = [128n, 2n ** 32n - 1n, 2n, 10n].map(varint);
      return parquetOf(page(Buffer.concat([...head, new Uint8Array(100)]), { values: 2, encoding: 6 }), 2);
    },
  },
];

function parquetOf(pages: Uint8Array, rows = 1): Uint8Array {
  return handmadeParquet(
    rows,
    ['SeriesInstanceUID', 'series_aws_url', 'Modality'].map((name) => ({ name, pages })),
  );
}
