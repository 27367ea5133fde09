/** How values one behind the other become one. */
export type Projection = 'max' | 'mean' | 'min';

/** Joins values that lie one behind the other, place by place. NaN counts for nothing. */
export class Projected {
  readonly #projection: Projection;
  readonly #joined: Float32Array;
  readonly #counts: Uint32Array;

  constructor(length: number, projection: Projection) {
    this.#projection = projection;
    this.#joined = new Float32Array(length).fill(Number.NaN);
    this.#counts = new Uint32Array(projection === 'mean' ? length : 0);
  }

  /**
   * Joins `count` values with those from `place` on.
   *
   * @param from the first of them in `values`; the others follow every `stride`
   */
  addRun(place: number, values: Float32Array, from: number, count: number, stride: number): void {
    const joined = this.#joined;
    const counts = this.#counts;
    const isMean = this.#projection === 'mean';
    const sign = this.#projection === 'min' ? -1 : 1;
    for (let step = 0; step < count; step++) {
      const value = values[from + step * stride] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const at = place + step;
      const before = joined[at] ?? Number.NaN;
      if (isMean) {
        joined[at] = Number.isNaN(before) ? value : before + value;
        counts[at] = (counts[at] ?? 0) + 1;
      } else if (!(before * sign >= value * sign)) {
        joined[at] = value;
      }
    }
  }

  /** NaN where no value came. Nothing must be added any more. */
  get values(): Float32Array {
    if (this.#projection !== 'mean') return this.#joined;
    for (const [place, count] of this.#counts.entries()) {
      if (count > 1) this.#joined[place] = (this.#joined[place] ?? 0) / count;
    }
    this.#counts.fill(0);
    return this.#joined;
  }
}
