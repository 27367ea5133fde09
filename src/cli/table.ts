/** The name of a column, and the text of a row in it. */
export type Column<Row> = readonly [name: string, text: (row: Row) => string];

/** A wide column of a table is cut to this many characters. */
const maxWidth = 72;

/** Rows below the names of their columns, in lines for people to read. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  const cells = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, text]) => cut(text(row))))];
  const widths = columns.map((_, column) => cells.reduce((most, row) => Math.max(most, (row[column] ?? '').length), 0));
  return cells.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cut(text: string): string {
  return text.length <= maxWidth ? text : `${text.slice(0, maxWidth - 3)}...`;
}
