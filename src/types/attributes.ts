/**
 * What an attribute holds: a text or a number, a list where there are several, null where it is empty. Bytes without a known
 * meaning are hexadecimal text.
 */
export type AttributeValue = string | number | null | readonly (string | number | null)[];

/** Attributes of instances, a row each. */
export interface AttributeRows {
  /** `key` (the object in its store), and each attribute under its keyword, or its number where none is known. */
  readonly rows: readonly Readonly<Record<string, AttributeValue>>[];
  /** What was left out, in sentences. */
  readonly warnings: readonly string[];
}
