import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { createPreviewer, type ListedSeries, listIdcSeries, type StorageOptions, UsageError } from '../index.ts';
import type { AtlasItem } from './types.ts';

/** Which series of a source are wanted. Texts are compared without case. */
export interface SourceFilters {
  readonly modality?: readonly string[] | undefined;
  readonly collection?: readonly string[] | undefined;
  readonly patient?: readonly string[] | undefined;
  readonly bodyPart?: readonly string[] | undefined;
}

export interface SourceOptions {
  readonly storage: StorageOptions;
  readonly filters: SourceFilters;
  readonly includePatient: boolean;
  /** Standard input, for the source `-`. */
  readonly stdin: NodeJS.ReadableStream;
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal;
}

const listExtensions: ReadonlySet<string> = new Set([
  '.txt',
  '.csv',
  '.tsv',
  '.jsonl',
  '.ndjson',
  '.parquet',
  '.s5cmd',
]);

/**
 * The series of a source: a root or a prefix (local tree, bucket, web, DICOMweb, .zip, DICOMDIR), or a list of series
 * (text, CSV, JSON Lines, Parquet, s5cmd manifest; `-` for standard input), or `idc`: what the filters let pass of the
 * Imaging Data Commons.
 *
 * @throws UsageError for a list without a column that names series, and the errors of stores
 */
export async function* seriesOf(source: string, options: SourceOptions): AsyncGenerator<AtlasItem> {
  if (source === 'idc') {
    yield* queryIdc(options);
    return;
  }
  if (source === '-') {
    yield* textOfList(options.stdin, options);
    return;
  }
  const isFile = (await stat(source).catch(() => undefined))?.isFile() === true;
  const extension = extname(source).toLowerCase();
  if (!isFile || !listExtensions.has(extension)) yield* foundBelow(source, options);
  else if (extension === '.parquet') yield* rowsOfParquet(source, options);
  else yield* textOfList(createReadStream(source), options);
}

/** The public data of the Imaging Data Commons, by their published index. */
async function* queryIdc({ filters, storage, includePatient, signal }: SourceOptions): AsyncGenerator<AtlasItem> {
  for await (const series of listIdcSeries(filters, { ...storage, signal })) {
    const { seriesInstanceUid, location, uuid, collection, patientId } = series;
    yield {
      ...{ id: seriesInstanceUid, name: location, version: uuid },
      ...(collection === '' ? {} : { collection }),
      ...(patientId === '' || !includePatient ? {} : { patientId }),
    };
  }
}

async function* foundBelow(root: string, options: SourceOptions): AsyncGenerator<AtlasItem> {
  const { filters, storage, includePatient, signal, onWarning } = options;
  const needsHeaders = filters.modality !== undefined || filters.bodyPart !== undefined;
  const previewer = createPreviewer();
  try {
    const listing = { ...storage, root, details: needsHeaders, includePatient, onWarning, signal };
    const found = previewer.list(undefined, listing);
    const wanted = (series: ListedSeries): boolean =>
      isWanted(filters, { modality: series.modality, body_part: series.bodyPartExamined });
    if (isUrl(root) || /\.zip$/i.test(root)) {
      for await (const series of found) if (wanted(series)) yield itemOfRemote(series, root);
      return;
    }
    const all: ListedSeries[] = [];
    for await (const series of found) all.push(series);
    const alone = foldersOfOneSeries(all);
    for (const series of all.filter(wanted)) yield itemOfLocal(series, alone);
  } finally {
    await previewer.close();
  }
}

function isUrl(place: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(place);
}

function itemOfRemote(series: ListedSeries, root: string): AtlasItem {
  return { id: series.seriesInstanceUid || series.series, name: series.series, root, version: versionOf(series) };
}

/** A local series is opened in its own folder: no other folder needs to be looked at again. */
function itemOfLocal(series: ListedSeries, alone: ReadonlySet<string>): AtlasItem {
  const { location, seriesInstanceUid } = series;
  const id = seriesInstanceUid || series.series;
  const version = versionOf(series);
  return alone.has(location) ? { id, name: location, version } : { id, name: series.series, root: location, version };
}

function versionOf({ instances, byteLength }: ListedSeries): string {
  return `${instances ?? ''}:${byteLength ?? ''}`;
}

/** The folders that hold one series and nothing else, so that their headers need not be read to find it. */
function foldersOfOneSeries(all: readonly ListedSeries[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { location } of all) {
    // What lies in a folder lies in all folders above it too.
    for (let place = location; place !== ''; place = place.slice(0, Math.max(0, place.lastIndexOf('/')))) {
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
  }
  return new Set(all.flatMap(({ location }) => (counts.get(location) === 1 ? location : [])));
}

/** Names of the columns that name a series, the best one first. */
const nameColumns = [
  ...['series_aws_url', 'aws_url', 'url', 'location', 'path', 'crdc_series_uuid', 'series', 'name'],
  ...['SeriesInstanceUID', 'series_instance_uid', 'uid'],
];
const idColumns = ['SeriesInstanceUID', 'series_instance_uid', 'uid'];

type Values = Readonly<Record<string, string | null>>;

async function* rowsOfParquet(path: string, options: SourceOptions): AsyncGenerator<AtlasItem> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  // The first element of the schema stands for the whole row.
  const known = metadata.schema.slice(1).map(({ name }) => name);
  const wanted = [...nameColumns, ...idColumns, ...otherColumns];
  const columns = [...new Set(known.filter((name) => wanted.some((each) => isSameName(each, name))))];
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    options.signal.throwIfAborted();
    const rowEnd = rowStart + Number(group.num_rows);
    const rows: readonly Readonly<Record<string, unknown>>[] = await parquetReadObjects({
      ...{ file, metadata, columns, rowStart, rowEnd },
    });
    rowStart = rowEnd;
    for (const row of rows) {
      const values = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value)]));
      const item = itemOf(values, options);
      if (item !== undefined) yield item;
    }
  }
}

const otherColumns = [
  'collection_id',
  'collection',
  'PatientID',
  'patient_id',
  'Modality',
  'modality',
  'BodyPartExamined',
  'body_part',
  'root',
];

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** @throws UsageError where no column names a series */
function itemOf(values: Values, { filters, includePatient }: SourceOptions): AtlasItem | undefined {
  const name = firstValue(values, nameColumns);
  if (name === undefined) {
    throw new UsageError(
      `Expected a column that names series (${nameColumns.slice(0, 5).join(', ')}, SeriesInstanceUID ...) but the list has ${Object.keys(values).join(', ')}.`,
    );
  }
  const collection = firstValue(values, ['collection_id', 'collection']);
  const patient = firstValue(values, ['PatientID', 'patient_id']);
  const facts = {
    ...{ modality: firstValue(values, ['Modality']), body_part: firstValue(values, ['BodyPartExamined', 'body_part']) },
    ...{ collection, patient },
  };
  if (!isWanted(filters, facts)) return undefined;
  const root = firstValue(values, ['root']);
  return {
    id: firstValue(values, idColumns) ?? cleaned(name),
    name: cleaned(name),
    ...(root === undefined ? {} : { root }),
    ...(collection === undefined ? {} : { collection }),
    ...(patient === undefined || !includePatient ? {} : { patientId: patient }),
  };
}

function firstValue(values: Values, names: readonly string[]): string | undefined {
  for (const wanted of names) {
    for (const [name, value] of Object.entries(values)) {
      if (isSameName(name, wanted) && value !== null && value !== '') return value;
    }
  }
  return undefined;
}

function isWanted(
  filters: SourceFilters,
  facts: {
    readonly modality?: string | null | undefined;
    readonly body_part?: string | null | undefined;
    readonly collection?: string | undefined;
    readonly patient?: string | undefined;
  },
): boolean {
  const agrees = (wanted: readonly string[] | undefined, value: string | null | undefined): boolean =>
    wanted === undefined || wanted.some((each) => isSameName(each, value ?? ''));
  return (
    agrees(filters.modality, facts.modality) &&
    agrees(filters.bodyPart, facts.body_part) &&
    agrees(filters.collection, facts.collection) &&
    agrees(filters.patient, facts.patient)
  );
}

/** Text: names of series, an s5cmd manifest, JSON objects, or CSV with a heading. The first line tells which. */
async function* textOfList(stream: NodeJS.ReadableStream, options: SourceOptions): AsyncGenerator<AtlasItem> {
  const chunks = stream[Symbol.asyncIterator]();
  let start = '';
  while (!start.includes('\n')) {
    const { done, value } = await chunks.next();
    if (done === true) break;
    start += value.toString();
  }
  const whole = Readable.from(
    (async function* () {
      yield start.replace(/^\uFEFF/, '');
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value.toString();
    })(),
  );
  const [first = ''] = start.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (isHeading(first)) yield* rowsOfCsv(whole, first, options);
  else yield* linesOf(whole, options);
}

async function* rowsOfCsv(stream: Readable, heading: string, options: SourceOptions): AsyncGenerator<AtlasItem> {
  const delimiter = heading.includes('\t') && !heading.includes(',') ? '\t' : ',';
  const parser = stream.pipe(parse({ columns: true, delimiter, relax_column_count: true, skip_empty_lines: true }));
  for await (const row of parser) {
    options.signal.throwIfAborted();
    const item = itemOf(row, options);
    if (item !== undefined) yield item;
  }
}

async function* linesOf(stream: Readable, options: SourceOptions): AsyncGenerator<AtlasItem> {
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    options.signal.throwIfAborted();
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (line.startsWith('{')) {
      const item = itemOf(valuesOfJson(line), options);
      if (item !== undefined) yield item;
    } else {
      const name = cleaned(line);
      yield { id: name, name };
    }
  }
}

/** A line of names of columns, of which one names series. */
function isHeading(line: string): boolean {
  const names = line.split(/[,\t]/).map((name) => name.trim().replaceAll('"', ''));
  return names.some((name) => nameColumns.some((known) => isSameName(known, name)));
}

/** @throws UsageError for a line that is no JSON object */
function valuesOfJson(line: string): Values {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === 'object' && parsed !== null) {
      return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, textOf(value)]));
    }
    throw new TypeError('no object');
  } catch (error) {
    throw new UsageError(`Expected a JSON object in each line but received '${line.slice(0, 80)}'.`, { cause: error });
  }
}

/** The series of a line: of a command of an s5cmd manifest what is copied, without the star at its end. */
function cleaned(line: string): string {
  const trimmed = line.trim();
  const [, copied] = /^cp\s.*?['"]?([a-z][a-z0-9+.-]*:\/\/[^\s'"]+)['"]?\s+\S+$/i.exec(trimmed) ?? [];
  return (copied ?? trimmed).replace(/\/\*$/, '/');
}
