import { InvalidDicomError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';

/** Encapsulated pixel data up to this size are read at once, which costs less than finding the frames first. */
export const maxWholeValueLength: number = 4 * 1024 * 1024;
/** The same where no table tells where frames lie: then finding them takes one request after the other. */
export const maxWholeValueWithoutTable: number = 32 * 1024 * 1024;
/** Longer frames are refused, because no decoder takes them. */
export const maxFrameLength: number = 2 ** 31 - 1;

export function tooLargeFrame(key: string, length: number): InvalidDicomError {
  return new InvalidDicomError(
    `Expected a frame of at most ${maxFrameLength} bytes in '${printable(key)}' but its header claims ${length}.`,
  );
}
