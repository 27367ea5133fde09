import type { ParquetTable } from '../parquet/table.ts';
import { placeColumns } from './cells.ts';
import type { IdcAnswer, IdcJob } from './messages.ts';

/** Rows in memory at a time. */
const maxRows = 8_192;

/**
 * All rows that the filters let pass, in the order of the index.
 *
 * @param onRows called when rows are done with of which none passes
 * @throws TypeError where columns are missing, and the table's errors
 */
export async function* listRows(
  table: ParquetTable,
  job: Extract<IdcJob, { readonly kind: 'list' }>,
  onRows: () => void,
): AsyncGenerator<IdcAnswer> {
  const { names } = table;
  const wanted = job.wanted.map(({ column, values }) => ({ column, values: new Set(values) }));
  const hasParts = names.has('aws_bucket') && names.has('crdc_series_uuid');
  const places = placeColumns.filter((name) => names.has(name) && hasParts === (name !== 'series_aws_url'));
  const needed = ['SeriesInstanceUID', ...wanted.map(({ column }) => column)];
  const lacking = needed.find((name) => !names.has(name));
  if (lacking !== undefined || places.length === 0) {
    throw new TypeError(`expected the column ${lacking ?? 'series_aws_url'}`);
  }
  const told = [...new Set([...places, ...job.columns])].filter((name) => names.has(name));
  const selection = table.select([...new Set([...told, ...needed])]);
  for (const group of selection.groups) {
    for (let { rowStart } = group; rowStart < group.rowEnd; rowStart += maxRows) {
      const rows = { rowStart, rowEnd: Math.min(group.rowEnd, rowStart + maxRows) };
      let chosen = Array.from({ length: rows.rowEnd - rowStart }, (_, row) => row);
      for (const { column, values } of wanted) {
        if (chosen.length === 0) break;
        const found = await selection.readColumn(column, rows);
        chosen = chosen.filter((row) => values.has(textOf(found[row]).toLowerCase()));
      }
      if (chosen.length === 0) {
        onRows();
        continue;
      }
      const cells = new Map<string, readonly string[]>();
      for (const column of told) {
        const read = await selection.readColumn(column, rows);
        cells.set(
          column,
          chosen.map((row) => textOf(read[row])),
        );
      }
      yield { kind: 'rows', count: chosen.length, cells };
    }
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
