import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsaValues } from '../../../src/dicom/header/siemens-csa.ts';
import { csaHeader } from '../../support/dicom/index.js';

const elements = {
  First: ['1', '2'],
  Empty: [],
  SliceNormalVector: ['-0.00000000', '0.12345678', '1.00000000'],
  NumberOfImagesInMosaic: ['36'],
};

describe('readCsaValues', () => {
  it.each([1, 2] as const)('reads the values of one element, version %d', (version) => {
    const bytes = csaHeader(elements, version);
    for (const [name, values] of Object.entries(elements))
      expect([name, readCsaValues(bytes, name)]).toEqual([name, values]);
    expect(readCsaValues(bytes, 'Absent')).toEqual([]);
    // Names are compared up to their NUL: the bytes after it mean nothing.
    expect(readCsaValues(bytes, 'SliceNormal')).toEqual([]);
  });

  it('reads a header at any offset in memory', () => {
    const bytes = csaHeader(elements);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(readCsaValues(shifted.subarray(3), 'NumberOfImagesInMosaic')).toEqual(['36']);
  });

  it('gives no values where the bytes end early or make no sense, and never hangs', () => {
    const bytes = csaHeader(elements);
    for (let length = 0; length < bytes.length - 20; length += 7) {
      expect(readCsaValues(bytes.subarray(0, length), 'NumberOfImagesInMosaic')).toEqual([]);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (rubbish, marked) => {
        const value = marked ? Buffer.concat([Buffer.from('SV10\x04\x03\x02\x01'), rubbish]) : rubbish;
        expect(Array.isArray(readCsaValues(value, 'SliceNormalVector'))).toBe(true);
      }),
    );
  });
});
