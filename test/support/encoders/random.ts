/** A seeded generator of 32-bit numbers (xorshift): the same pictures in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/** Values 0 .. 2^bits - 1 that look like a picture: waves with some noise, samples by pixel. */
export function picture(rows: number, columns: number, samplesPerPixel: number, bits: number, seed = 7): Uint16Array {
  const random = seeded(seed);
  const greatest = 2 ** bits - 1;
  const values = new Uint16Array(rows * columns * samplesPerPixel);
  for (let y = 0, i = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let sample = 0; sample < samplesPerPixel; sample++, i++) {
        const wave = Math.sin(x / (9 + sample) + sample) * Math.cos(y / 7) * 0.4 + 0.5;
        values[i] = Math.min(greatest, Math.max(0, wave * greatest + (random() % 5) - 2));
      }
    }
  }
  return values;
}
