/** A Content-Range header (RFC 9110 section 14.4). */
export interface ContentRange {
  /** undefined in the unsatisfied form `bytes *\/123`. */
  readonly offset: number | undefined;
  readonly length: number;
  /** undefined where the server says `*`. */
  readonly total: number | undefined;
}

/** Parses `bytes 0-99/1000`, `bytes 0-99/*` and `bytes *\/1000`; undefined for anything else or contradictory numbers. */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const match = /^\s*bytes\s+(?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)\s*$/i.exec(value ?? '');
  if (match === null) return undefined;
  const [, first, last, size] = match;
  const total = size === '*' ? undefined : Number(size);
  if (first === undefined || last === undefined) {
    return total === undefined ? undefined : { offset: undefined, length: 0, total };
  }
  const offset = Number(first);
  const length = Number(last) - offset + 1;
  if (length < 1 || (total !== undefined && offset + length > total)) return undefined;
  return { offset, length, total };
}

/** The Range header for `length` bytes (or Infinity: to the end) from `offset`. */
export function formatRange(offset: number, length: number): string {
  return length === Number.POSITIVE_INFINITY ? `bytes=${offset}-` : `bytes=${offset}-${offset + length - 1}`;
}
