/** How a value is written that JSON does not have: NaN, infinities, -0, a map, undefined in an array. */
type Wrapped =
  | { readonly $number: string }
  | { readonly $map: readonly (readonly [unknown, unknown])[] }
  | { readonly $undefined: true };

/** The value holds a typed array (bytes, a lookup table): too large for a header index, and needed for pixels only. */
export class BinaryValueError extends Error {
  override readonly name = 'BinaryValueError';
}

/**
 * Plain data as JSON: objects (without their undefined properties), arrays, maps, text, booleans and all numbers.
 *
 * @throws BinaryValueError where it holds a typed array
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: unknown, _, item: unknown) {
    return wrap(item, this);
  });
}

/** The second argument of `JSON.parse` for text of {@link toJson}: gives back the same data. */
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
