import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesOfText,
  decodeName,
  encodeKey,
  encodeName,
  holdsRawBytes,
  isUsableName,
  objectionToBucketKey,
  objectionToKey,
  printableKey,
  textOfBytes,
} from '../../src/base/keys.ts';

const anyBytes = fc.uint8Array({ maxLength: 40 });

describe('names as bytes', () => {
  it('any bytes come back as they were', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(new Uint8Array(bytesOfText(textOfBytes(bytes)))).toEqual(bytes);
      }),
    );
  });

  it('UTF-8 reads as it does everywhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(textOfBytes(Buffer.from(text, 'utf8'))).toBe(text);
        expect(holdsRawBytes(text)).toBe(false);
      }),
    );
  });

  it('Latin-1 is kept as raw bytes', () => {
    const text = textOfBytes(Buffer.from('café.dcm', 'latin1'));
    expect(text).toBe('caf\udce9.dcm');
    expect(holdsRawBytes(text)).toBe(true);
    expect(encodeName(text)).toBe('caf%E9.dcm');
    expect(decodeName('caf%E9.dcm')).toBe(text);
    expect(printableKey(text)).toBe('caf\ufffd.dcm');
  });
});

describe('names in URLs', () => {
  it('any name comes back through a URL, and cannot change its path or host', () => {
    const name = fc.oneof(fc.string({ unit: 'grapheme' }), anyBytes.map(textOfBytes)).filter(isUsableName);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const key = names.join('/');
        expect(objectionToKey(key)).toBeUndefined();
        const url = new URL(`https://host.example/root/${encodeKey(key)}`);
        expect([url.host, url.search, url.hash]).toEqual(['host.example', '', '']);
        expect(url.pathname.split('/').slice(2).map(decodeName)).toEqual(names);
      }),
    );
  });

  it('everything but unreserved characters is escaped', () => {
    expect(encodeName(`a b%+#?&=;:@$,!*'()[]"<>\\^\`{|}é`)).toMatch(/^a(%[0-9A-F]{2})+$|^a%20b(%[0-9A-F]{2})+$/);
    expect(encodeName('A-z_0.9~')).toBe('A-z_0.9~');
  });

  it.each([
    ['100%', '100%'],
    ['%zz', '%zz'],
    ['%4', '%4'],
    ['%41', 'A'],
    ['%2B+', '++'],
  ])('%s reads as %s', (encoded, decoded) => {
    expect(decodeName(encoded)).toBe(decoded);
  });
});

describe('keys', () => {
  it.each(['', '/', '/a', 'a/', 'a//b', '.', '..', 'a/..', '../a', 'a/./b', 'a\0b'])('%j is refused', (key) => {
    expect(objectionToKey(key)).toBeDefined();
  });

  it.each(['a', 'a/b', '...', 'a..b', '..a/b', 'a\\b', '~', 'C:'])('%j is fine', (key) => {
    expect(objectionToKey(key)).toBeUndefined();
  });

  it.each(['', '.', '..', 'a/..', '../a', 'a/./b', 'a\0b'])('%j is refused in a bucket', (key) => {
    expect(objectionToBucketKey(key)).toBeDefined();
  });

  it.each(['/a', 'a//b', '//a'])('%j is fine in a bucket', (key) => {
    expect(objectionToBucketKey(key)).toBeUndefined();
  });

  it('are shown without control characters, and not endlessly', () => {
    expect(printableKey('a\nb\u001b[31m')).toBe('a\\u{a}b\\u{1b}[31m');
    expect(printableKey('x'.repeat(1000)).length).toBe(203);
  });
});
