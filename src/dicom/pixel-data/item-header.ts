/** An item header in encapsulated pixel data (PS3.5 A.4), which are always little endian. */
export type FragmentHeader =
  | { readonly kind: 'item'; readonly length: number }
  | { readonly kind: 'end' }
  /** Neither an item nor the end of the sequence. */
  | { readonly kind: 'other'; readonly tag: string };

/** Bytes of an item's tag and length. */
export const itemHeaderLength = 8;

/** Reads the item header at `at`. */
export function readFragmentHeader(bytes: Uint8Array, at: number): FragmentHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const group = view.getUint16(at, true);
  const element = view.getUint16(at + 2, true);
  if (group === 0xfffe && element === 0xe000) return { kind: 'item', length: view.getUint32(at + 4, true) };
  if (group === 0xfffe && element === 0xe0dd) return { kind: 'end' };
  const hex = (number: number): string => number.toString(16).toUpperCase().padStart(4, '0');
  return { kind: 'other', tag: `(${hex(group)},${hex(element)})` };
}
