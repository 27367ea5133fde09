import { expect, it } from 'vitest';
import { decodeText } from '../../../src/dicom/elements/character-sets.ts';

it.each([
  // ISO 8859-1 has control characters from 0x80 to 0x9F. Windows has letters there, and new versions of Node take one for the other.
  ['ISO_IR 100', [0x4d, 0xfc, 0x85, 0x93, 0xe9], 'M\u00fc\ufffd\ufffd\u00e9'],
  [undefined, [0x4d, 0xfc, 0x80], 'M\u00fc\ufffd'],
  ['ISO_IR 144', [0xbf, 0xe0], '\u041f\u0440'],
  ['ISO_IR 192', [0xe2, 0x82, 0xac], '\u20ac'],
  ['ISO 2022 IR 6\\ISO 2022 IR 87', [0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42], '\u5c71\u7530'],
  ['GB18030', [0xcd, 0xf5], '\u738b'],
])('reads text in %s', (characterSet, bytes, text) => {
  expect(decodeText(Buffer.from(bytes), characterSet)).toBe(text);
});
