import type { ParquetTable } from '../parquet/table.ts';
import { placeColumns, placeOf } from './cells.ts';
import type { IdcAnswer } from './messages.ts';

/**
 * Finds a series by its Series Instance UID. Reads the column SeriesInstanceUID of the row groups whose statistics allow for
 * the UID, then the columns that tell where the series is, of one row.
 *
 * @param onRows called when rows are done with
 * @throws TypeError where columns are missing, and the table's errors
 */
export async function findSeries(table: ParquetTable, uid: string, onRows: () => void): Promise<IdcAnswer> {
  const { names } = table;
  const places = placeColumns.filter((name) => names.has(name));
  const isUsable = names.has('SeriesInstanceUID') && (places.length > 1 || names.has('series_aws_url'));
  if (!isUsable) {
    throw new TypeError(
      'expected the columns SeriesInstanceUID and series_aws_url, or crdc_series_uuid and aws_bucket',
    );
  }
  const selection = table.select(['SeriesInstanceUID', ...places]);
  for (const rows of await selection.rowsThatMayHave('SeriesInstanceUID', uid)) {
    const uids = await selection.readColumn('SeriesInstanceUID', rows);
    onRows();
    const index = uids.indexOf(uid);
    if (index < 0) continue;
    const rowStart = rows.rowStart + index;
    const cell = async (column: string): Promise<string> => {
      if (!places.some((each) => each === column)) return '';
      const [value] = await selection.readColumn(column, { rowStart, rowEnd: rowStart + 1 });
      return typeof value === 'string' ? value : '';
    };
    return { kind: 'found', series: await placeOf(cell) };
  }
  return { kind: 'found', series: undefined };
}
