import type { Member } from '../types/members.ts';
import { attributesOf } from './members.ts';

/** By stack, and in it by In-Stack Position Number (PS3.3 C.7.6.16.2.2); at one place by dimensions, time and number. */
export function compareInStack(a: Member, b: Member): number {
  const one = attributesOf(a);
  const other = attributesOf(b);
  return (
    compareStackIds(one.stackId ?? '', other.stackId ?? '') ||
    compareKnownFirst(one.inStackPositionNumber, other.inStackPositionNumber) ||
    compareByDimensions(a, b)
  );
}

/** Stack ID is text, but mostly a number: 10 comes after 9. Whole numbers come before other text. */
function compareStackIds(a: string, b: string): number {
  const numbers = [a, b].map((id) => (/^\d{1,15}$/.test(id) ? Number(id) : undefined));
  return compareKnownFirst(numbers[0], numbers[1]) || compareText(a, b);
}

/** By Dimension Index Values (PS3.3 C.7.6.17), the first dimension first; then by time and number. */
export function compareByDimensions(a: Member, b: Member): number {
  const one = attributesOf(a).dimensionIndexValues ?? [];
  const other = attributesOf(b).dimensionIndexValues ?? [];
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const difference = compareKnownFirst(one[index], other[index]);
    if (difference !== 0) return difference;
  }
  return compareInTime(a, b);
}

/** At one place: Temporal Position, Trigger Time, Acquisition Time, Content Time, then the numbers. */
export function compareInTime(a: Member, b: Member): number {
  const one = attributesOf(a);
  const other = attributesOf(b);
  return (
    compareKnownFirst(one.temporalPosition, other.temporalPosition) ||
    compareKnownFirst(one.triggerTime, other.triggerTime) ||
    compareKnownFirst(one.acquisitionTime, other.acquisitionTime) ||
    compareKnownFirst(one.contentTime, other.contentTime) ||
    compareByNumber(a, b)
  );
}

/** Instance Number, frame number, key: always tells two members apart. */
export function compareByNumber(a: Member, b: Member): number {
  return (
    compareKnownFirst(a.instance.header.instanceNumber, b.instance.header.instanceNumber) ||
    (a.instance === b.instance ? a.frameIndex - b.frameIndex : compareText(a.instance.key, b.instance.key))
  );
}

/** Unknown values come last, so that the comparison stays transitive. */
function compareKnownFirst(a: number | undefined, b: number | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  return b === undefined ? -1 : a - b;
}

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
