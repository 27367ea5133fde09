import { describe, expect, it } from 'vitest';
import { parseMediaType } from '../../src/http/content-headers.ts';

const taken = (header: string | undefined): unknown => {
  const { name, parameters } = parseMediaType(header);
  return { name, ...Object.fromEntries(parameters) };
};

describe('parseMediaType', () => {
  it('takes parameters apart, quoted or not', () => {
    expect(taken('Multipart/Related; type="application/dicom"; Boundary=abc')).toEqual({
      name: 'multipart/related',
      type: 'application/dicom',
      boundary: 'abc',
    });
    expect(taken('a/b;x="1;y=2\\" \\\\";z=3')).toEqual({ name: 'a/b', x: '1;y=2" \\', z: '3' });
    expect(taken('multipart/related; type="image/jp2; transfer-syntax=1.2"; boundary=x-y')).toEqual({
      name: 'multipart/related',
      type: 'image/jp2; transfer-syntax=1.2',
      boundary: 'x-y',
    });
    expect(taken('a/b; boundary=a=b')).toEqual({ name: 'a/b', boundary: 'a=b' });
    expect(taken('a/b ; x = 1')).toEqual({ name: 'a/b', x: '1' });
  });

  it('makes the best of what is none', () => {
    expect(taken(undefined)).toEqual({ name: '' });
    expect(taken(';;;')).toEqual({ name: '' });
    expect(taken('a/b; "')).toEqual({ name: 'a/b' });
    expect(taken('a/b; x="never closed')).toEqual({ name: 'a/b', x: '' });
  });
});
