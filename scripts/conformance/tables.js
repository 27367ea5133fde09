// Results as Markdown.

const syntaxNames = new Map([
  ['1.2.840.10008.1.2', 'implicit LE'],
  ['1.2.840.10008.1.2.1', 'explicit LE'],
  ['1.2.840.10008.1.2.1.99', 'deflated'],
  ['1.2.840.10008.1.2.2', 'explicit BE'],
  ['1.2.840.10008.1.2.5', 'RLE'],
  ['1.2.840.10008.1.2.4.50', 'JPEG baseline'],
  ['1.2.840.10008.1.2.4.51', 'JPEG extended'],
  ['1.2.840.10008.1.2.4.57', 'JPEG lossless'],
  ['1.2.840.10008.1.2.4.70', 'JPEG lossless SV1'],
  ['1.2.840.10008.1.2.4.80', 'JPEG-LS'],
  ['1.2.840.10008.1.2.4.81', 'JPEG-LS near'],
  ['1.2.840.10008.1.2.4.90', 'JPEG 2000 lossless'],
  ['1.2.840.10008.1.2.4.91', 'JPEG 2000'],
  ['1.2.840.10008.1.2.4.201', 'HTJ2K lossless'],
  ['1.2.840.10008.1.2.4.202', 'HTJ2K RPCL'],
  ['1.2.840.10008.1.2.4.203', 'HTJ2K'],
]);

/** Kinds of result: `rendered`, `error` (a precise one) and `failure` (crash, hang or too much memory: never right). */
export function kindOf(row) {
  if (row.ended !== undefined || row.error?.code === 'crash') return 'failure';
  return row.error === undefined ? 'rendered' : 'error';
}

/** The result in words. */
export function describeRow(row) {
  if (row.ended !== undefined) return `**${row.ended}** ${row.complaint ?? ''}`;
  if (row.error !== undefined) return `${row.error.code}: ${row.error.message}`;
  const { size, failedTiles, shows, colourMap, warnings } = row.rendered;
  const remarks = [
    `rendered ${size.join(' x ')}`,
    ...(shows === undefined ? [] : [shows]),
    ...(colourMap === undefined ? [] : [`colour map ${colourMap}`]),
    ...(failedTiles > 0 ? [`${failedTiles} tiles marked`] : []),
  ];
  return [remarks.join(', '), ...warnings.map((warning) => `Warning: ${warning}`)].join('. ');
}

function storedCell({ stored }) {
  if (stored === undefined) return '';
  if (stored.equalTo !== undefined) return `= ${stored.equalTo}`;
  return `${stored.by === undefined ? '**differ** from' : `within ${stored.by} of`} ${stored.differsFrom}`;
}

function pictureCell({ picture }) {
  if (picture === undefined) return '';
  if (picture.skipped !== undefined) return picture.skipped;
  return picture.difference === 0 ? `= ${picture.by}` : `within ${picture.difference} of ${picture.by}`;
}

const cell = (text) =>
  String(text ?? '')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;');
const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;

function table(head, rows) {
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** In steps, so that the tables stay what they are from run to run. */
const roundedPeak = ({ renderPeakMiB = 0 }) => `< ${(Math.floor(renderPeakMiB / 32) + 1) * 32}`;

const code = (text) => `\`${text}\``;

function instanceCells(row) {
  return [
    code(row.path),
    syntaxNames.get(row.tsuid) ?? row.tsuid,
    row.modality,
    row.photometric,
    row.rows === '' ? '' : `${row.cols} x ${row.rows}`,
    row.nframes || (row.rows === '' ? '' : '1'),
    describeRow(row),
    storedCell(row),
    pictureCell(row),
    roundedPeak(row),
  ];
}

const instanceHead = [
  'Instance',
  'Transfer syntax',
  'Modality',
  'Photometric Interpretation',
  'Size',
  'Frames',
  'Result',
  'Stored values',
  'Picture',
  'Peak MiB',
];

const count = (rows, accept) => rows.filter(accept).length;

function summaryOf({ series, instances, bounds, tools }) {
  const compared = instances.filter(({ picture }) => picture?.difference !== undefined);
  const grey = compared.filter(({ picture }) => !picture.colour);
  const colour = compared.filter(({ picture }) => picture.colour);
  const within = (rows, most) => count(rows, ({ picture }) => picture.difference <= most);
  const hashes = instances.filter(({ bit_exact }) => bit_exact === '1');
  const peaks = [...series, ...instances].map(({ renderPeakMiB }) => renderPeakMiB ?? 0);
  const [listed, all] = [instances, [...series, ...instances]];
  return [
    `- Instances: ${listed.length}. Rendered: ${count(listed, (row) => kindOf(row) === 'rendered')}. Precise error: ${count(listed, (row) => kindOf(row) === 'error')}. Crash, hang or too much memory: ${count(all, (row) => kindOf(row) === 'failure')}.`,
    `- Series: ${series.length}. Rendered: ${count(series, (row) => kindOf(row) === 'rendered')}.`,
    `- Peak memory of a process that renders one of them: ${Math.max(...peaks)} MiB (bound: ${bounds.memoryMiB} MiB); time bound: ${bounds.timeoutMs / 1000} s.`,
    `- Stored values, all frames, beside the SHA-256 that two independent decoders agree on: ${count(hashes, ({ stored }) => stored?.equalTo === 'manifest')} of ${hashes.length} are equal.`,
    `- Stored values, first frame, beside pydicom and GDCM where no such hash is known and there is one sample a pixel: ${count(instances, ({ stored }) => stored?.equalTo === 'pydicom')} equal, ${count(instances, ({ stored }) => stored?.differsFrom === 'pydicom')} not.`,
    tools.dcmtk
      ? `- Pictures of the first frame beside DCMTK${tools.gdcm ? " (of GDCM's decompressed object where DCMTK has no decoder)" : ''}: grey, ${within(grey, 1)} of ${grey.length} within 1 grey level; colour, ${within(colour, 3)} of ${colour.length} within 3.`
      : '- Pictures beside DCMTK: not compared, DCMTK is not installed.',
  ].join('\n');
}

/** The page's generated parts; `isClean`: nothing crashed, hung, or gave other stored values than are known. */
export function pageTables(results) {
  const { series, instances } = results;
  const seriesTable = table(
    ['Series', 'Frames', 'Orientation', 'Ordered by', 'Result', 'Peak MiB'],
    series.map((row) => [
      code(row.path),
      row.rendered?.frames,
      row.rendered?.orientation,
      row.rendered?.orderedBy,
      describeRow(row),
      roundedPeak(row),
    ]),
  );
  const errors = instances.filter((row) => kindOf(row) !== 'rendered');
  const apart = instances.filter(({ picture }) => picture?.difference > (picture?.colour ? 3 : 1));
  const differing = instances.filter(({ stored }) => stored?.differsFrom !== undefined);
  const isClean =
    [...series, ...instances].every((row) => kindOf(row) !== 'failure') &&
    instances.every(({ stored }) => stored?.differsFrom !== 'manifest');
  const tables = [
    '## Series (mosaics)',
    seriesTable,
    '## Instances that do not render',
    table(
      ['Instance', 'Reason'],
      errors.map((row) => [code(row.path), describeRow(row)]),
    ),
    '## Pictures that differ from DCMTK by more than 1 grey level (grey) or 3 (colour)',
    table(
      ['Instance', 'Picture'],
      apart.map((row) => [code(row.path), pictureCell(row)]),
    ),
    '## Stored values that differ',
    table(
      ['Instance', 'Stored values'],
      differing.map((row) => [code(row.path), storedCell(row)]),
    ),
    '## All instances',
    table(instanceHead, instances.map(instanceCells)),
  ];
  return { summary: summaryOf(results), tables: tables.join('\n\n'), isClean };
}
