/** A row of a table for other programs. */
export type Row = Readonly<Record<string, unknown>>;

/** What all rows have in common, and what is left of each. Of a single row nothing is left but its key. */
export function splitConstant(rows: readonly Row[]): { readonly constant: Row; readonly varying: readonly Row[] } {
  const [first = {}] = rows;
  const names = Object.keys(first).filter((name) => {
    const text = JSON.stringify(first[name]);
    return name !== 'key' && rows.every((row) => JSON.stringify(row[name]) === text);
  });
  const shared = new Set(names);
  return {
    constant: Object.fromEntries(names.map((name) => [name, first[name]])),
    varying: rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !shared.has(name)))),
  };
}

/** Rows as comma-separated values (RFC 4180); several values in a cell are parted by a backslash, as in DICOM. */
export function csvText(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => row[name] !== undefined)))];
  const lines = rows.map((row) => csvLine(names.map((name) => row[name])));
  return [csvLine(names), ...lines].map((line) => `${line}\r\n`).join('');
}

export function csvLine(cells: readonly unknown[]): string {
  return cells.map(csvCell).join(',');
}

/** Text that a spreadsheet would take for a formula gets an apostrophe: a header may hold anything. */
function csvCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = Array.isArray(value) ? value.map((each) => String(each ?? '')).join('\\') : String(value);
  const safe =
    /^[=+\-@\t\r]/.test(text) && !/^-?[\d.]+(e[-+]?\d+)?(\\-?[\d.]+(e[-+]?\d+)?)*$/i.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
