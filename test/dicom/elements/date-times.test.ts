import { describe, expect, it } from 'vitest';
import { combine, parseDate, parseDateTime, parseTime } from '../../../src/dicom/elements/date-times.ts';

describe('times', () => {
  it.each([
    ['112233', 40953],
    ['11:22:33', 40953],
    ['112233.25', 40953.25],
    ['112233.123456', 40953.123456],
    ['112233.1234567', undefined],
    ['112233.', undefined],
    ['112233,25', undefined],
    ['1122', 40920],
    ['11', 39600],
    ['000000', 0],
    ['11223', undefined],
    ['1122 3', undefined],
    ['-12233', undefined],
    ['1e2233', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (text, seconds) => {
    expect(parseTime(text)).toBe(seconds);
  });
});

describe('dates', () => {
  it.each([
    ['20240131', Date.UTC(2024, 0, 31) / 1000],
    ['2024.01.31', Date.UTC(2024, 0, 31) / 1000],
    ['19691231', -86400],
    ['2024131', undefined],
    ['2024 131', undefined],
    ['2024013x', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (text, seconds) => {
    expect(parseDate(text)).toBe(seconds);
  });

  it('are combined with times', () => {
    expect(parseDateTime('20240131112233.5+0100')).toBe(Date.UTC(2024, 0, 31, 11, 22, 33, 500) / 1000);
    expect(combine('20240131', '112233')).toBe(Date.UTC(2024, 0, 31, 11, 22, 33) / 1000);
    expect(combine(undefined, '112233')).toBe(40953);
    expect(combine('20240131', undefined)).toBeUndefined();
  });
});
