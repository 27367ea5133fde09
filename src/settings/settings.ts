import { UsageError } from '../base/errors.ts';
import { nearestName } from '../base/nearest-name.ts';
import { outputFormats } from '../compose/output-format.ts';
import { parseContrast } from '../pixels/contrast/presets.ts';
import type { IdcSearchOptions } from '../types/idc-search.ts';
import { defaultLimits, type Limits } from '../types/limits.ts';
import type {
  AttributesOptions,
  FramesOptions,
  ImageViewOptions,
  ListOptions,
  MosaicOptions,
  MosaicViewOptions,
  PictureViewOptions,
  RunOptions,
  SeriesOptions,
  StorageOptions,
} from '../types/options.ts';
import type {
  CacheSettings,
  DraftSettings,
  ImageSettings,
  MosaicSettings,
  PictureSettings,
  StorageSettings,
} from '../types/settings.ts';
import { colourMapOption, filterOf, layoutSettings } from './layout-settings.ts';
import { fraction, wholeNumber } from './option-checks.ts';
import { volumeChoice } from './volume-settings.ts';

export type Names<Options> = Readonly<Record<keyof Options, true>>;

export const runNames: Names<RunOptions> = { signal: true, onProgress: true };
const storageNames: Names<StorageOptions> = {
  ...{ root: true, endpointUrl: true, region: true, noSignRequest: true, headers: true, concurrency: true },
  ...{ timeoutMs: true, retries: true, cacheDir: true, noCache: true, idcIndex: true, limits: true },
};
export const seriesNames: Names<SeriesOptions> = { ...storageNames, outputs: true };
export const pictureNames: Names<PictureViewOptions> = {
  ...runNames,
  ...{ imageWidth: true, contrast: true, windowIndex: true, includeLabel: true, strictPrivacy: true, overlays: true },
  ...{ labels: true, addresses: true, includePatient: true, width: true, height: true, background: true, crop: true },
  ...{ filter: true, colormap: true, format: true, quality: true, maxByteLength: true, maxSide: true },
  ...{ volume: true, time: true, bValue: true, echo: true, volumes: true },
};
const mosaicNames: Names<MosaicViewOptions> = {
  ...pictureNames,
  ...{ tileWidth: true, tileHeight: true, columns: true, rows: true, samples: true, fit: true, skipBlank: true },
  ...{ gap: true, border: true, start: true, end: true, rowsBy: true },
};
const imageNames: Names<ImageViewOptions> = { ...pictureNames, position: true, sliceOffset: true, frame: true };
const framesNames: Names<FramesOptions> = { ...runNames, count: true, positions: true, range: true, width: true };

const attributesNames: Names<AttributesOptions> = {
  ...runNames,
  ...{ tags: true, includePatient: true, position: true, sliceOffset: true },
};
const idcNames: Names<IdcSearchOptions> = {
  ...{ endpointUrl: true, region: true, noSignRequest: true, concurrency: true, timeoutMs: true, retries: true },
  ...{ cacheDir: true, noCache: true, idcIndex: true, limits: true, signal: true },
  ...{ collection: true, modality: true, bodyPart: true, patient: true, description: true, limit: true, offset: true },
};

type Call =
  | 'idc'
  | 'open'
  | 'list'
  | 'attributes'
  | 'mosaicView'
  | 'imageView'
  | 'frames'
  | 'mosaic'
  | 'image'
  | 'index'
  | 'export';

/** The option names that each call knows. The compiler checks that the tables above have every option. */
export const optionNames: Readonly<Record<Call, Readonly<Record<string, true>>>> = {
  open: { ...seriesNames, ...runNames, includePatient: true },
  list: {
    ...storageNames,
    ...runNames,
    details: true,
    includePatient: true,
    onWarning: true,
  } satisfies Names<ListOptions>,
  attributes: attributesNames,
  mosaicView: mosaicNames,
  imageView: imageNames,
  frames: framesNames,
  mosaic: { ...seriesNames, ...mosaicNames, draft: true, budget: true },
  image: { ...seriesNames, ...imageNames },
  index: { ...seriesNames, ...runNames },
  export: { ...seriesNames, ...runNames, format: true },
  idc: idcNames,
};

/**
 * Refuses options that no call knows: a mistyped one would silently have no effect.
 *
 * @param call for the message, such as 'createMosaic'
 * @throws UsageError that suggests the nearest name
 */
export function checkOptionNames(call: string, options: object, names: Readonly<Record<string, true>>): void {
  if (typeof options !== 'object' || options === null) {
    throw new UsageError(`Expected an object of options for ${call} but received ${String(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name) || Reflect.get(options, name) === undefined) continue;
    const nearest = nearestName(name, Object.keys(names));
    const hint = nearest === undefined ? `It knows ${Object.keys(names).join(', ')}` : `Did you mean '${nearest}'?`;
    throw new UsageError(`${call} has no option '${name}'. ${hint}${hint.endsWith('?') ? '' : '.'}`);
  }
}

/** @throws UsageError for anything but a text */
export function checkSeriesName(series: unknown): asserts series is string {
  if (typeof series === 'string') return;
  throw new UsageError(`Expected a series (a UID, a folder or a URL) but received ${String(series)}.`);
}

/** Tiles of a mosaic: more would not give an overview, and would read the whole series. */
const maxTiles = 10_000;
/** Rows of a mosaic with a row a volume, where nothing else was asked. */
const maxVolumeRows = 100;
const maxTimeoutMs = 24 * 3600 * 1000;

/** @throws UsageError for a value outside its range */
export function storageSettings(options: SeriesOptions): StorageSettings {
  return {
    root: options.root,
    endpointUrl: options.endpointUrl,
    region: options.region,
    noSignRequest: options.noSignRequest ?? false,
    headers: options.headers,
    concurrency: wholeNumber('concurrency', options.concurrency ?? 128, { min: 1, max: 1024 }),
    timeoutMs: wholeNumber('timeoutMs', options.timeoutMs ?? 30_000, { min: 1, max: maxTimeoutMs }),
    retries: wholeNumber('retries', options.retries ?? 5, { min: 0, max: 100 }),
    confine: false,
    outputs: pathsOf('outputs', options.outputs),
    limits: limitsOf(options.limits),
  };
}

/**
 * All limits: those that the caller names, and the defaults.
 *
 * @throws UsageError for an unknown name, and for anything but a whole number of 1 or more, or Infinity
 */
function limitsOf(given: SeriesOptions['limits']): Limits {
  if (given === undefined) return defaultLimits;
  const known = Object.keys(defaultLimits);
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) {
      const nearest = nearestName(name, known);
      const hint = nearest === undefined ? `Expected ${known.join(', ')}.` : `Did you mean '${nearest}'?`;
      throw new UsageError(`There is no '${name}' in limits. ${hint}`, { optionNames: ['limits'] });
    }
    if (value !== undefined && value !== Infinity && !(Number.isSafeInteger(value) && value >= 1)) {
      throw new UsageError(
        `Expected a whole number of 1 or more for '${name}' in limits but received ${String(value)}.`,
        { optionNames: ['limits'] },
      );
    }
  }
  const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaultLimits, ...named };
}

/** A list of paths, copied; who gives none gets none. */
function pathsOf(name: string, paths: readonly string[] | undefined): readonly string[] {
  if (paths === undefined) return [];
  if (Array.isArray(paths) && paths.every((path: unknown) => typeof path === 'string')) return [...paths];
  throw new UsageError(`Expected a list of paths for ${name} but received ${typeof paths}.`, { optionNames: [name] });
}

export function cacheSettings({ cacheDir, noCache, idcIndex }: StorageOptions): CacheSettings {
  return { cacheDir, noCache: noCache ?? false, idcIndex };
}

/** @throws UsageError for a value outside its range */
export function mosaicSettings(options: MosaicViewOptions): MosaicSettings {
  const grid = gridSettings(options);
  const { format, rowsBy, ...picture } = options;
  const isPage = format === 'html';
  const settings = pictureSettings({ ...picture, format: isPage ? 'webp' : format });
  if (isPage && options.maxByteLength !== undefined) {
    throw new UsageError('Expected no maxByteLength for a page: it is a limit for pictures.', {
      optionNames: ['maxByteLength'],
    });
  }
  return { ...settings, ...grid, isPage, rowsBy, ...rangeOf(options) };
}

/** @throws UsageError unless start is before end, both 0..1 */
export function rangeOf(options: Pick<MosaicViewOptions, 'start' | 'end'>): Pick<MosaicSettings, 'start' | 'end'> {
  const start = fraction('start', options.start ?? 0);
  const end = fraction('end', options.end ?? 1);
  if (start < end) return { start, end };
  throw new UsageError(`Expected start to be less than end but received ${start} and ${end}.`, {
    optionNames: ['start', 'end'],
  });
}

/** @throws UsageError for a grid that is too large, and for two names of one option */
function gridSettings(
  options: MosaicViewOptions,
): Pick<MosaicSettings, 'tileWidth' | 'tileHeight' | 'samples' | 'isSquare'> {
  const { rowsBy } = options;
  if (rowsBy !== undefined && rowsBy !== 'volume') {
    throw new UsageError(`Expected 'volume' for rowsBy but received '${String(rowsBy)}'.`, { optionNames: ['rowsBy'] });
  }
  const samples =
    options.samples === undefined ? undefined : wholeNumber('samples', options.samples, { min: 1, max: maxTiles });
  const columns = oneOfTwo(options, 'tileWidth', 'columns');
  const rows = oneOfTwo(options, 'tileHeight', 'rows');
  const square = samples === undefined ? 6 : Math.ceil(Math.sqrt(samples));
  const fromRows = samples === undefined || rows === undefined ? square : Math.ceil(samples / rows);
  const tileWidth = columns ?? fromRows;
  const usualHeight = rowsBy === undefined ? tileWidth : Math.min(maxVolumeRows, Math.trunc(maxTiles / tileWidth));
  const tileHeight = rows ?? (samples === undefined ? usualHeight : Math.ceil(samples / tileWidth));
  if (tileWidth * tileHeight <= maxTiles) {
    const isSquare = samples !== undefined && columns === undefined && rows === undefined && rowsBy === undefined;
    return { tileWidth, tileHeight, samples: Math.min(samples ?? Infinity, tileWidth * tileHeight), isSquare };
  }
  throw new UsageError(
    `Expected at most ${maxTiles} tiles (tileWidth x tileHeight) but received ${tileWidth} x ${tileHeight}.`,
    { optionNames: ['tileWidth', 'tileHeight'] },
  );
}

function oneOfTwo(
  options: MosaicViewOptions,
  name: 'tileWidth' | 'tileHeight',
  other: 'columns' | 'rows',
): number | undefined {
  const [one, two] = [options[name], options[other]];
  if (one !== undefined && two !== undefined) {
    throw new UsageError(`Expected ${name} or ${other}, which mean the same, but received both.`, {
      optionNames: [name, other],
    });
  }
  const [given, value] = one === undefined ? ([other, two] as const) : ([name, one] as const);
  return value === undefined ? undefined : wholeNumber(given, value, { min: 1, max: maxTiles });
}

/**
 * What a draft may cost; undefined where none is asked for.
 *
 * @throws UsageError for limits that cannot be
 */
export function draftSettings(options: MosaicOptions): DraftSettings | undefined {
  const { draft, budget } = options;
  const isDraft = budget !== undefined || draft === true;
  const needing = (['volume', 'time', 'bValue', 'echo', 'volumes', 'rowsBy'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (isDraft && needing !== undefined) {
    throw new UsageError(`Expected no ${needing} with a draft: volumes are known only when all headers are read.`, {
      optionNames: [needing, 'draft'],
    });
  }
  if (budget === undefined) return draft === true ? { byteLength: Infinity, timeMs: Infinity } : undefined;
  if (draft === false) {
    throw new UsageError('Expected no budget without a draft: only a draft reads less than the tiles ask for.', {
      optionNames: ['budget', 'draft'],
    });
  }
  const { byteLength = Infinity, timeMs = Infinity } = budget;
  if (!(byteLength >= 1)) {
    throw new UsageError(`Expected a budget of 1 byte or more but received ${String(byteLength)}.`, {
      optionNames: ['budget'],
    });
  }
  if (!(timeMs > 0)) {
    throw new UsageError(`Expected a budget of more than 0 milliseconds but received ${String(timeMs)}.`, {
      optionNames: ['budget'],
    });
  }
  return { byteLength, timeMs };
}

/** @throws UsageError for a value outside its range */
export function imageSettings(options: ImageViewOptions): ImageSettings {
  const sliceOffset = options.sliceOffset ?? 0;
  return {
    ...pictureSettings(options),
    position: fraction('position', options.position),
    sliceOffset: wholeNumber('sliceOffset', sliceOffset, {}),
    frame: options.frame === undefined ? undefined : wholeNumber('frame', options.frame, { min: 1 }),
  };
}

/** @throws UsageError for a value outside its range */
export function pictureSettings(options: PictureViewOptions & Omit<MosaicViewOptions, 'format'>): PictureSettings {
  const { imageWidth = 128, format = 'webp', windowIndex } = options;
  if (!outputFormats.includes(format)) {
    throw new UsageError(`Expected ${outputFormats.join(', ')} as the format but received '${String(format)}'.`, {
      optionNames: ['format'],
    });
  }
  return {
    imageWidth: imageWidthOf('imageWidth', imageWidth),
    contrast: parseContrast(options.contrast),
    format,
    windowIndex:
      windowIndex === undefined ? undefined : wholeNumber('windowIndex', windowIndex, { min: 1, max: 1000 }) - 1,
    overlays: options.overlays ?? false,
    filter: filterOf(options.filter),
    colourMap: colourMapOption(options.colormap),
    layout: layoutSettings(options),
    includeLabel: options.includeLabel ?? false,
    strictPrivacy: options.strictPrivacy ?? false,
    volumeChoice: volumeChoice(options),
    quality: wholeNumber('quality', options.quality ?? 25, { min: 1, max: 100 }),
    maxByteLength:
      options.maxByteLength === undefined
        ? undefined
        : wholeNumber('maxByteLength', options.maxByteLength, { min: 1000 }),
  };
}

/** @throws UsageError for anything but a width */
export function imageWidthOf(name: string, width: number | 'native'): number | 'native' {
  const max = 16_384;
  if (width === 'native' || (Number.isSafeInteger(width) && width >= 1 && width <= max)) return width;
  throw new UsageError(
    `Expected 'native' or a whole number from 1 to ${max} for ${name} but received ${String(width)}.`,
    { optionNames: [name] },
  );
}
