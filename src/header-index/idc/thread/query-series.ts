import { printable } from '../../../base/printable.ts';
import type { IdcSeriesFound } from '../../../types/idc-search.ts';
import { idcRootOfBucket } from '../idc-buckets.ts';
import type { ParquetSelection, ParquetTable } from '../parquet/table.ts';
import { placeColumns, placeOf } from './cells.ts';
import type { IdcAnswer, IdcPage, IdcQueryFilters } from './messages.ts';

const plain = (text: string): string => text.trim().toLowerCase();
const collectionName = (text: string): string => plain(text).replace(/[-\s]/g, '_');

/** The columns of the published index, and how a cell is compared. Patient IDs differ by case. */
const comparisons: Readonly<
  Record<
    keyof IdcQueryFilters,
    { readonly column: string; readonly fits: (wanted: string) => (cell: string) => boolean }
  >
> = {
  collection: { column: 'collection_id', fits: (wanted) => equal(collectionName(wanted), collectionName) },
  patient: { column: 'PatientID', fits: (wanted) => equal(wanted, (cell) => cell) },
  modality: { column: 'Modality', fits: (wanted) => equal(plain(wanted), plain) },
  bodyPart: { column: 'BodyPartExamined', fits: (wanted) => equal(plain(wanted), plain) },
  description: {
    column: 'SeriesDescription',
    fits: (wanted) => {
      const part = plain(wanted);
      return (cell) => plain(cell).includes(part);
    },
  },
};

/** Many cells of a column are the same text: each text is compared once. */
function equal(wanted: string, simplified: (cell: string) => string): (cell: string) => boolean {
  return remembered((cell) => simplified(cell) === wanted);
}

const maxRemembered = 10_000;

function remembered(judge: (cell: string) => boolean): (cell: string) => boolean {
  const known = new Map<string, boolean>();
  return (cell) => {
    const before = known.get(cell);
    if (before !== undefined) return before;
    const fits = judge(cell);
    if (known.size < maxRemembered) known.set(cell, fits);
    return fits;
  };
}

/** Columns that are told, where the index has them. */
const toldColumns = [
  ...['SeriesInstanceUID', 'StudyInstanceUID', 'collection_id', 'Modality', 'BodyPartExamined', 'SeriesDescription'],
  ...['license_short_name', 'instanceCount', 'series_size_MB'],
] as const;

/**
 * Finds the series of the Imaging Data Commons that fit. Reads the columns of the filters whole, then the rows to tell.
 *
 * @param onRows called when rows are done with
 * @throws the table's errors
 */
export async function querySeries(
  table: ParquetTable,
  filters: IdcQueryFilters,
  page: IdcPage,
  onRows: () => void,
): Promise<IdcAnswer> {
  const { names } = table;
  const wanted = Object.entries(comparisons).flatMap(([name, { column, fits }]) => {
    const value = name in filters ? filters[name as keyof IdcQueryFilters] : undefined;
    return value === undefined ? [] : [{ column, fits: fits(value) }];
  });
  const missing = wanted.find(({ column }) => !names.has(column));
  if (missing !== undefined) return { kind: 'no-column', column: missing.column };
  const told = [...toldColumns, ...placeColumns].filter((column) => names.has(column));
  const selection = table.select([...new Set([...wanted.map(({ column }) => column), ...told])]);
  const series: IdcSeriesFound[] = [];
  let total = 0;
  for (const { rowStart, rowEnd } of selection.groups) {
    let rows: readonly number[] | undefined;
    const read = new Map<string, readonly unknown[]>();
    for (const { column, fits } of wanted) {
      const cells = await selection.readColumn(column, { rowStart, rowEnd });
      read.set(column, cells);
      const candidates = rows ?? Array.from({ length: rowEnd - rowStart }, (_, row) => row);
      rows = candidates.filter((row) => fits(textOf(cells[row])));
      if (rows.length === 0) break;
    }
    onRows();
    const before = total;
    total += rows?.length ?? 0;
    const from = Math.max(0, page.offset - before);
    const shown = rows?.slice(from, from + page.limit - series.length) ?? [];
    if (shown.length > 0) series.push(...(await tell(selection, { told, read, rowStart, shown })));
  }
  return { kind: 'result', result: { series, total } };
}

interface Telling {
  readonly told: readonly string[];
  /** Columns of the row group that have been read. */
  readonly read: ReadonlyMap<string, readonly unknown[]>;
  /** The first row of the row group. */
  readonly rowStart: number;
  /** Rows to tell, counted from there, in ascending order; one at least. */
  readonly shown: readonly number[];
}

async function tell(selection: ParquetSelection, telling: Telling): Promise<readonly IdcSeriesFound[]> {
  const { told, read, rowStart, shown } = telling;
  const first = shown[0] ?? 0;
  const rows = { rowStart: rowStart + first, rowEnd: rowStart + (shown.at(-1) ?? first) + 1 };
  const cells = new Map<string, readonly unknown[]>();
  for (const column of told) {
    const known = read.get(column);
    const found = known ?? (await selection.readColumn(column, rows));
    cells.set(
      column,
      shown.map((row) => found[known === undefined ? row - first : row]),
    );
  }
  const all: IdcSeriesFound[] = [];
  for (const index of shown.keys()) {
    const cell = (column: string): unknown => cells.get(column)?.[index];
    const text = (column: (typeof toldColumns)[number]): string => printable(textOf(cell(column)));
    const place = await placeOf((column) => Promise.resolve(textOf(cell(column))));
    const root = place === undefined ? undefined : idcRootOfBucket(place.awsBucket, 's3://');
    if (place === undefined || root === undefined) continue;
    all.push({
      ...{ root, series: place.uuid, seriesInstanceUid: text('SeriesInstanceUID') },
      ...{ studyInstanceUid: text('StudyInstanceUID'), collection: text('collection_id'), modality: text('Modality') },
      ...{ bodyPartExamined: text('BodyPartExamined'), seriesDescription: text('SeriesDescription') },
      license: text('license_short_name'),
      ...{ instances: numberOf(cell('instanceCount')), megabytes: numberOf(cell('series_size_MB')) },
    });
  }
  return all;
}

function textOf(cell: unknown): string {
  return typeof cell === 'string' ? cell : typeof cell === 'number' || typeof cell === 'bigint' ? String(cell) : '';
}

function numberOf(cell: unknown): number | null {
  const number = typeof cell === 'string' || typeof cell === 'bigint' ? Number(cell) : cell;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
