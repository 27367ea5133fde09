import type { MosaicViewOptions, Preview, Previewer, PreviewReport, Series, SeriesInfo } from '../index.ts';
import { PreviewError } from '../index.ts';
import type { AtlasRow } from './manifest.ts';
import type { AtlasItem, AtlasView, WorkerSettings } from './types.ts';

/** The build puts the version of package.json here. */
declare const PACKAGE_VERSION: string;

/** A picture that belongs into a tar file. */
export interface MadePicture {
  readonly view: AtlasView;
  readonly bytes: Uint8Array;
  readonly report: PreviewReport;
}

/** A series' row without the places in the tar file, and its pictures. */
export interface MadeSeries {
  readonly row: AtlasRow;
  readonly pictures: readonly MadePicture[];
  /** For the JSON file beside the pictures; undefined where there are none. */
  readonly info: SeriesInfo | undefined;
}

/** Makes all pictures of one series. Whatever fails is a row with the reason. */
export async function makeSeries(
  previewer: Previewer,
  item: AtlasItem,
  settings: WorkerSettings,
  signal: AbortSignal,
): Promise<MadeSeries> {
  const started = performance.now();
  let series: Series | undefined;
  let info: SeriesInfo | undefined;
  try {
    const root = item.root ?? settings.storage.root;
    series = await previewer.openSeries(item.name, { ...settings.storage, root, signal });
    ({ info } = series);
    const { pictures, missing } = await drawViews(series, info, settings, signal);
    return { row: rowOf(item, settings, started, info, { pictures, missing }), pictures, info };
  } catch (error) {
    if (signal.aborted) throw error;
    return { row: failedRow(item, settings, error, started, info), pictures: [], info };
  } finally {
    await series?.close().catch(() => undefined);
  }
}

interface DrawnViews {
  readonly pictures: readonly MadePicture[];
  /** Why some of the views are not there, in sentences. */
  readonly missing: readonly string[];
}

/** All views that the series has. Planes, say, need parallel images: without them the other views are all there is. */
async function drawViews(
  series: Series,
  info: SeriesInfo,
  settings: WorkerSettings,
  signal: AbortSignal,
): Promise<DrawnViews> {
  const pictures: MadePicture[] = [];
  const refused: PreviewError[] = [];
  for (const view of settings.pictures.views) {
    try {
      const { bytes, report } = await drawView(series, info, view, settings, signal);
      pictures.push({ view, bytes, report });
    } catch (error) {
      if (!(error instanceof PreviewError) || error.code !== 'unsupported') throw error;
      refused.push(error);
    }
  }
  const [first] = refused;
  if (pictures.length === 0 && first !== undefined) throw first;
  return { pictures, missing: refused.map(({ message }) => message) };
}

function drawView(
  series: Series,
  info: SeriesInfo,
  view: AtlasView,
  { pictures }: WorkerSettings,
  signal: AbortSignal,
): Promise<Preview> {
  const volumes = info.stacks.reduce((sum, stack) => sum + stack.volumes.length, 0);
  const isPlain = volumes <= info.stacks.length || choosesVolume(pictures.mosaic);
  const oneVolume = isPlain ? {} : ({ volumes: 'first' } as const);
  switch (view) {
    case 'mosaic':
      return series.mosaic({ ...oneVolume, ...pictures.mosaic, signal });
    case 'image':
      return series.image({ ...oneVolume, ...pictures.image, signal });
    case 'planes':
      return series.planes({ ...pictures.planes, signal });
  }
}

function choosesVolume({ volume, time, bValue, echo, volumes, rowsBy }: MosaicViewOptions): boolean {
  return [volume, time, bValue, echo, volumes, rowsBy].some((choice) => choice !== undefined);
}

function emptyRow(item: AtlasItem, settings: WorkerSettings): AtlasRow {
  return {
    series_instance_uid: /^[0-9.]+$/.test(item.id) ? item.id : '',
    study_instance_uid: '',
    id: item.id,
    name: item.name,
    root: item.root ?? null,
    collection: item.collection ?? null,
    patient_id: settings.pictures.includePatient ? (item.patientId ?? null) : null,
    ...{ modality: '', description: '', body_part: '', manufacturer: '', model: '' },
    ...{
      series_number: null,
      series_date: null,
      instances: 0,
      frames: 0,
      byte_length: null,
      rows: null,
      columns: null,
    },
    ...{ row_spacing_mm: null, column_spacing_mm: null, slice_spacing_mm: null, extent_mm: null },
    ...{ orientation: '', stacks: 0, volumes: 0, transfer_syntax: '', sop_class: '' },
    ...{ window_center: null, window_width: null, window_source: null },
    ...{
      shard: null,
      offset: null,
      length: null,
      format: null,
      picture_width: null,
      picture_height: null,
      tiles: null,
    },
    ...{ pictures: '[]', flags: '', warnings: '[]', status: 'failed', error_code: null, error_message: null },
    tool_version: PACKAGE_VERSION,
    options_hash: settings.optionsHash,
    source_version: item.version ?? null,
    milliseconds: 0,
  };
}

function withInfo(row: AtlasRow, info: SeriesInfo, includePatient: boolean): AtlasRow {
  const [size] = info.sizes;
  const [stack] = [...info.stacks].sort((a, b) => b.members - a.members);
  return {
    ...row,
    series_instance_uid: info.seriesInstanceUid === '' ? row.series_instance_uid : info.seriesInstanceUid,
    study_instance_uid: info.studyInstanceUid,
    modality: info.modality,
    description: info.seriesDescription,
    body_part: info.bodyPartExamined,
    manufacturer: info.manufacturer,
    model: info.manufacturerModelName,
    series_number: info.seriesNumber,
    series_date: includePatient ? (info.seriesDate ?? null) : null,
    instances: info.instances,
    frames: info.frames,
    byte_length: info.byteLength,
    rows: size?.rows ?? null,
    columns: size?.columns ?? null,
    row_spacing_mm: info.pixelSpacing?.[0] ?? null,
    column_spacing_mm: info.pixelSpacing?.[1] ?? null,
    slice_spacing_mm: stack?.spacingMm ?? null,
    extent_mm: stack?.extentMm ?? null,
    orientation: info.orientation,
    stacks: info.stacks.length,
    volumes: info.stacks.reduce((sum, each) => sum + each.volumes.length, 0),
    transfer_syntax: info.transferSyntaxUids.join(','),
    sop_class: info.sopClassUids.join(','),
    flags: info.flags.join(','),
    warnings: JSON.stringify(info.warnings),
  };
}

function rowOf(
  item: AtlasItem,
  settings: WorkerSettings,
  started: number,
  info: SeriesInfo,
  { pictures, missing }: DrawnViews,
): AtlasRow {
  const report = pictures[0]?.report;
  const tiles = report?.tiles ?? [];
  const window = tiles.find((tile) => tile.window !== null)?.window ?? null;
  const isWhole = report?.unreadable === undefined && tiles.every((tile) => tile.error === undefined);
  const flags = [...info.flags, ...pictureFlags(pictures)];
  return {
    ...withInfo(emptyRow(item, settings), info, settings.pictures.includePatient),
    window_center: window?.center ?? null,
    window_width: window?.width ?? null,
    window_source: window?.source ?? null,
    format: report?.output.format ?? null,
    picture_width: report?.output.width ?? null,
    picture_height: report?.output.height ?? null,
    tiles: tiles.length,
    flags: [...new Set(flags)].join(','),
    warnings: JSON.stringify([...(report?.warnings ?? info.warnings), ...missing]),
    status: isWhole ? 'done' : 'partial',
    milliseconds: Math.round(performance.now() - started),
  };
}

/** What the pictures tell of a series, besides its headers. */
function pictureFlags(pictures: readonly MadePicture[]): readonly string[] {
  const [first] = pictures;
  if (first === undefined) return [];
  const { report } = first;
  const flags: string[] = [];
  if (report.tiles.some((tile) => tile.error !== undefined)) flags.push('failed-tiles');
  if (report.unreadable !== undefined) flags.push('unreadable-objects');
  const drawn = report.tiles.filter((tile) => tile.error === undefined);
  if (isMost(drawn, (tile) => tile.blank === true)) flags.push('blank-picture');
  const windowed = drawn.filter((tile) => tile.window !== null);
  if (isMost(windowed, (tile) => tile.clipped === true)) flags.push('clipped-window');
  if (report.tiles.some((tile) => tile.window?.source === 'auto-fallback')) flags.push('unusable-window');
  if (report.privacy !== undefined) flags.push('may-show-patient');
  return flags;
}

/** Whether it is true of more than half. */
function isMost<Item>(items: readonly Item[], isTrue: (item: Item) => boolean): boolean {
  return items.filter(isTrue).length * 2 > items.length;
}

function failedRow(
  item: AtlasItem,
  settings: WorkerSettings,
  error: unknown,
  started: number,
  info: SeriesInfo | undefined,
): AtlasRow {
  const row = emptyRow(item, settings);
  const known = error instanceof PreviewError;
  return {
    ...(info === undefined ? row : withInfo(row, info, settings.pictures.includePatient)),
    status: 'failed',
    error_code: known ? error.code : 'internal',
    error_message: error instanceof Error ? error.message : String(error),
    milliseconds: Math.round(performance.now() - started),
  };
}

/** The row of a series that ended the process each time that it was in work. */
export function crashedRow(item: AtlasItem, settings: WorkerSettings): AtlasRow {
  return {
    ...emptyRow(item, settings),
    error_code: 'crashed',
    error_message: 'The process ended each time that this series was in work. Its data may be damaged or hostile.',
  };
}
