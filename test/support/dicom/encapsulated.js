/**
 * Compressed frames as fragments with the offset table asked for (PS3.5 A.4).
 *
 * The Basic Offset Table counts from the first byte of the item after it; the Extended Offset Table
 * (PS3.3 C.7.6.3.1.8) does the same with 64 bits, for frames of one fragment.
 *
 * @type {typeof import('./index.d.ts').encapsulate}
 */
export function encapsulate(frames, { offsetTable = 'basic', fragmentsPerFrame = 1 } = {}) {
  /** @type {Uint8Array[]} */
  const fragments = [];
  /** @type {number[]} */
  const offsets = [];
  let offset = 0;
  for (const frame of frames) {
    offsets.push(offset);
    const parts = splitFrame(frame, fragmentsPerFrame);
    for (const part of parts) offset += 8 + part.byteLength + (part.byteLength % 2);
    fragments.push(...parts);
  }
  if (offsetTable === 'extended' && fragmentsPerFrame !== 1) {
    throw new RangeError('Expected one fragment a frame with an Extended Offset Table.');
  }
  return {
    fragments,
    basicOffsetTable: offsetTable === 'basic' ? offsets : [],
    ...extended(frames, offsets, offsetTable),
  };
}

/**
 * @param {readonly Uint8Array[]} frames
 * @param {readonly number[]} offsets
 * @param {string} offsetTable
 */
function extended(frames, offsets, offsetTable) {
  if (offsetTable !== 'extended') return {};
  return {
    ExtendedOffsetTable: offsets.map(BigInt),
    ExtendedOffsetTableLengths: frames.map((frame) => BigInt(frame.byteLength + (frame.byteLength % 2))),
  };
}

/**
 * Parts of nearly equal, even length; all but the last have no padding.
 *
 * @param {Uint8Array} frame
 * @param {number} count
 */
function splitFrame(frame, count) {
  if (count === 1) return [frame];
  const size = Math.max(2, Math.ceil(frame.byteLength / count / 2) * 2);
  const parts = [];
  for (let start = 0; start < frame.byteLength; start += size) parts.push(frame.subarray(start, start + size));
  return parts;
}

/**
 * The attributes of encapsulated pixel data: Pixel Data itself, and the Extended Offset Table where there is one.
 *
 * @type {typeof import('./index.d.ts').encapsulatedPixelData}
 */
export function encapsulatedPixelData(frames, options) {
  const { ExtendedOffsetTable, ExtendedOffsetTableLengths, fragments, basicOffsetTable } = encapsulate(frames, options);
  return {
    ...(ExtendedOffsetTable === undefined ? {} : { ExtendedOffsetTable, ExtendedOffsetTableLengths }),
    PixelData: { fragments, basicOffsetTable },
  };
}
