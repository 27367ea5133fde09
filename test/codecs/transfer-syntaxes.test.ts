import { expect, test } from 'vitest';
import {
  describeTransferSyntax,
  findTransferSyntax,
  isSupported,
  listTransferSyntaxes,
} from '../../src/codecs/transfer-syntaxes.ts';

test('every UID is there once', () => {
  const uids = listTransferSyntaxes().map((syntax) => syntax.uid);
  expect(new Set(uids).size).toBe(uids.length);
  expect(uids.length).toBeGreaterThanOrEqual(64);
  for (const uid of uids) expect(uid).toMatch(/^[0-9]+(\.[0-9]+)+$/);
});

test('what is not supported', () => {
  const not = listTransferSyntaxes().filter((syntax) => !isSupported(syntax.uid));
  expect(not.map((syntax) => syntax.name)).toEqual([
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
  expect(isSupported('1.2.3')).toBe(false);
});

test('names for messages', () => {
  expect(describeTransferSyntax('1.2.840.10008.1.2.4.91')).toBe('JPEG 2000 Image Compression (1.2.840.10008.1.2.4.91)');
  expect(describeTransferSyntax('1.2.840.10008.1.2.2')).toBe('Explicit VR Big Endian, retired (1.2.840.10008.1.2.2)');
  expect(describeTransferSyntax('1.2.3\n<script>')).toBe('an unknown transfer syntax (1.2.3script)');
  expect(describeTransferSyntax('')).toBe('an unknown transfer syntax (no UID)');
  expect(findTransferSyntax('1.2.840.113619.5.2')?.family).toBe('native');
});
