const BINS = 0x10000;

/** Values that begin with the same digits, and the counts of their next digit. */
export interface DigitGroup {
  /** 0..3 leading digits of 16 bits. */
  readonly digits: readonly number[];
  /** How many values have each next digit; length = 65536. */
  readonly counts: Uint32Array;
  population: number;
  least: number;
  greatest: number;
}

/** Doubles as four 16-bit digits, most significant first, that sort as the numbers do. */
export class DigitReader {
  private readonly value = new Float64Array(1);
  private readonly words = new Uint32Array(this.value.buffer);
  /** Where the more significant word lies: hosts differ in byte order. */
  private readonly highWord: number;

  constructor() {
    this.value[0] = -0;
    this.highWord = this.words[1] === 0 ? 0 : 1;
  }

  /** An empty group of values that begin with these digits. */
  group(digits: readonly number[]): DigitGroup {
    const counts = new Uint32Array(BINS);
    return { digits, counts, population: 0, least: Number.POSITIVE_INFINITY, greatest: Number.NEGATIVE_INFINITY };
  }

  /** Counts the first `length` values into those groups whose digits they begin with; all have equally many digits. */
  count(values: Float64Array, length: number, groups: readonly DigitGroup[]): void {
    for (const group of groups) this.countGroup(values, length, group);
  }

  private countGroup(values: Float64Array, length: number, group: DigitGroup): void {
    const { value, words, highWord } = this;
    const { counts, digits } = group;
    const known = digits.length;
    const [first = 0, second = 0, third = 0] = digits;
    const lowest = this.valueOf(digits);
    const highest = this.valueOf([...digits, ...Array<number>(4 - known).fill(BINS - 1)]);
    for (let index = 0; index < length; index++) {
      const current = values[index] as number;
      // The cheap comparison passes over nearly all; NaN ends of the range (beyond infinity) pass over nothing.
      if (current < lowest || current > highest) continue;
      value[0] = current;
      const sign = (words[highWord] as number) >> 31;
      const high = ((words[highWord] as number) ^ (sign | 0x80000000)) >>> 0;
      const low = ((words[1 - highWord] as number) ^ sign) >>> 0;
      let digit = high >>> 16;
      if (known > 0) {
        if (digit !== first) continue;
        digit = high & 0xffff;
        if (known > 1) {
          if (digit !== second) continue;
          digit = low >>> 16;
          if (known > 2) {
            if (digit !== third) continue;
            digit = low & 0xffff;
          }
        }
      }
      counts[digit] = (counts[digit] as number) + 1;
      group.population++;
      if (current < group.least) group.least = current;
      if (current > group.greatest) group.greatest = current;
    }
  }

  /** The double with these digits; missing ones are 0. */
  valueOf(digits: readonly number[]): number {
    const [first = 0, second = 0, third = 0, fourth = 0] = digits;
    const high = first * BINS + second;
    const low = third * BINS + fourth;
    const negative = high < 0x80000000;
    this.words[this.highWord] = (negative ? ~high : high ^ 0x80000000) >>> 0;
    this.words[1 - this.highWord] = (negative ? ~low : low) >>> 0;
    return this.value[0] as number;
  }
}
