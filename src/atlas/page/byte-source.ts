/** Files of an atlas, read in ranges: from a web server, or out of the page itself. */
export interface ByteSource {
  /** @throws Error in plain words, for people */
  read(name: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Whole files kept where a server knows no ranges. */
const maxWholeFiles = 4;

/** Reads by HTTP. A server that ignores ranges sends whole files; the last few of them are kept. */
export class WebSource implements ByteSource {
  readonly #base: string;
  readonly #version: string;
  readonly #whole = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

  constructor(base: string, version: string) {
    this.#base = base;
    this.#version = version;
  }

  async read(name: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const kept = this.#whole.get(name);
    if (kept !== undefined) return cut(name, await kept, offset, length);
    const url = new URL(name, this.#base);
    url.searchParams.set('v', this.#version);
    const response = await fetch(url, { headers: { range: `bytes=${offset}-${offset + length - 1}` } });
    if (response.status === 206) {
      const bytes = new Uint8Array(await response.arrayBuffer());
      const said = response.headers.get('content-range');
      if (bytes.length > length || (said !== null && !said.startsWith(`bytes ${offset}-`))) {
        throw new Error(`The server sent another part of ${name} than was asked for.`);
      }
      return bytes;
    }
    if (response.status !== 200) throw new Error(`The server answered ${response.status} for ${name}.`);
    const whole = response.arrayBuffer().then((buffer) => new Uint8Array(buffer));
    this.#keep(name, whole);
    return cut(name, await whole, offset, length);
  }

  #keep(name: string, whole: Promise<Uint8Array<ArrayBuffer>>): void {
    this.#whole.set(name, whole);
    // A failure is asked for again.
    whole.catch(() => this.#whole.delete(name));
    for (const oldest of this.#whole.keys()) {
      if (this.#whole.size <= maxWholeFiles) break;
      // The manifest is read all the time.
      if (oldest !== 'manifest.parquet') this.#whole.delete(oldest);
    }
  }
}

/** Reads files that the page holds as base64 text. */
export class EmbeddedSource implements ByteSource {
  readonly #textOf: (name: string) => string | undefined;

  /** @param textOf the base64 text of a file */
  constructor(textOf: (name: string) => string | undefined) {
    this.#textOf = textOf;
  }

  async read(name: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const text = this.#textOf(name);
    if (text === undefined) throw new Error(`This page does not hold ${name}.`);
    // Four characters stand for three bytes.
    const first = Math.floor(offset / 3);
    const last = Math.ceil((offset + length) / 3);
    const decoded = atob(text.slice(first * 4, last * 4));
    const bytes = new Uint8Array(Math.max(0, Math.min(length, decoded.length - (offset - first * 3))));
    for (let index = 0; index < bytes.length; index++) bytes[index] = decoded.charCodeAt(offset - first * 3 + index);
    return bytes;
  }
}

function cut(name: string, whole: Uint8Array<ArrayBuffer>, offset: number, length: number): Uint8Array<ArrayBuffer> {
  if (offset > whole.length) throw new Error(`${name} is shorter than the manifest says.`);
  return whole.subarray(offset, offset + length);
}
