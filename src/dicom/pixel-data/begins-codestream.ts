/** Whether a JPEG, JPEG-LS, JPEG 2000 (codestream or file), JPEG XL or RLE image begins at `offset`. */
export function beginsCodestream(bytes: Uint8Array, offset: number): boolean {
  const [a, b, c] = [bytes[offset], bytes[offset + 1], bytes[offset + 2]];
  if (a === 0xff && b === 0xd8) return c === 0xff;
  if (a === 0xff && (b === 0x4f || b === 0x0a)) return true;
  if (beginsRle(bytes, offset)) return true;
  return a === 0 && b === 0 && c === 0 && bytes[offset + 3] === 12 && bytes[offset + 4] === 0x6a;
}

/** Whether an RLE header begins at `offset` (PS3.5 G.5): 1 to 15 segments, the first of them after 64 bytes. */
function beginsRle(bytes: Uint8Array, offset: number): boolean {
  if (offset + 8 > bytes.length) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = view.getUint32(offset, true);
  return segments >= 1 && segments <= 15 && view.getUint32(offset + 4, true) === 64;
}
