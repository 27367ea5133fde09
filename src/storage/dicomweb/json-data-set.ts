/** An object of JSON: a data set, or an attribute of one, in the DICOM JSON Model (PS3.18 Annex F). */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed JSON value is an object with names: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses a data set; undefined for JSON of another kind. */
export function parseDataSet(json: Uint8Array): JsonObject | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'));
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The name of an attribute: `00280010` for Rows. */
export function jsonName(tag: number): string {
  return (tag >>> 0).toString(16).toUpperCase().padStart(8, '0');
}

/** The tag that a name stands for; undefined for other names. */
export function tagOfName(name: string): number | undefined {
  return /^[0-9a-f]{8}$/i.test(name) ? Number.parseInt(name, 16) : undefined;
}

/** The values of an attribute. A single value may stand without its array. */
export function valuesOf(attribute: unknown): readonly unknown[] {
  const value = isJsonObject(attribute) ? (attribute['Value'] ?? []) : [];
  return Array.isArray(value) ? value : [value];
}

/** The first value of an attribute as text; undefined where there is none. */
export function textOf(attribute: unknown): string | undefined {
  const [value] = valuesOf(attribute);
  return typeof value === 'string' || typeof value === 'number' ? String(value).replace(/[\0\s]+$/, '') : undefined;
}

/** The items of an attribute; none where it is no sequence. */
export function itemsOf(attribute: unknown): readonly JsonObject[] {
  return isJsonObject(attribute) && attribute['vr'] === 'SQ' ? valuesOf(attribute).filter(isJsonObject) : [];
}
