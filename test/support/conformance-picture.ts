import { readFileSync } from 'node:fs';
import sharp from 'sharp';

/** A picture as bytes, interleaved. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** An encoded picture with one channel, or with three. */
export async function decodePicture(bytes: Uint8Array, channels: 1 | 3): Promise<Picture> {
  const { data, info } = await sharp(bytes)
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) throw new Error(`Expected ${channels} channels but found ${info.channels}.`);
  return { data: new Uint8Array(data), width: info.width, height: info.height, channels };
}

/** A binary PGM or PPM of 8 bits. */
export function readPnm(path: string): Picture {
  const bytes = readFileSync(path);
  const head = /^P([56])\s+(?:#[^\n]*\n)*\s*(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 300).toString('latin1'));
  if (head === null) throw new Error('Expected a PGM or PPM of 8 bits.');
  const [whole, kind, width, height] = head;
  return {
    data: new Uint8Array(bytes.subarray(whole.length)),
    width: Number(width),
    height: Number(height),
    channels: kind === '5' ? 1 : 3,
  };
}

/** The greatest difference between display values; what is not a number is passed over. */
export function greatestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (let index = 0; index < actual.length; index++) {
    const difference = Math.abs((actual[index] ?? 0) - (expected[index] ?? 0));
    if (difference > greatest) greatest = difference;
  }
  return greatest;
}
