import { UnsupportedError } from '../base/errors.ts';
import { printableJson } from '../base/printable.ts';
import type { IndexFormat } from '../types/options.ts';
import { columnNames, type IndexRow } from './columns.ts';
import { type IndexedObject, rowsOfObject } from './rows.ts';

/** More rows than this would not fit into memory. */
const maximumRows = 2_000_000;

/**
 * The index of a series for others: one row a frame, instances only.
 *
 * @param location where the keys begin
 * @throws UnsupportedError where there are too many frames
 */
export function exportedRows(objects: readonly IndexedObject[], location: string): readonly IndexRow[] {
  const rows: IndexRow[] = [];
  for (const object of objects) {
    if (object.found.kind !== 'instance') continue;
    const known = rowsOfObject(object);
    const { numberOfFrames } = object.found.instance.header;
    const count = known.length === 1 ? numberOfFrames : known.length;
    if (rows.length + count > maximumRows) {
      throw new UnsupportedError(`Expected at most ${maximumRows} frames but the series has more.`);
    }
    for (let frame = 0; frame < count; frame++) {
      rows.push({ location, ...(known.length === 1 ? known[0] : known[frame]), frameNumber: frame + 1 });
    }
  }
  return rows;
}

/** Rows as a Parquet file, as one JSON array, or as JSON Lines. In JSON, what is not known is left out. */
export async function encodeRows(rows: readonly IndexRow[], format: IndexFormat): Promise<Uint8Array> {
  if (format === 'parquet') {
    const { encodeIndex } = await import('./encode.ts');
    return encodeIndex(rows, { format: 'dicom-series-preview exported index' });
  }
  const lines = rows.map((row) => printableJson(JSON.stringify(row, columnNames.slice())));
  const text = format === 'jsonl' ? lines.map((line) => `${line}\n`).join('') : `[\n${lines.join(',\n')}\n]\n`;
  return new TextEncoder().encode(text);
}
