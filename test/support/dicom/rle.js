/**
 * One byte plane, row by row, as PackBits (PS3.5 G.3.1): runs do not cross rows.
 *
 * @param {Uint8Array} plane
 * @param {number} columns
 * @returns {number[]}
 */
function packBits(plane, columns) {
  /** @type {number[]} */
  const out = [];
  for (let start = 0; start < plane.length; start += columns) {
    const row = plane.subarray(start, start + columns);
    let index = 0;
    while (index < row.length) {
      let run = 1;
      while (run < 128 && index + run < row.length && row[index + run] === row[index]) run++;
      if (run > 1) {
        out.push(257 - run, row[index] ?? 0);
        index += run;
        continue;
      }
      let literal = 1;
      while (literal < 128 && index + literal < row.length && row[index + literal] !== row[index + literal - 1])
        literal++;
      // A literal run ends before the byte that begins the next replicate run.
      if (index + literal < row.length && literal > 1) literal--;
      out.push(literal - 1, ...row.subarray(index, index + literal));
      index += literal;
    }
  }
  if (out.length % 2 === 1) out.push(0);
  return out;
}

/**
 * A frame as RLE (PS3.5 G): segments of the most significant byte first, sample by sample.
 *
 * @type {typeof import('./index.d.ts').encodeRleFrame}
 */
export function encodeRleFrame(frame, { columns, bytesPerSample, samplesPerPixel = 1 }) {
  const step = bytesPerSample * samplesPerPixel;
  const pixels = frame.length / step;
  const segments = [];
  for (let sample = 0; sample < samplesPerPixel; sample++) {
    for (let byte = bytesPerSample - 1; byte >= 0; byte--) {
      const plane = new Uint8Array(pixels);
      for (let pixel = 0; pixel < pixels; pixel++)
        plane[pixel] = frame[pixel * step + sample * bytesPerSample + byte] ?? 0;
      segments.push(Uint8Array.from(packBits(plane, columns)));
    }
  }
  const header = new DataView(new ArrayBuffer(64));
  header.setUint32(0, segments.length, true);
  let offset = 64;
  for (const [index, segment] of segments.entries()) {
    header.setUint32(4 + index * 4, offset, true);
    offset += segment.length;
  }
  return Buffer.concat([new Uint8Array(header.buffer), ...segments]);
}
