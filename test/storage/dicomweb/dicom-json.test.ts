import dicomParser from 'dicom-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import { DicomJsonError, type DicomJsonOptions, dataSetFromJson } from '../../../src/storage/dicomweb/dicom-json.ts';
import { enhancedMultiFrame, petSeries, radiograph } from '../../support/dicom/index.js';
import { takeApart } from '../../support/dicom-json.ts';
import { repetitions } from '../../support/repetitions.ts';

const everything: DicomJsonOptions = { keep: () => true, mustBeRight: () => false };
const strict: DicomJsonOptions = { keep: () => true, mustBeRight: () => true };

const convert = (json: Record<string, unknown>, options = everything): Uint8Array =>
  dataSetFromJson(json, options).bytes;

const metaInformation = Buffer.concat([
  Buffer.alloc(128),
  Buffer.from('DICM\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0', 'latin1'),
]);

/** The oracle: an independent parser for Explicit VR Little Endian. */
const parse = (bytes: Uint8Array): dicomParser.DataSet =>
  dicomParser.parseDicom(Buffer.concat([metaInformation, bytes]));

const valueAt = (bytes: Uint8Array, tag: string): string => {
  const element = parse(bytes).elements[tag];
  expect(element).toBeDefined();
  const { dataOffset = 0, length = 0 } = element ?? {};
  const from = dataOffset - metaInformation.length;
  return Buffer.from(bytes.subarray(from, from + length)).toString('hex');
};

const hex = (text: string): string => Buffer.from(text, 'utf8').toString('hex');

describe('dataSetFromJson', () => {
  it.each([
    ['CS', { Value: ['A', 'B'] }, hex('A\\B ')],
    ['UI', { Value: ['1.2.3'] }, `${hex('1.2.3')}00`],
    ['LO', { Value: ['Schädel'] }, hex('Schädel')],
    ['LO', { Value: [null, 'x'] }, hex('\\x')],
    ['DS', { Value: [1.5, -0.25, '3e2'] }, hex('1.5\\-0.25\\3e2 ')],
    ['DS', { Value: ['1', null, 2] }, hex('1\\\\2')],
    ['IS', { Value: [12] }, hex('12')],
    ['IS', { Value: 12 }, hex('12')],
    ['PN', { Value: [{ Alphabetic: 'A^B', Phonetic: 'p' }, { Alphabetic: 'C' }] }, hex('A^B==p\\C')],
    ['PN', { Value: [{}, null, 'D'] }, hex('\\\\D ')],
    ['US', { Value: [1, 65_535] }, '0100ffff'],
    ['US', { Value: ['512'] }, '0002'],
    ['US', { Value: [-2000] }, '30f8'],
    ['SS', { Value: [-1, 40_000] }, 'ffff409c'],
    ['UL', { Value: [4_294_967_295] }, 'ffffffff'],
    ['SL', { Value: [-2] }, 'feffffff'],
    ['FL', { Value: [1.5] }, '0000c03f'],
    [
      'FD',
      { Value: [1.5, 'NaN', '-inf', 'Infinity'] },
      '000000000000f83f000000000000f87f000000000000f0ff000000000000f07f',
    ],
    ['AT', { Value: ['0018002A'] }, '18002a00'],
    ['AT', { Value: ['(0018,002a)'] }, '18002a00'],
    ['OB', { InlineBinary: 'AQID' }, '01020300'],
    ['OW', { InlineBinary: ['AQI='] }, '0102'],
    ['UN', { Value: ['20'] }, hex('20')],
    ['UN', { InlineBinary: 'AQID' }, '01020300'],
    ['US', { InlineBinary: 'AQI=' }, '0102'],
    ['UT', { Value: ['x'.repeat(70_000)] }, hex('x'.repeat(70_000))],
    ['LO', {}, ''],
    ['US', { Value: [null] }, ''],
    ['US', { Value: null }, ''],
    ['OB', { InlineBinary: null }, ''],
  ])('writes %s %j', (vr, attribute, expected) => {
    const bytes = convert({ '00181234': { vr, ...attribute }, '00200013': { vr: 'IS', Value: [7] } }, strict);
    expect(valueAt(bytes, 'x00181234')).toBe(expected);
    expect(parse(bytes).string('x00200013')).toBe('7');
  });

  it('writes 64-bit integers, as numbers or as strings', () => {
    // The oracle does not know these VRs.
    const written = (vr: string, value: readonly unknown[]): string =>
      Buffer.from(convert({ '00181234': { vr, Value: value } }, strict).subarray(-8 * value.length - 12)).toString(
        'hex',
      );
    const long = 'ffffffffffffffff';
    expect(written('UV', ['18446744073709551615', 1])).toBe(`180034125556000010000000${long}0100000000000000`);
    expect(written('SV', [-1])).toBe(`180034125356000008000000${long}`);
    expect(() => convert({ '00181234': { vr: 'SV', Value: ['1e3'] } }, strict)).toThrow(DicomJsonError);
  });

  it('writes values too long for a 16-bit length with a VR that has 32 bits', () => {
    const words = Array.from({ length: 40_000 }, (_, index) => index);
    const bytes = convert({
      '00283006': { vr: 'US', Value: words },
      '3004000C': { vr: 'DS', Value: words },
    });
    const dataSet = parse(bytes);
    expect(dataSet.elements['x00283006']).toMatchObject({ vr: 'OW', length: 80_000 });
    expect(dataSet.elements['x3004000c']).toMatchObject({ vr: 'UN' });
  });

  it('writes sequences in sequences, empty items and null ones', () => {
    const bytes = convert({
      '52009230': {
        vr: 'SQ',
        Value: [{ '00209113': { vr: 'SQ', Value: [{ '00200032': { vr: 'DS', Value: [1, 2, 3] } }] } }, null, {}],
      },
      '00280010': { vr: 'US', Value: [2] },
    });
    const sequence = parse(bytes).elements['x52009230'];
    expect(sequence?.items).toHaveLength(3);
    const position = sequence?.items?.[0]?.dataSet?.elements['x00209113']?.items?.[0]?.dataSet;
    expect(position?.string('x00200032')).toBe('1\\2\\3');
  });

  it('says that text is in UTF-8, whatever the metadata say', () => {
    const bytes = convert({
      '00080005': { vr: 'CS', Value: ['ISO_IR 100'] },
      '0008103E': { vr: 'LO', Value: ['Schädel'] },
    });
    expect(parseHeader(bytes, { complete: true }).header.seriesDescription).toBe('Schädel');
    expect(parse(convert({})).string('x00080005')).toBe('ISO_IR 192');
  });

  it('leaves out what is not kept, and broken attributes; refuses those that must be right', () => {
    const broken = [
      { vr: 'US', Value: [70_000] },
      { vr: 'US', Value: [1.5] },
      { vr: 'US', Value: ['x'] },
      { vr: 'US', Value: [[1]] },
      { vr: 'CS', Value: [{}] },
      { vr: 'OB', InlineBinary: '***' },
      { vr: 'OB', InlineBinary: 'AQI' },
      { vr: 'OB', Value: [1] },
      { vr: 'XX', Value: ['a'] },
      { vr: 'AT', Value: ['abc'] },
      { Value: [1] },
      'text',
      null,
    ];
    for (const attribute of broken) {
      const json = { '00280010': attribute, '00280011': { vr: 'US', Value: [3] } };
      const dataSet = parse(convert(json));
      expect(dataSet.elements['x00280010'], JSON.stringify(attribute)).toBeUndefined();
      expect(dataSet.uint16('x00280011')).toBe(3);
      expect(() => convert(json, strict), JSON.stringify(attribute)).toThrow(DicomJsonError);
    }
    const without = convert(
      { '00100010': { vr: 'PN', Value: ['x'] } },
      { ...everything, keep: (tag) => tag >>> 16 !== 0x10 },
    );
    expect(parse(without).elements['x00100010']).toBeUndefined();
    expect(() => convert({ '00081140': { vr: 'SQ', Value: ['x'] } })).toThrow(DicomJsonError);
  });

  it('names what stands elsewhere, and puts it in where it is given', () => {
    const json = {
      '00283010': { vr: 'SQ', Value: [{}, { '00283006': { vr: 'US', BulkDataURI: 'here' } }] },
      '60003000': { vr: 'OW', BulkDataURI: 'there' },
      '00281201': { vr: 'OW', BulkDataURI: 'nowhere', InlineBinary: 'AQI=' },
    };
    const { references, bytes } = dataSetFromJson(json, everything);
    expect(references).toEqual([
      { path: '00283010/1/00283006', tag: 0x0028_3006, uri: 'here' },
      { path: '60003000', tag: 0x6000_3000, uri: 'there' },
    ]);
    expect(valueAt(bytes, 'x00281201')).toBe('0102');
    const bulk = new Map([
      ['00283010/1/00283006', Uint8Array.of(1, 2)],
      ['60003000', Uint8Array.of(3)],
    ]);
    const full = dataSetFromJson(json, { ...everything, bulk });
    expect(full.references).toEqual([]);
    expect(valueAt(full.bytes, 'x60003000')).toBe('0300');
    const item = parse(full.bytes).elements['x00283010']?.items?.[1]?.dataSet?.elements['x00283006'];
    expect(item).toMatchObject({ vr: 'OW', length: 2 });
  });

  it('gives back the header of generated instances', () => {
    const instances = [
      radiograph({ rows: 16, columns: 16 }),
      enhancedMultiFrame({ slices: 5, rows: 8, columns: 8 }),
      ...petSeries({ instances: 2, rows: 8 }).values(),
    ];
    for (const instance of instances) {
      const expected = parseHeader(instance, { complete: true }).header;
      const { header } = parseHeader(convert(takeApart(instance).json, strict), { complete: true });
      expect({ ...header, pixelData: undefined }).toEqual({ ...expected, pixelData: undefined });
    }
  });

  it('never does anything but convert or refuse', () => {
    const name = fc.constantFrom('00080018', '00280010', '00283010', '7FE00010', 'FFFEE000', '__proto__', 'x', '0028');
    const vr = fc.constantFrom('US', 'SQ', 'OB', 'PN', 'FD', 'UV', 'AT', 'DS', 'UN', 'ZZ', 7, null);
    const attribute = fc.record(
      { vr, Value: fc.jsonValue({ maxDepth: 4 }), InlineBinary: fc.jsonValue(), BulkDataURI: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const hostile = fc.dictionary(name, fc.oneof(attribute, fc.jsonValue()), { maxKeys: 6 });
    const nested = hostile.map((item) => ({ ...item, '00089215': { vr: 'SQ', Value: [item, null] } }));
    fc.assert(
      fc.property(nested, fc.constantFrom(everything, strict), (json, options) => {
        try {
          const { bytes } = dataSetFromJson(json, options);
          expect(bytes.length % 2).toBe(0);
        } catch (error) {
          expect(error).toBeInstanceOf(DicomJsonError);
        }
      }),
      { numRuns: repetitions(150, 1000), seed: 3 },
    );
  });
});
