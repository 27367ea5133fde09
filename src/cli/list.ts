import type { Command } from 'commander';
import type { ListedSeries } from '../index.ts';
import { type Context, type Library, say, sayResult, writeAll } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { listedCommand } from './listed-commands.ts';
import { progressLine } from './progress.ts';
import { csvLine } from './rows.ts';
import { addRootOption, addStorageOptions, type StorageValues, storageOptionsOf } from './storage-options.ts';
import { type Column, table } from './table.ts';
import { OptionError } from './values.ts';

interface ListValues extends StorageValues {
  readonly details?: true;
  readonly includePatient?: true;
  readonly json?: true;
  readonly jsonl?: true;
  readonly csv?: true;
  readonly quiet?: true;
}

const examples = (program: string): string => `
Examples:
  Every series in a folder on this computer:
  $ ${program} list ./archive

  Folders of a bucket that hold objects, and what one header of each says:
  $ ${program} list s3://bucket/study/ --details

  For programs: a JSON document a line, as series are found:
  $ ${program} list dicomweb+https://example.org/dicom-web --jsonl

Local folders and archives are listed from their DICOMDIR, else by the headers of all
files; a DICOMweb service is searched; on other servers each folder that holds
objects counts as a series. --include-patient adds the date where a header is read.`;

/** `list [PLACE]`. */
export function listCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('list').argument(
    '[PLACE]',
    "a folder, a folder's beginning and '*', a URL, or a .zip (default: --root)",
  );
  addRootOption(command)
    .option('--details', 'read one header of each series, where names alone tell nothing')
    .option('--include-patient', 'tell dates too')
    .option('--json', 'write one JSON array')
    .option('--jsonl', 'write JSON Lines, a series a line, as they are found')
    .option('--csv', 'write comma-separated values');
  return addStorageOptions(command)
    .option('--quiet', 'print nothing but the result and errors')
    .addHelpText('after', examples(context.programName))
    .action(async (place: string | undefined, values: ListValues) => {
      const formats = [values.json, values.jsonl, values.csv].filter((each) => each === true).length;
      if (formats > 1) throw new OptionError('Expected one of --json, --jsonl and --csv but received several.');
      const library = await context.loadLibrary();
      const count = await write(context, library, place, values);
      if (values.quiet !== true) say(context.stderr, `${count} series`);
      setExitCode(exitCodes.done);
    });
}

/** The series of a people's table that are in memory at a time: columns are as wide as these need. */
const rowsPerTable = 1000;

async function write(
  context: Context,
  library: Library,
  place: string | undefined,
  values: ListValues,
): Promise<number> {
  const { stdout, stderr, signal } = context;
  const previewer = library.createPreviewer();
  const line = progressLine(stderr, values.quiet !== true);
  const rows: ListedSeries[] = [];
  let count = 0;
  const printRows = async (): Promise<void> => {
    const shown = columns.filter(([name, text]) => name === 'series' || rows.some((row) => text(row) !== ''));
    line.clear();
    await sayResult(stdout, table(shown, rows));
    rows.length = 0;
  };
  try {
    const { details, includePatient, quiet } = values;
    const onWarning = (message: string): void => {
      line.clear();
      if (quiet !== true) say(stderr, `warning: ${message}`);
    };
    const options = {
      ...storageOptionsOf(values),
      details,
      includePatient,
      signal,
      onWarning,
      onProgress: line.report,
    };
    if (values.csv === true) await writeAll(stdout, `${csvNames.join(',')}\r\n`);
    for await (const series of previewer.list(place, options)) {
      count++;
      if (values.json === true) await writeAll(stdout, `${count === 1 ? '[\n' : ',\n'}${JSON.stringify(series)}`);
      else if (values.jsonl === true) await writeAll(stdout, `${JSON.stringify(series)}\n`);
      else if (values.csv === true) await writeAll(stdout, `${lineOf(series)}\r\n`);
      else if (rows.push(series) >= rowsPerTable) await printRows();
    }
    if (values.json === true) await writeAll(stdout, count === 0 ? '[]\n' : '\n]\n');
    else if (rows.length > 0) await printRows();
    return count;
  } finally {
    line.clear();
    await previewer.close();
  }
}

const columns: readonly Column<ListedSeries>[] = [
  ['series', ({ series }) => series || '.'],
  ['modality', ({ modality }) => modality ?? ''],
  ['instances', ({ instances }) => (instances === null ? '' : String(instances))],
  ['MB', ({ byteLength }) => (byteLength === null ? '' : (byteLength / 1e6).toFixed(1))],
  ['image', ({ rows, columns: width }) => (rows === null ? '' : `${width} x ${rows}`)],
  ['date', ({ seriesDate }) => seriesDate ?? ''],
  ['body part', ({ bodyPartExamined }) => bodyPartExamined ?? ''],
  ['description', ({ seriesDescription }) => seriesDescription ?? ''],
  ['location', ({ location }) => location],
];

const csvNames = [
  ...(['location', 'series', 'seriesInstanceUid', 'studyInstanceUid', 'modality', 'seriesDescription'] as const),
  ...(['bodyPartExamined', 'seriesDate', 'instances', 'byteLength', 'rows', 'columns'] as const),
];

function lineOf(series: ListedSeries): string {
  return csvLine(csvNames.map((name) => series[name]));
}
