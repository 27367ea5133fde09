/** RLE Lossless (PS3.5 Annex G) of one frame: `segments` are the byte planes, most significant first. */
export function encodeRle(segments: readonly Uint8Array[]): Uint8Array {
  const coded = segments.map(packBits);
  const header = new DataView(new ArrayBuffer(64));
  header.setUint32(0, coded.length, true);
  let offset = 64;
  coded.forEach((segment, index) => {
    header.setUint32(4 + 4 * index, offset, true);
    offset += segment.length;
  });
  return Buffer.concat([new Uint8Array(header.buffer), ...coded]);
}

/** The byte planes of samples by pixel, as RLE wants them. */
export function bytePlanes(values: ArrayLike<number>, samplesPerPixel: number, bytesPerSample: number): Uint8Array[] {
  const pixels = values.length / samplesPerPixel;
  const planes: Uint8Array[] = [];
  for (let sample = 0; sample < samplesPerPixel; sample++) {
    for (let byte = bytesPerSample - 1; byte >= 0; byte--) {
      planes.push(
        Uint8Array.from({ length: pixels }, (_, i) => (values[i * samplesPerPixel + sample] ?? 0) >>> (8 * byte)),
      );
    }
  }
  return planes;
}

function packBits(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    let run = 1;
    while (run < 128 && at + run < bytes.length && bytes[at + run] === bytes[at]) run++;
    if (run > 2) {
      out.push(257 - run, bytes[at] ?? 0);
      at += run;
      continue;
    }
    const start = at;
    while (at < bytes.length && at - start < 128) {
      if (at + 2 < bytes.length && bytes[at] === bytes[at + 1] && bytes[at] === bytes[at + 2]) break;
      at++;
    }
    out.push(at - start - 1, ...bytes.subarray(start, at));
  }
  if (out.length % 2 === 1) out.push(128);
  return Uint8Array.from(out);
}
