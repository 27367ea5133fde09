import { asciiText } from '../elements/strings.ts';

/** Elements that are read of a CSA header: real ones have about a hundred. */
const maxElements = 1000;

/**
 * The values of one element in a Siemens CSA header (private element (0029,1010)) of version 2 ("SV10") or 1. The
 * header is little endian; names have 64 bytes, and each value has a length and a text that is padded to four bytes. No
 * values where the element is not there or the bytes make no sense.
 */
export function readCsaValues(value: Uint8Array, name: string): readonly string[] {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isVersion2 = bytes.length >= 16 && asciiText(bytes, 0, 4) === 'SV10';
  let at = isVersion2 ? 8 : 0;
  if (bytes.length < at + 8) return [];
  const count = view.getUint32(at, true);
  at += 8;
  // In version 1 the number of values of the first element is added to every length.
  let added = 0;
  for (let element = 0; element < Math.min(count, maxElements); element++) {
    if (at + 84 > bytes.length) return [];
    const found = nameAt(bytes, at) === name;
    const multiplicity = view.getInt32(at + 64, true);
    const items = view.getInt32(at + 76, true);
    if (element === 0 && !isVersion2) added = items;
    at += 84;
    const values: string[] = [];
    for (let item = 0; item < items; item++) {
      if (at + 16 > bytes.length) return [];
      const length = isVersion2 ? view.getInt32(at + 4, true) : view.getInt32(at, true) - added;
      at += 16;
      // In version 1 there are no bytes for the values after the last one.
      if (length < 0 && !isVersion2) break;
      if (length < 0 || at + length > bytes.length) return [];
      if (found && values.length < multiplicity) values.push(asciiText(bytes, at, length).trim());
      at += Math.ceil(length / 4) * 4;
    }
    if (found) return values.filter((value) => value !== '');
  }
  return [];
}

/** A name ends at its first NUL; the bytes after it mean nothing. */
function nameAt(bytes: Buffer, at: number): string {
  const end = bytes.subarray(at, at + 64).indexOf(0);
  return asciiText(bytes, at, end < 0 ? 64 : end);
}
