import { InvalidDicomError } from '../../base/errors.ts';
import { limitHint } from '../../base/limit-hint.ts';
import { defaultLimits, type Limits } from '../../types/limits.ts';

const minStep = 64 * 1024;

/**
 * How many bytes from an object's start to read in all, where `have` bytes were not enough and at least `needed` are
 * needed: about twice as many, but no more than the object has.
 *
 * @returns undefined where the object does not have that many
 * @throws InvalidDicomError for a header too large to be real
 */
export function nextHeaderLength(
  have: number,
  needed: number,
  objectByteLength: number | undefined,
  { headerBytes }: Limits = defaultLimits,
): number | undefined {
  if (objectByteLength !== undefined && (needed > objectByteLength + 64 || have >= objectByteLength)) return undefined;
  if (needed > headerBytes) {
    throw new InvalidDicomError(
      `Expected a header of at most ${headerBytes} bytes but this one needs ${needed}. The object is damaged or hostile. ${limitHint('headerBytes')}`,
    );
  }
  const wanted = Math.max(needed, Math.min(have * 2, have + 16 * 1024 * 1024), minStep);
  return objectByteLength === undefined ? wanted : Math.min(wanted, objectByteLength);
}
