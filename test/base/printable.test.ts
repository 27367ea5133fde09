import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotFoundError, UnsupportedError } from '../../src/base/errors.ts';
import { printable, printableJson, printableLines } from '../../src/base/printable.ts';

const raw = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const text = fc.string({ unit: 'binary' });

describe('text from outside', () => {
  it.each([
    ['a\u001b[31mred', 'a\\u{1b}[31mred'],
    ['one\r\ntwo\tthree\0', 'one\\u{d}\\u{a}two\\u{9}three\\u{0}'],
    ['\u007f\u009b31m', '\\u{7f}\\u{9b}31m'],
    ['gnp.\u202etfarD', 'gnp.\\u{202e}tfarD'],
    ['\u2066\u200f\u2028', '\\u{2066}\\u{200f}\\u{2028}'],
    ['Müller 日本 👩 \\u{1b}', 'Müller 日本 👩 \\u{1b}'],
  ])('%j is shown as %j', (given, shown) => {
    expect(printable(given)).toBe(shown);
  });

  it('keeps lines where there may be some', () => {
    expect(printableLines('one\n  two\u001b[2J\r')).toBe('one\n  two\\u{1b}[2J\\u{d}');
  });

  it('never holds a control character afterwards, and is left alone where it holds none', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(printable(given)).not.toMatch(raw);
        expect(printableLines(given).replaceAll('\n', '')).not.toMatch(raw);
        if (!raw.test(given)) expect(printable(given)).toBe(given);
      }),
    );
  });

  it('is the same in a JSON document, which holds none raw', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), (given) => {
        const json = printableJson(JSON.stringify(given));
        expect(json).not.toMatch(raw);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(given)));
      }),
    );
  });

  it('is shown in errors', () => {
    expect(new UnsupportedError('no \u001b[31mred').message).toBe('no \\u{1b}[31mred');
    const error = new NotFoundError('m', { location: 's3://b/\u001b]0;title\u0007' });
    expect(error.location).toBe('s3://b/\\u{1b}]0;title\\u{7}');
  });
});
