import { UnsupportedError } from '../base/errors.ts';
import { printableJson } from '../base/printable.ts';
import type { IndexFormat } from '../types/options.ts';
import { columnNames, type HeaderIndexRow } from './columns.ts';
import { type IndexedObject, rowsOfObject } from './rows.ts';

/** More rows would not fit into memory. */
const maxRows = 2_000_000;

/**
 * The header index of a series for other programs: one row a frame. What is not an instance has no row.
 *
 * @param location the location that the keys are relative to
 * @throws UnsupportedError for more than 2,000,000 frames
 */
export function exportedRows(objects: readonly IndexedObject[], location: string): readonly HeaderIndexRow[] {
  const rows: HeaderIndexRow[] = [];
  for (const object of objects) {
    if (object.found.kind !== 'instance') continue;
    const known = rowsOfObject(object);
    const { numberOfFrames } = object.found.instance.header;
    const count = known.length === 1 ? numberOfFrames : known.length;
    if (rows.length + count > maxRows) {
      throw new UnsupportedError(
        `Expected at most ${maxRows} frames but the series has more: their table would not fit into memory.`,
      );
    }
    for (let frame = 0; frame < count; frame++) {
      // A date can help to find a person.
      const row = { ...(known.length === 1 ? known[0] : known[frame]), seriesDate: undefined };
      rows.push({ location, ...row, frameNumber: frame + 1 });
    }
  }
  return rows;
}

/** Rows as a Parquet file, as one JSON array, or as JSON Lines. JSON leaves out what is not known. */
export async function encodeRows(rows: readonly HeaderIndexRow[], format: IndexFormat): Promise<Uint8Array> {
  if (format === 'parquet') {
    const { encodeHeaderIndex } = await import('./encode.ts');
    return encodeHeaderIndex(rows, { format: 'dicom-series-preview exported header index' });
  }
  const lines = rows.map((row) => printableJson(JSON.stringify(row, columnNames.slice())));
  const text = format === 'jsonl' ? lines.map((line) => `${line}\n`).join('') : `[\n${lines.join(',\n')}\n]\n`;
  return new TextEncoder().encode(text);
}
