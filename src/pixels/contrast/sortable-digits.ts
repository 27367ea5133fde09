const digitCount = 0x10000;

/** The values that begin with the same digits, counted by their next digit. */
export interface DigitGroup {
  /** 0..3 leading digits of 16 bits. */
  readonly digits: readonly number[];
  /** How many of the values have each next digit; length = 65536. */
  readonly counts: Uint32Array;
  /** How many values there are. */
  population: number;
  min: number;
  max: number;
}

/** Reads doubles as four digits of 16 bits, the most significant first: the digits sort as the numbers do. */
export class DigitReader {
  private readonly value = new Float64Array(1);
  private readonly words = new Uint32Array(this.value.buffer);
  /** The index of the more significant word: machines differ in byte order. */
  private readonly highWord: number;

  constructor() {
    this.value[0] = -0;
    this.highWord = this.words[1] === 0 ? 0 : 1;
  }

  /** An empty group of values that begin with these digits. */
  group(digits: readonly number[]): DigitGroup {
    const counts = new Uint32Array(digitCount);
    return { digits, counts, population: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  }

  /**
   * Counts the first `length` values in the groups whose digits they begin with. All groups have equally many digits.
   */
  count(values: Float64Array, length: number, groups: readonly DigitGroup[]): void {
    for (const group of groups) this.countGroup(values, length, group);
  }

  private countGroup(values: Float64Array, length: number, group: DigitGroup): void {
    const { value, words, highWord } = this;
    const { counts, digits } = group;
    const known = digits.length;
    const [first = 0, second = 0, third = 0] = digits;
    const lowest = this.valueOf(digits);
    const highest = this.valueOf([...digits, ...Array<number>(4 - known).fill(digitCount - 1)]);
    for (let index = 0; index < length; index++) {
      const current = values[index] as number;
      // This cheap comparison skips nearly all values. Ends of the range beyond infinity are NaN, and skip nothing.
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
      if (current < group.min) group.min = current;
      if (current > group.max) group.max = current;
    }
  }

  /** The double with these digits; missing digits are 0. */
  valueOf(digits: readonly number[]): number {
    const [first = 0, second = 0, third = 0, fourth = 0] = digits;
    const high = first * digitCount + second;
    const low = third * digitCount + fourth;
    const negative = high < 0x80000000;
    this.words[this.highWord] = (negative ? ~high : high ^ 0x80000000) >>> 0;
    this.words[1 - this.highWord] = (negative ? ~low : low) >>> 0;
    return this.value[0] as number;
  }
}
