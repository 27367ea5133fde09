/** A value as JSON can hold it: numbers that JSON lacks and maps are wrapped. */
type Wrapped =
  | { readonly $number: string }
  | { readonly $map: readonly (readonly [unknown, unknown])[] }
  | { readonly $undefined: true };

/** A value holds bytes or tables: too large for an index, and of use for pixels only. */
export class BinaryValueError extends Error {
  override readonly name = 'BinaryValueError';
}

/**
 * Plain data (objects, arrays, maps, text, numbers of all kinds, undefined properties left out) as JSON.
 *
 * @throws BinaryValueError where it holds a typed array
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: unknown, _, item: unknown) {
    return wrap(item, this);
  });
}

/** For JSON.parse: gives back what {@link toJson} was given. */
export function reviveJson(_: string, item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  if ('$undefined' in item) return undefined;
  if ('$number' in item) return Number(item.$number);
  if ('$map' in item && Array.isArray(item.$map)) return new Map(item.$map);
  return item;
}

function wrap(item: unknown, holder: unknown): unknown {
  if (item === undefined && Array.isArray(holder)) return { $undefined: true } satisfies Wrapped;
  if (ArrayBuffer.isView(item)) throw new BinaryValueError('a typed array');
  if (item instanceof Map) return { $map: [...item] } satisfies Wrapped;
  if (typeof item !== 'number' || (Number.isFinite(item) && !Object.is(item, -0))) return item;
  return { $number: Object.is(item, -0) ? '-0' : String(item) } satisfies Wrapped;
}
