/** Rounds to a whole number of parts, of which `scale` make one: 10 rounds to tenths. */
export function round(value: number, scale: number): number {
  return Math.round(value * scale) / scale;
}

/** The greatest number that divides both whole numbers; the other one where one of them is 0. */
export function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
