// Parquet's footer, page headers and page indexes are structures of Thrift's compact protocol.

/** Parquet's own structures are eight deep. */
const maxDepth = 16;
/** Bytes of a number of 64 bits. */
const maxVarintLength = 10;

export interface ThriftLimits {
  /** Elements of one list at most. Default: as many as there are bytes. */
  readonly listElements?: number;
}

/**
 * Walks over one structure, as hyparquet reads it, and allocates nothing: hyparquet makes an array as long as a list claims
 * to be, and a number as long as its bytes go on.
 *
 * @returns where the structure ends
 * @throws RangeError where it claims more than there is, TypeError for what Parquet does not use
 */
export function checkThrift(view: DataView, offset = 0, limits: ThriftLimits = {}): number {
  const { listElements = Number.POSITIVE_INFINITY } = limits;
  let at = offset;
  struct(0);
  return at;

  function struct(depth: number): void {
    if (depth > maxDepth) throw new RangeError(`expected structures at most ${maxDepth} deep`);
    for (;;) {
      const head = view.getUint8(at++);
      if ((head & 15) === 0) return;
      if (head >> 4 === 0) varint();
      value(head & 15, depth);
    }
  }

  function value(type: number, depth: number): void {
    if (type === 1 || type === 2) return;
    if (type === 3) pass(1);
    else if (type >= 4 && type <= 6) varint();
    else if (type === 7) pass(8);
    else if (type === 8) pass(varint());
    else if (type === 9) list(depth + 1);
    else if (type === 12) struct(depth + 1);
    else throw new TypeError(`expected a type of Parquet but found ${type}`);
  }

  function list(depth: number): void {
    if (depth > maxDepth) throw new RangeError(`expected lists at most ${maxDepth} deep`);
    const head = view.getUint8(at++);
    const count = head >> 4 === 15 ? varint() : head >> 4;
    // Each element has a byte at least.
    if (count > Math.min(listElements, view.byteLength - at)) {
      throw new RangeError(`expected fewer elements than the ${count} of a list`);
    }
    const type = (head & 15) <= 2 ? 3 : head & 15;
    for (let each = 0; each < count; each += 1) value(type, depth);
  }

  function pass(length: number): void {
    if (length > view.byteLength - at)
      throw new RangeError(`expected ${length} bytes but ${view.byteLength - at} are left`);
    at += length;
  }

  function varint(): number {
    let number = 0;
    for (let each = 0; each < maxVarintLength; each += 1) {
      const byte = view.getUint8(at++);
      number += (byte & 127) * 2 ** (7 * each);
      if (byte < 128) return number;
    }
    throw new RangeError(`expected numbers of at most ${maxVarintLength} bytes`);
  }
}
