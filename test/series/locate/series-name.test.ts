import { describe, expect, it } from 'vitest';
import { parseSeriesName } from '../../../src/series/locate/series-name.ts';

const uuid = '38902e14-b11f-4548-910e-771ee757dc82';

describe('parseSeriesName', () => {
  it('knows UUIDs with and without hyphens', () => {
    expect(parseSeriesName(uuid)).toEqual({ kind: 'uuid', uuid });
    expect(parseSeriesName(uuid.replaceAll('-', '').toUpperCase())).toEqual({ kind: 'uuid', uuid });
  });

  it('knows prefixes', () => {
    expect(parseSeriesName('38902e14*')).toEqual({ kind: 'prefix', startsWith: '38902e14' });
    expect(parseSeriesName('389*')).toEqual({ kind: 'prefix', startsWith: '389' });
    expect(parseSeriesName('38902e14b11f4*')).toEqual({ kind: 'prefix', startsWith: '38902e14-b11f-4' });
    expect(parseSeriesName('1.3.6.1*')).toEqual({ kind: 'prefix', startsWith: '1.3.6.1' });
    for (const wrong of ['38*90', '**', 'a/b*']) expect(() => parseSeriesName(wrong)).toThrow(/one \* at its end/);
  });

  it('knows DICOM UIDs, locations and folders', () => {
    expect(parseSeriesName('1.3.6.1.4.1.5962')).toEqual({ kind: 'uid', uid: '1.3.6.1.4.1.5962' });
    for (const location of [
      's3://bucket/a',
      'https://host/x/',
      './folder',
      '../x',
      '/data/x',
      'C:\\dicom',
      'file:///x',
    ]) {
      expect(parseSeriesName(location)).toEqual({ kind: 'location', location });
    }
    expect(parseSeriesName('study/series/')).toEqual({ kind: 'folder', folder: 'study/series' });
  });

  it('refuses path tricks', () => {
    for (const trick of ['a/../../b', 'x\\..\\y', 'a\0b', '', '  ', 'uid\u001b[31m']) {
      expect(() => parseSeriesName(trick)).toThrow(/Expected a series/);
    }
    expect(() => parseSeriesName(`1.${'2'.repeat(64)}`)).toThrow(/64 characters/);
  });
});
