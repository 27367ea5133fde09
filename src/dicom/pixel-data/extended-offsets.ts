/** Reads an Extended Offset Table, or its lengths (PS3.3 C.7.6.3.1.8): 64-bit little endian numbers. */
export function readExtendedOffsets(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offsets: number[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) offsets.push(Number(view.getBigUint64(at, true)));
  return offsets;
}
