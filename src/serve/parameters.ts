import { type ImageViewOptions, type MosaicViewOptions, UsageError } from '../index.ts';

/** What one request may ask for: no more than a second or two of work. */
const maxTiles = 12;
const maxImageWidth = 1024;
const maxWidth = 4096;

/** The query of a URL, read name by name. What nobody reads is a mistake of the client's. */
export class Parameters {
  readonly #values: Map<string, string>;

  /** @throws UsageError for a name that comes twice */
  constructor(queries: Readonly<Record<string, readonly string[]>>) {
    this.#values = new Map();
    for (const [name, values] of Object.entries(queries)) {
      const [value = ''] = values;
      if (values.length > 1) throw new UsageError(`Expected ${printable(name)} once but received it several times.`);
      this.#values.set(name, value);
    }
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value;
  }

  /** @throws UsageError for other text, and for numbers out of range */
  number(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new UsageError(`Expected a number from ${min} to ${max} for ${name} but received '${printable(text)}'.`);
  }

  /** @throws UsageError likewise, and for numbers that are not whole */
  whole(name: string, min: number, max: number): number | undefined {
    const value = this.number(name, min, max);
    if (value === undefined || Number.isInteger(value)) return value;
    throw new UsageError(`Expected a whole number for ${name} but received ${value}.`);
  }

  /** `labels`, `labels=1` and `labels=true` say yes. */
  flag(name: string): boolean {
    const text = this.text(name);
    if (text === undefined || text === '0' || text === 'false') return false;
    if (text === '' || text === '1' || text === 'true') return true;
    throw new UsageError(`Expected 1 or 0 for ${name} but received '${printable(text)}'.`);
  }

  /** @throws UsageError where something is left that nobody read */
  end(): void {
    const [name] = this.#values.keys();
    if (name !== undefined) throw new UsageError(`There is no parameter '${printable(name)}' here.`);
  }
}

/** @throws UsageError for what a mosaic is not made with */
export function mosaicOptionsOf(parameters: Parameters): MosaicViewOptions {
  const columns = parameters.whole('columns', 1, maxTiles);
  const rows = parameters.whole('rows', 1, maxTiles);
  const options = {
    ...sharedOptionsOf(parameters),
    ...{ columns, rows, samples: parameters.whole('samples', 1, maxTiles ** 2), fit: true },
    ...{ start: parameters.number('start', 0, 1), end: parameters.number('end', 0, 1) },
    skipBlank: parameters.flag('skip-blank'),
  };
  parameters.end();
  const { imageWidth = 128 } = options;
  if ((columns ?? 6) * imageWidth > maxWidth) {
    throw new UsageError(`Expected a picture of at most ${maxWidth} pixels a row: fewer columns, or a smaller width.`);
  }
  return options;
}

/** @throws UsageError for what an image is not made with */
export function imageOptionsOf(parameters: Parameters): ImageViewOptions {
  const options = {
    ...sharedOptionsOf(parameters),
    ...{ position: parameters.number('position', 0, 1) ?? 0.5, frame: parameters.whole('frame', 1, 1e9) },
  };
  parameters.end();
  return options;
}

function sharedOptionsOf(
  parameters: Parameters,
): { readonly imageWidth?: number } & Omit<MosaicViewOptions, 'imageWidth' | 'format'> {
  const imageWidth = parameters.whole('width', 16, maxImageWidth);
  return {
    ...(imageWidth === undefined ? {} : { imageWidth }),
    ...{ contrast: parameters.text('contrast'), colormap: parameters.text('colormap') },
    ...{ volume: parameters.whole('volume', 1, 1e9), quality: parameters.whole('quality', 1, 100) },
    ...{ labels: parameters.flag('labels'), crop: parameters.flag('crop') },
  };
}

/** Of what a client sent, for a message to that client. */
function printable(text: string): string {
  return JSON.stringify(text.slice(0, 60)).slice(1, -1);
}
