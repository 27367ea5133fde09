import type { Command } from 'commander';
import { counted } from '../base/counted.ts';
import { type Context, type Library, say, writeAll } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { listedCommand } from './listed-commands.ts';
import { progressLine } from './progress.ts';
import { csvText, type Row, splitConstant } from './rows.ts';
import { seriesArgument } from './shared-options.ts';
import { addRootOption, addStorageOptions, type StorageValues, storageOptionsOf } from './storage-options.ts';
import { decimal, OptionError, wholeNumber } from './values.ts';

interface HeadersValues extends StorageValues {
  readonly format?: string;
  readonly tag?: readonly string[];
  readonly position?: string;
  readonly sliceOffset?: string;
  readonly splitConstant?: true;
  readonly includePatient?: true;
  readonly quiet?: true;
}

type Format = 'json' | 'jsonl' | 'csv' | 'parquet';

const formats: readonly Format[] = ['json', 'jsonl', 'csv', 'parquet'];

const examples = (program: string): string => `
Examples:
  What the header pass finds, one row a frame, as a table:
  $ ${program} headers ./CT headers.parquet

  Some attributes of every instance:
  $ ${program} headers ./MR echoes.csv --tag EchoTime --tag 'Repetition*' --tag 0018,1314

  All attributes of the instance in the middle, and what all instances share:
  $ ${program} headers ./CT - --position 0.5
  $ ${program} headers ./CT - --tag '*' --split-constant

With --tag or --position headers are read whole, up to the pixel data; sequences are
left out. Attributes that describe a person or can help to find one (names, dates,
comments, private ones and more) are written with --include-patient alone.`;

/** `headers SERIESUID [OUTPUT]`. */
export function headersCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('headers')
    .argument(...seriesArgument)
    .argument('[OUTPUT]', 'a file ending in .json, .jsonl, .csv or .parquet, or - for standard output', '-');
  addRootOption(command)
    .option('--format <name>', 'json, jsonl, csv or parquet, in place of the extension (default for -: json)')
    .option(
      '--tag <name>',
      'an attribute by keyword or number, with * and ?; may be given several times',
      (text: string, before: readonly string[] | undefined) => [...(before ?? []), text],
    )
    .option('--position <position>', 'only the instance nearest to this position, 0.0 to 1.0')
    .option('--slice-offset <count>', 'this many instances further on in order, or back')
    .option('--split-constant', 'what all rows share once, the rest a row')
    .option('--include-patient', 'attributes that describe the patient too');
  return addStorageOptions(command)
    .option('--quiet', 'print nothing but the result and errors')
    .addHelpText('after', examples(context.programName))
    .action(async (series: string, output: string, values: HeadersValues) => {
      const format = formatOf(output, values);
      const library = await context.loadLibrary();
      if (output !== '-') await library.checkWritable(output);
      const { bytes, count, warnings } = await make(context, library, series, output, format, values);
      if (output === '-') await writeAll(context.stdout, bytes);
      else await library.writeWhole(output, bytes, context.signal);
      if (values.quiet !== true) {
        for (const warning of warnings) say(context.stderr, `warning: ${warning}`);
        say(context.stderr, `${output === '-' ? 'standard output' : output}: ${counted(count, 'row')} of ${format}`);
      }
      setExitCode(exitCodes.done);
    });
}

function formatOf(output: string, { format, splitConstant: isSplit, tag, position }: HeadersValues): Format {
  const extension = /\.([a-z]+)$/i.exec(output)?.[1]?.toLowerCase();
  const name = format?.toLowerCase() ?? (output === '-' ? 'json' : extension);
  const found = formats.find((each) => each === name);
  if (found === undefined) {
    throw new OptionError(`Expected ${formats.join(', ')} as the format but received '${name ?? output}'.`);
  }
  if (isSplit === true && (found === 'csv' || found === 'parquet')) {
    throw new OptionError(`Expected json or jsonl with --split-constant: ${found} has room for one table only.`);
  }
  if (found === 'parquet' && (tag !== undefined || position !== undefined)) {
    throw new OptionError('Expected json, jsonl or csv with --tag and --position: Parquet holds the header index.');
  }
  return found;
}

interface Made {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly warnings: readonly string[];
}

async function make(
  context: Context,
  library: Library,
  series: string,
  output: string,
  format: Format,
  values: HeadersValues,
): Promise<Made> {
  const { tag, position, sliceOffset, includePatient } = values;
  const line = progressLine(context.stderr, values.quiet !== true);
  const { signal } = context;
  const shared = {
    ...storageOptionsOf(values),
    signal,
    onProgress: line.report,
    outputs: output === '-' ? [] : [output],
  };
  const isWhole = tag !== undefined || position !== undefined;
  if (sliceOffset !== undefined && position === undefined) {
    throw new OptionError('Expected --position with --slice-offset, which counts from there.');
  }
  if (format === 'parquet' && !isWhole) {
    const { bytes, rows, warnings } = await library.getIndex(series, { ...shared, format }).finally(line.clear);
    return { bytes, count: rows, warnings };
  }
  const previewer = library.createPreviewer();
  try {
    const opened = await previewer.openSeries(series, shared);
    const found = isWhole
      ? await opened.attributes({
          ...{ tags: tag, includePatient, signal, onProgress: line.report },
          position: position === undefined ? undefined : decimal('--position', position),
          sliceOffset: wholeNumber('--slice-offset', sliceOffset),
        })
      : { rows: opened.headers(), warnings: [] };
    const { warnings } = opened.info;
    await opened.close();
    const text = textOf(found.rows, format, values.splitConstant === true);
    const bytes = new TextEncoder().encode(text);
    return { bytes, count: found.rows.length, warnings: [...warnings, ...found.warnings] };
  } finally {
    line.clear();
    await previewer.close();
  }
}

function textOf(rows: readonly Row[], format: Format, isSplit: boolean): string {
  if (format === 'csv') return csvText(rows);
  const lines = (each: readonly Row[]): readonly string[] => each.map((row) => JSON.stringify(row));
  if (!isSplit) {
    const all = lines(rows);
    return format === 'jsonl' ? all.map((text) => `${text}\n`).join('') : `[\n${all.join(',\n')}\n]\n`;
  }
  const { constant, varying } = splitConstant(rows);
  if (format === 'jsonl') return [{ constant }, ...varying].map((row) => `${JSON.stringify(row)}\n`).join('');
  return `{"constant": ${JSON.stringify(constant, undefined, 2)},\n"rows": [\n${lines(varying).join(',\n')}\n]}\n`;
}
