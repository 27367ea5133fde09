import { describe, expect, it } from 'vitest';
import { parseMediaType } from '../../../src/http/content-headers.ts';
import { syntaxOfFrame } from '../../../src/storage/dicomweb/frame-syntax.ts';

const jpeg = '1.2.840.10008.1.2.4';
const explicit = '1.2.840.10008.1.2.1';

const syntaxOf = (part: string | undefined, reply: string, bytes: readonly number[] = [1, 2, 3, 4]): string =>
  syntaxOfFrame(
    { mediaType: parseMediaType(part), bytes: Uint8Array.from(bytes) },
    { mediaType: parseMediaType(reply) },
  );

/** A JPEG with an application segment, then this start of frame. */
const jpegWith = (startOfFrame: number, end: readonly number[] = [0xff, 0xd9]): readonly number[] => [
  0xff,
  0xd8,
  0xff,
  0xe0,
  0,
  4,
  1,
  2,
  0xff,
  startOfFrame,
  0,
  11,
  8,
  0,
  1,
  0,
  1,
  1,
  1,
  0x11,
  0,
  ...end,
];

describe('syntaxOfFrame', () => {
  it('believes the part, then the reply', () => {
    const reply = 'multipart/related; type="image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90"; boundary=x';
    expect(syntaxOf('image/jls; transfer-syntax=1.2.840.10008.1.2.4.81', reply)).toBe(`${jpeg}.81`);
    expect(syntaxOf('image/jls; transfer-syntax="1.2.840.10008.1.2.4.81"', reply)).toBe(`${jpeg}.81`);
    expect(syntaxOf('image/jp2', reply)).toBe(`${jpeg}.90`);
    expect(syntaxOf(undefined, reply)).toBe(`${jpeg}.90`);
    expect(syntaxOf(undefined, `multipart/related; transfer-syntax=${explicit}`)).toBe(explicit);
    expect(syntaxOf('application/octet-stream; transfer-syntax=*', 'multipart/related')).toBe(explicit);
  });

  it('goes by the codestream where none is named', () => {
    const octets = 'application/octet-stream';
    expect(syntaxOf('image/jpeg', '', jpegWith(0xc0))).toBe(`${jpeg}.50`);
    expect(syntaxOf('image/jpeg', '', jpegWith(0xc1))).toBe(`${jpeg}.51`);
    expect(syntaxOf(octets, '', jpegWith(0xc3))).toBe(`${jpeg}.70`);
    expect(syntaxOf(octets, '', jpegWith(0xf7, [0xff, 0xd9, 0]))).toBe(`${jpeg}.80`);
    const j2k = [0xff, 0x4f, 0xff, 0x51, 0, 4, 1, 2];
    expect(syntaxOf(octets, '', [...j2k, 0xff, 0x52, 0xff, 0xd9])).toBe(`${jpeg}.91`);
    expect(syntaxOf(octets, '', [...j2k, 0xff, 0x50, 0xff, 0xd9])).toBe(`${jpeg}.203`);
  });

  it('takes pixels that merely begin like a codestream for pixels', () => {
    expect(syntaxOf('application/octet-stream', '', [0xff, 0xd8, 0xff, 0, 0, 0])).toBe(explicit);
    expect(syntaxOf('application/octet-stream', '', jpegWith(0xc0, [0xff, 0xd8]))).toBe(explicit);
    expect(syntaxOf('application/octet-stream', '', jpegWith(0xc0, [0xff, 0xd9, 0, 0]))).toBe(explicit);
    expect(syntaxOf(undefined, '', [])).toBe(explicit);
  });

  it('goes by the media type in the end', () => {
    expect(syntaxOf('image/dicom-rle', '')).toBe('1.2.840.10008.1.2.5');
    expect(syntaxOf('image/jls', '')).toBe(`${jpeg}.80`);
    expect(syntaxOf('IMAGE/JP2', '')).toBe(`${jpeg}.90`);
    expect(syntaxOf(undefined, 'multipart/related; type="image/jphc"; boundary=x')).toBe(`${jpeg}.201`);
    expect(syntaxOf('video/mp4', '')).toBe(`${jpeg}.102`);
    expect(syntaxOf('application/octet-stream', '')).toBe(explicit);
  });
});
