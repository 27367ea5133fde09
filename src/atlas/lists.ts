import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { asyncBufferFromFile, parquetMetadataAsync, parquetScan } from 'hyparquet';
import { UsageError } from '../index.ts';
import {
  bodyPartColumns,
  cleaned,
  collectionColumns,
  idColumns,
  isSameName,
  itemOf,
  itemOfFacts,
  nameColumns,
  otherColumns,
  patientColumns,
  type SourceOptions,
  textOf,
  type Values,
} from './list-items.ts';
import type { AtlasItem } from './types.ts';

/** Rows in memory at a time. */
const maxRows = 8_192;

/** Reads by columns, and no column that is not needed: a million rows as objects would be slow, and large. */
export async function* rowsOfParquet(path: string, options: SourceOptions): AsyncGenerator<AtlasItem> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  // The first element of the schema stands for the whole row.
  const known = metadata.schema.slice(1).map(({ name }) => name);
  const wanted = [...nameColumns, ...idColumns, ...otherColumns];
  const columns = known.filter((name) => wanted.some((each) => isSameName(each, name)));
  const scan = await parquetScan({ file, metadata, columns });
  for (const range of scan.ranges) {
    for (let rowStart = range.rowStart; rowStart < range.rowEnd; rowStart += maxRows) {
      options.signal.throwIfAborted();
      const rows = { rowStart, rowEnd: Math.min(range.rowEnd, rowStart + maxRows) };
      const cells = new Map<string, ArrayLike<unknown>>();
      /** The first value that is there, from the columns of these names. */
      const values = async (names: readonly string[]): Promise<(string | undefined)[]> => {
        const found = new Array<string | undefined>(rows.rowEnd - rows.rowStart);
        const matching = names.flatMap((name) => columns.filter((column) => isSameName(column, name)));
        for (const column of new Set(matching)) {
          const all = cells.get(column) ?? (await scan.readColumn({ column, ...rows }));
          cells.set(column, all);
          let isMissing = false;
          for (let row = 0; row < found.length; row++) {
            if (found[row] !== undefined) continue;
            const text = textOf(all[row]);
            if (text === null || text === '') isMissing = true;
            else found[row] = text;
          }
          if (!isMissing) break;
        }
        return found;
      };
      const { filters, includePatient } = options;
      const facts = {
        name: await values(nameColumns),
        uid: await values(idColumns),
        root: await values(['root']),
        collection: await values(collectionColumns),
        patient: includePatient || filters.patient !== undefined ? await values(patientColumns) : [],
        modality: filters.modality === undefined ? [] : await values(['Modality']),
        bodyPart: filters.bodyPart === undefined ? [] : await values(bodyPartColumns),
      };
      for (let row = 0; row < rows.rowEnd - rows.rowStart; row++) {
        const item = itemOfFacts(
          {
            ...{ name: facts.name[row], uid: facts.uid[row], root: facts.root[row], collection: facts.collection[row] },
            ...{ patient: facts.patient[row], modality: facts.modality[row], bodyPart: facts.bodyPart[row] },
          },
          known,
          options,
        );
        if (item !== undefined) yield item;
      }
    }
  }
}

/** Text: names of series, an s5cmd manifest, JSON objects, or CSV with a heading. The first line tells which. */
export async function* textOfList(stream: NodeJS.ReadableStream, options: SourceOptions): AsyncGenerator<AtlasItem> {
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
