import { OutputError, UsageError } from '../../src/base/errors.ts';
import { imageCall, mosaicCall } from '../../src/calls/create-picture.ts';
import { contrastSheetCall, filmCall, planesCall } from '../../src/calls/view-calls.ts';
import type { Context, Library, TextStream } from '../../src/cli/context.ts';
import { filmFormatOf } from '../../src/compose/output-format.ts';
import type {
  ContrastSheetOptions,
  FilmOptions,
  ImageOptions,
  IndexOptions,
  MosaicOptions,
  PlanesOptions,
  Preview,
  PreviewReport,
  ReadingPlan,
  TileReport,
} from '../../src/index.ts';
import { storageSettings } from '../../src/settings/settings.ts';

export const indexBytes: Uint8Array = new TextEncoder().encode('{}\n');
export const pictureBytes: Uint8Array = Uint8Array.of(0x52, 0x49, 0x46, 0x46, 0, 255);

function tile(index: number, error?: TileReport['error']): TileReport {
  return {
    index,
    address: `${'AB'[index]}1`,
    row: 0,
    column: index,
    key: `${index}.dcm`,
    sopInstanceUid: `1.2.3.${index}`,
    instanceNumber: index + 1,
    frame: 1,
    positionMm: index * 2.5,
    position: index,
    window: error === undefined ? { center: 40, width: 350, function: 'LINEAR', source: 'instance' } : null,
    ...(error === undefined ? {} : { error }),
  };
}

const grid = { columns: 2, rows: 1, left: 0, top: 0, cellWidth: 128, cellHeight: 128, gap: 0 };

export function fakeReport(changes: Partial<PreviewReport> = {}): PreviewReport {
  return {
    schema: 1,
    series: {
      seriesInstanceUid: '1.2.3',
      studyInstanceUid: '1.2',
      modality: 'CT',
      instances: 2,
      frames: 2,
      orientation: 'axial',
      orderedBy: 'position-along-normal',
    },
    tiles: [tile(0), tile(1)],
    output: { path: null, format: 'webp', width: 256, height: 128, byteLength: 6, grid },
    io: { requests: 5, headerBytes: 10_240, pixelBytes: 1_048_576 },
    timingsMs: { list: 1, headers: 2, pixels: 3, render: 4, encode: 5, total: 1_500 },
    warnings: [],
    ...changes,
  };
}

/** A report whose second tile could not be shown. */
export function reportWithFailedTile(): PreviewReport {
  const error = { code: 'unsupported', message: 'Expected a transfer syntax that can be decoded.' };
  return fakeReport({ tiles: [tile(0), tile(1, error)], warnings: ['1 of 2 tiles could not be shown.'] });
}

type PictureCallOptions = MosaicOptions | ImageOptions | ContrastSheetOptions | PlanesOptions | FilmOptions;

/** One call of the library: the series and the options it was given. */
export interface Call {
  readonly kind: 'mosaic' | 'image' | 'contrast-sheet' | 'planes' | 'film' | 'plan';
  readonly series: string;
  readonly options: PictureCallOptions;
}

/** One call of the library's index functions. */
export interface IndexCall {
  readonly kind: 'build' | 'get' | 'clear';
  readonly series: string | readonly string[] | undefined;
  readonly options: IndexOptions;
}

interface Outcome {
  readonly report?: PreviewReport;
  /** Thrown in place of a preview. */
  readonly error?: unknown;
  /** Thrown for this series alone. */
  readonly failsFor?: string;
}

/** A terminal, files and a library in memory. The library checks its options as the real one does. */
export interface FakeContext extends Context {
  readonly calls: Call[];
  readonly indexCalls: IndexCall[];
  readonly files: Map<string, Uint8Array>;
  readonly out: () => Buffer;
  readonly err: () => string;
  readonly loads: () => number;
  readonly abort: () => void;
}

function memoryStream(isTTY: boolean): { stream: TextStream; taken: () => Buffer } {
  const chunks: Buffer[] = [];
  return {
    stream: {
      isTTY,
      columns: 60,
      write: (chunk, done) => {
        chunks.push(Buffer.from(chunk));
        done?.();
        return true;
      },
    },
    taken: () => Buffer.concat(chunks),
  };
}

/** @param terminals Which of the streams are terminals; none by default. */
export function fakeContext(
  outcome: Outcome = {},
  terminals: { readonly stdout?: boolean; readonly stderr?: boolean } = {},
): FakeContext {
  const calls: Call[] = [];
  const indexCalls: IndexCall[] = [];
  const files = new Map<string, Uint8Array>();
  const out = memoryStream(terminals.stdout === true);
  const err = memoryStream(terminals.stderr === true);
  const controller = new AbortController();
  let loads = 0;
  const create = (kind: Call['kind'], series: string, options: PictureCallOptions): Promise<Preview> => {
    calls.push({ kind, series, options });
    options.onProgress?.({ stage: 'headers', done: 1, total: 2 });
    options.onProgress?.({ stage: 'headers', done: 2, total: 2 });
    if ('error' in outcome) return Promise.reject(outcome.error);
    return Promise.resolve({ bytes: pictureBytes, report: outcome.report ?? fakeReport() });
  };
  const indexed = async <Result>(call: IndexCall, result: Result): Promise<Result> => {
    storageSettings(call.options);
    indexCalls.push(call);
    call.options.onProgress?.({ stage: 'headers', done: 1, total: 2 });
    const fails = 'error' in outcome && (outcome.failsFor === undefined || outcome.failsFor === call.series);
    if (fails) throw outcome.error;
    return result;
  };
  const { warnings = [], unreadable = [] } = outcome.report ?? {};
  const counted = { requests: 3, unreadable, warnings };
  const planned = (series: string, options: MosaicOptions | ImageOptions): ReadingPlan => {
    calls.push({ kind: 'plan', series, options });
    const { series: about, warnings } = fakeReport();
    const { window: _, sopInstanceUid, ...place } = tile(0);
    const tiles = [{ ...place, byteLength: 512 }];
    return {
      schema: 1,
      series: about,
      tiles,
      read: { requests: 3, byteLength: 10_240 },
      toRead: { requests: 1, byteLength: 512 },
      warnings,
    };
  };
  const library: Library = {
    buildIndex: (series, options = {}) =>
      indexed(
        { kind: 'build', series, options },
        { ...counted, instances: 20, frames: 30, recalled: 0, path: '/cache/a.parquet' },
      ),
    getIndex: (series, options) =>
      indexed({ kind: 'get', series, options }, { ...counted, bytes: indexBytes, rows: 30 }),
    clearIndex: (series, options = {}) => indexed({ kind: 'clear', series, options }, 1),
    createMosaic: async (series, options = {}) => {
      mosaicCall(series, options);
      return create('mosaic', series, options);
    },
    createImage: async (series, options) => {
      imageCall(series, options);
      return create('image', series, options);
    },
    createPreviewer: () => {
      throw new Error('This library opens no series.');
    },
    createContrastSheet: async (series, options) => {
      contrastSheetCall(series, options);
      return create('contrast-sheet', series, options);
    },
    planMosaic: async (series, options = {}) => planned(series, options),
    planContrastSheet: async (series, options) => planned(series, options),
    planImage: async (series, options) => planned(series, options),
    createPlanes: async (series, options = {}) => {
      planesCall(series, options);
      return create('planes', series, options);
    },
    createFilm: async (series, options = {}) => {
      filmCall(series, options);
      return create('film', series, options);
    },
    filmFormatOf,
    mosaicFormatOf: (path, format) => library.outputFormatOf(path, format),
    terminalPicture: (_picture, { protocol, columns }) => Promise.resolve(`[${protocol} ${columns}]\n`),
    outputFormatOf: (path, format) => {
      if (path.endsWith('.gif')) throw new UsageError('Expected .webp, .jpg, .jpeg or .png but received .gif.');
      return format === 'png' || path.endsWith('.png') ? 'png' : 'webp';
    },
    checkWritable: (path) =>
      path.startsWith('missing/')
        ? Promise.reject(new OutputError("Expected a folder, but there is no folder 'missing'."))
        : Promise.resolve(),
    writeWhole: (path, bytes) => {
      files.set(path, bytes);
      return Promise.resolve();
    },
    withOutputPath: (report, path) => ({ ...report, output: { ...report.output, path } }),
  };
  return {
    loadLibrary: () => {
      loads += 1;
      return Promise.resolve(library);
    },
    stdout: out.stream,
    stderr: err.stream,
    signal: controller.signal,
    programName: 'dicom-series-preview',
    environment: { NO_COLOR: '1', DICOM_SERIES_PREVIEW_CONFIG: '' },
    calls,
    indexCalls,
    files,
    out: out.taken,
    err: () => err.taken().toString('utf8'),
    loads: () => loads,
    abort: () => controller.abort(),
  };
}
