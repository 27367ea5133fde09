/** What an input did wrong, without what differs from input to input: one fault has one name. */
export function nameOfFault(why: string): string {
  const [first = '', ...stack] = why.split('\n');
  const place = stack.find((line) => line.includes(' at ') && !line.includes('node:')) ?? '';
  const where = /at (\S+)/.exec(place)?.[1] ?? '';
  return `${first.replaceAll(/\d+/g, 'N').slice(0, 100)} ${where}`.trim();
}

/**
 * Makes an input smaller as long as the fault stays: takes pieces out, large ones first.
 *
 * @param isSame whether these bytes have the fault too
 * @param maxTries each may take as long as a hang
 */
export async function minimise(
  bytes: Uint8Array,
  isSame: (bytes: Uint8Array) => Promise<boolean>,
  maxTries: number,
): Promise<Uint8Array> {
  let found = bytes;
  let tries = 0;
  for (let size = found.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < found.length; ) {
      if (tries >= maxTries) return found;
      tries += 1;
      const shorter = Buffer.concat([found.subarray(0, at), found.subarray(at + size)]);
      if (await isSame(shorter)) found = shorter;
      else at += size;
    }
  }
  return found;
}
