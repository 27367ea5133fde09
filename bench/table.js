/** @type {(value: number) => string} */
const milliseconds = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
/** @type {(value: number | undefined) => string} */
const megabytes = (value) => (value === undefined ? '' : (value / 1e6).toFixed(value >= 1e8 ? 0 : 1));

/**
 * A Markdown table, its columns aligned.
 *
 * @param {readonly (readonly string[])[]} rows the first is the head
 * @returns {string}
 */
function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${widths.map((width, column) => (column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  const [head = [], ...body] = rows.map((row) => [...row]);
  return [line(head), rule, ...body.map(line)].join('\n');
}

/**
 * A case's results as Markdown: medians, their ratio to the first contestant's, memory, requests; then what it must reach.
 *
 * @type {typeof import('./table.d.ts').caseTable}
 */
export function caseTable({ id, title, unavailable, results, missing, checks }) {
  const head = `### ${id}: ${title}\n`;
  if (unavailable !== undefined) return `${head}\nn/a: ${unavailable}\n`;
  const far = results.some(({ requests }) => requests !== undefined);
  const base = results[0]?.medianMs ?? Number.NaN;
  const rows = results.map((result) => [
    result.name,
    milliseconds(result.medianMs),
    `${milliseconds(result.lowestMs)}-${milliseconds(result.highestMs)}`,
    (result.medianMs / base).toFixed(2),
    megabytes(result.peakRssBytes),
    ...(far ? [String(result.requests ?? ''), megabytes(result.bodyBytes)] : []),
  ]);
  const columns = ['', 'median ms', 'range', 'x first', 'peak MB', ...(far ? ['requests', 'body MB'] : [])];
  const lines = rows.length === 0 ? [] : [table([columns, ...rows])];
  for (const { name, reason } of missing) lines.push(`\n${name}: n/a: ${reason}`);
  for (const { label, value, limit } of checks) {
    const digits = limit >= 20 ? 0 : 2;
    lines.push(
      `\n- ${value <= limit ? 'reached' : 'MISSED'}: ${label}: ${value.toFixed(digits)} (to reach: <= ${limit})`,
    );
  }
  return `${head}\n${lines.join('\n')}\n`;
}
