import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { createPreviewer, type ListedSeries, listIdcSeries } from '../index.ts';
import { isWanted, type SourceOptions } from './list-items.ts';
import { rowsOfParquet, textOfList } from './lists.ts';
import type { AtlasItem } from './types.ts';

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
  for await (const series of listIdcSeries(filters, { ...storage, includePatient, signal })) {
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
