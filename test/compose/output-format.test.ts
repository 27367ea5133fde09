import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { outputFormatOf } from '../../src/compose/output-format.ts';

describe('outputFormatOf', () => {
  it.each([
    ['a.webp', 'webp'],
    ['a.JPG', 'jpeg'],
    ['x/y.Jpeg', 'jpeg'],
    ['/tmp/a.b.PnG', 'png'],
  ])('knows %s', (path, format) => {
    expect(outputFormatOf(path)).toBe(format);
  });

  it('goes by the format that is named, whatever the extension', () => {
    expect(outputFormatOf('-', 'webp')).toBe('webp');
    expect(outputFormatOf('a.bin', 'JPG')).toBe('jpeg');
    expect(outputFormatOf('a.webp', 'png')).toBe('png');
  });

  it.each([['a.gif'], ['a'], ['.webp'], ['a.webp/b'], ['-']])('refuses %s and names the known formats', (path) => {
    expect(() => outputFormatOf(path)).toThrow(UsageError);
    expect(() => outputFormatOf(path)).toThrow(/webp.*jpe?g.*png/);
  });

  it('refuses an unknown format by its name', () => {
    expect(() => outputFormatOf('a.webp', 'gif')).toThrow(
      "Expected webp, jpeg, png, avif, tiff as the format but received 'gif'.",
    );
  });
});
