import { expect, test } from 'vitest';
import { decodableCodingOf } from '../../src/codecs/decodable-coding.ts';
import { transferSyntaxes } from '../../src/dicom/transfer-syntaxes.ts';

const messageFor = (uid: string): string | undefined => {
  try {
    decodableCodingOf(uid);
    return undefined;
  } catch (error) {
    expect(error).toHaveProperty('code', 'unsupported');
    return error instanceof Error ? error.message : '';
  }
};

test('a decoder exists for every transfer syntax but these', () => {
  expect(transferSyntaxes.filter(({ uid }) => messageFor(uid) !== undefined).map(({ name }) => name)).toEqual([
    'JPIP Referenced',
    'JPIP Referenced Deflate',
    'JPIP HTJ2K Referenced',
    'JPIP HTJ2K Referenced Deflate',
    'RFC 2557 MIME encapsulation',
    'XML Encoding',
    'SMPTE ST 2110-20 Uncompressed Progressive Active Video',
    'SMPTE ST 2110-20 Uncompressed Interlaced Active Video',
    'SMPTE ST 2110-30 PCM Digital Audio',
  ]);
});

test('the message says what to do', () => {
  expect(messageFor('1.2.3')).toBe(
    'No decoder is known for an unknown transfer syntax (1.2.3): ask the archive for another transfer syntax.',
  );
  expect(messageFor('1.2.840.10008.1.2.4.94')).toMatch(/keeps the pixels on a JPIP server, .* fetch the images/);
});
