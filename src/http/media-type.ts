/** A media type (RFC 9110 section 8.3.1), as Content-Type headers carry it. */
export interface MediaType {
  /** Type and subtype in lower case, such as `multipart/related`. */
  readonly name: string;
  /** By name in lower case; values as given, without their quotes. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A parameter: a name, then a quoted string or anything up to the next semicolon. */
const PARAMETER = /\s*;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))/y;

/** Takes a Content-Type apart. Never throws: what makes no sense is left out; without a header all is empty. */
export function parseMediaType(header: string | undefined): MediaType {
  const text = header ?? '';
  const [name = ''] = text.split(/[;,]/, 1);
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = name.length;
  for (let match = PARAMETER.exec(text); match !== null; match = PARAMETER.exec(text)) {
    const [, key = '', quoted, plain = ''] = match;
    const value = quoted === undefined ? plain.trim() : quoted.replace(/\\(.)/g, '$1');
    if (!parameters.has(key.toLowerCase())) parameters.set(key.toLowerCase(), value);
  }
  return { name: name.trim().toLowerCase(), parameters };
}
