import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import { defaultLimits } from '../../../src/types/limits.ts';
import { type Attributes, writeInstance } from '../../support/dicom/index.js';

const { headerElements, headerItems } = defaultLimits;
const image: Attributes = { SOPInstanceUID: '2.25.1', SeriesInstanceUID: '2.25.2', Rows: 3, Columns: 4 };

function repeated(part: readonly number[], count: number): Uint8Array {
  return new Uint8Array(Buffer.alloc(part.length * count, Uint8Array.from(part)));
}

const emptyItem = [0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0];
const openItem = [0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0];
const emptyText = [0x09, 0x00, 0x01, 0x10, 0x4c, 0x4f, 0, 0];
const rows = [0x28, 0x00, 0x10, 0x00, 0x55, 0x53, 2, 0, 9, 0];

describe('the work for one header is bounded', () => {
  it('in items', () => {
    const bytes = repeated(openItem, headerItems + 1);
    const header = writeInstance({ ...image, ReferencedImageSequence: { vr: 'SQ', bytes, undefinedLength: true } });
    expect(() => parseHeader(header, { complete: true })).toThrow(`at most ${headerItems} sequence items in a header`);
    const limits = { ...defaultLimits, headerItems: headerItems + 1 };
    expect(() => parseHeader(header, { complete: true, limits })).not.toThrow();
  });

  it('in elements', () => {
    const bytes = repeated(emptyText, headerElements + 1);
    const item = Buffer.concat([new Uint8Array(openItem.slice(0, 8)), bytes]);
    // What is not of interest and of known length is stepped over.
    const passed = writeInstance({ ...image, ReferencedImageSequence: { vr: 'SQ', bytes: item } });
    expect(() => parseHeader(passed, { complete: true })).not.toThrow();
    const walked = writeInstance({ ...image, ModalityLUTSequence: { vr: 'SQ', bytes: item } });
    expect(() => parseHeader(walked, { complete: true })).toThrow(`at most ${headerElements} elements in a header`);
    const limits = { ...defaultLimits, headerElements: 20 };
    const few = writeInstance({ ...image, ModalityLUTSequence: { vr: 'SQ', bytes: item.subarray(0, 168) } });
    expect(() => parseHeader(few, { complete: true, limits })).toThrow(
      /at most 20 elements .*--safety-limit headerElements=/,
    );
  });

  it('in elements that repeat', () => {
    const item = Buffer.concat([new Uint8Array(openItem.slice(0, 8)), repeated(rows, 5000)]);
    const header = writeInstance({ ...image, ModalityLUTSequence: { vr: 'SQ', bytes: item } });
    expect(() => parseHeader(header, { complete: true })).toThrow(/each element once .* but found \(0028,0010\)/);
  });

  it('in items that are kept, so that what follows is read', () => {
    const many = { vr: 'SQ', bytes: repeated(emptyItem, 500_000) };
    for (const sequence of ['ModalityLUTSequence', 'PerFrameFunctionalGroupsSequence']) {
      const header = writeInstance({ ...image, NumberOfFrames: '3', [sequence]: many, PixelData: new Uint8Array(12) });
      const parsed = parseHeader(header, { complete: true });
      expect(parsed.header).toMatchObject({ numberOfFrames: 3, pixels: { rows: 3, columns: 4 } });
      expect(parsed.extent).toBe('pixels');
    }
  });

  it('asks for a sequence of known length as a whole', () => {
    const header = writeInstance({ ...image, ModalityLUTSequence: { vr: 'SQ', bytes: repeated(emptyItem, 10_000) } });
    const { neededLength } = parseHeader(header.subarray(0, 2000), { complete: false });
    expect(neededLength).toBeGreaterThan(80_000);
  });
});
