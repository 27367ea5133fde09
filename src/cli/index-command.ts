import { Command } from 'commander';
import { counted } from '../base/counted.ts';
import type { IndexFormat, IndexOptions, KeptIndex } from '../index.ts';
import { type Context, say, writeAll } from './context.ts';
import { exitCodes, failureOf, namesOptions } from './exit-codes.ts';
import { listedCommand } from './listed-commands.ts';
import { progressLine } from './progress.ts';
import { addRootOption, addStorageOptions, type StorageValues, storageOptionsOf } from './storage-options.ts';
import { OptionError } from './values.ts';

interface IndexValues extends StorageValues {
  readonly quiet?: true;
  readonly format?: string;
  readonly all?: true;
}

type SetExitCode = (code: number) => void;

const seriesArgument: readonly [name: string, description: string] = [
  '<SERIESUID...>',
  'series, each named as for mosaic',
];

const examples = (program: string): string => `
Examples:
  The headers of a series as a table, one row a frame:
  $ ${program} index get ./CT headers.parquet
  $ ${program} index get 38902e14-b11f-4548-910e-771ee757dc82 - --format jsonl

  Pictures of this folder without reading a header, from now on:
  $ ${program} index build ./CT

An index is kept in the cache folder for as long as a listing shows the same
versions, and for ever where those never change (in the IDC). Series on servers
get one with their first picture, series on local disks with 'index build', or
where --cache-dir or DICOM_SERIES_PREVIEW_CACHE_DIR names the folder. Nothing in
it describes the patient.`;

/** `index build|get|clear SERIESUID...`. */
export function indexCommand(context: Context, setExitCode: SetExitCode): Command {
  const command = listedCommand('index').addHelpText('after', examples(context.programName));
  for (const create of [buildCommand, getCommand, clearCommand]) command.addCommand(create(context, setExitCode));
  return command;
}

function withOptions(command: Command): Command {
  return addStorageOptions(command).option('--quiet', 'print nothing but errors');
}

function buildCommand(context: Context, setExitCode: SetExitCode): Command {
  const command = new Command('build')
    .description('Reads the headers of series and keeps them, so that pictures need none.')
    .argument(...seriesArgument);
  return withOptions(addRootOption(command)).action(async (series: readonly string[], values: IndexValues) => {
    const options = storageOptionsOf(values);
    const library = await context.loadLibrary();
    let exitCode: number = exitCodes.done;
    for (const name of series) {
      try {
        const built = await withProgress(context, values, (shared) =>
          library.buildIndex(name, { ...options, ...shared }),
        );
        if (values.quiet !== true) for (const line of describe(name, built)) say(context.stderr, line);
        if (exitCode === exitCodes.done && built.unreadable.length > 0) exitCode = exitCodes.doneInPart;
      } catch (error) {
        // Other series can still be built, unless an option is wrong: then none can.
        if (series.length === 1 || context.signal.aborted || namesOptions(error)) throw error;
        const failure = failureOf(error);
        if (values.quiet !== true) {
          for (const warning of failure.warnings) say(context.stderr, `warning: ${name}: ${warning}`);
        }
        say(context.stderr, `error: ${name}: ${failure.message}`);
        if (exitCode === exitCodes.done || exitCode === exitCodes.doneInPart) exitCode = failure.exitCode;
      }
    }
    setExitCode(exitCode);
  });
}

function describe(name: string, built: KeptIndex): readonly string[] {
  const known = built.recalled === 0 ? '' : `, ${built.recalled} known already`;
  return [
    ...built.warnings.map((warning) => `warning: ${name}: ${warning}`),
    `${name}: ${counted(built.instances, 'instance')}, ${counted(built.frames, 'frame')}${known}, kept in ${built.path}`,
  ];
}

function getCommand(context: Context, setExitCode: SetExitCode): Command {
  const command = new Command('get')
    .description('Writes the headers of series as a table, one row a frame.')
    .usage('[options] <SERIESUID...> <OUTPUT>')
    .argument(
      '<SERIESUID... OUTPUT...>',
      `${seriesArgument[1]}; last a file ending in .parquet, .json or .jsonl, or - for standard output`,
    );
  addRootOption(command).option('--format <name>', 'parquet, json or jsonl, in place of the extension');
  return withOptions(command).action(async (names: readonly string[], values: IndexValues) => {
    const output = names.at(-1);
    const series = names.slice(0, -1);
    if (output === undefined || series.length === 0) {
      throw new OptionError('Expected one or more series and, last, an OUTPUT: a file name or -.');
    }
    const format = formatOf(output, values.format);
    if (output === '-' && format === 'parquet' && context.stdout.isTTY === true) {
      throw new OptionError('Expected standard output to go to a file or a program: a terminal cannot show Parquet.');
    }
    const options = storageOptionsOf(values);
    const library = await context.loadLibrary();
    if (output !== '-') await library.checkWritable(output);
    const index = await withProgress(context, values, (shared) =>
      library.getIndex(series, { ...options, ...shared, format, outputs: output === '-' ? [] : [output] }),
    );
    if (output === '-') await writeAll(context.stdout, index.bytes);
    else await library.writeWhole(output, index.bytes, context.signal);
    if (values.quiet !== true) {
      for (const warning of index.warnings) say(context.stderr, `warning: ${warning}`);
      const target = output === '-' ? 'standard output' : output;
      say(context.stderr, `${target}: ${counted(index.rows, 'row')} of ${format}, ${index.bytes.length} bytes`);
    }
    setExitCode(index.unreadable.length > 0 ? exitCodes.doneInPart : exitCodes.done);
  });
}

const formats: ReadonlyMap<string, IndexFormat> = new Map([
  ['parquet', 'parquet'],
  ['json', 'json'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
]);

/** @throws OptionError for a name that is not a format */
function formatOf(output: string, given: string | undefined): IndexFormat {
  const extension = output === '-' ? '' : (/\.([^./\\]+)$/.exec(output)?.[1] ?? '');
  const format = formats.get((given ?? extension).toLowerCase());
  if (format !== undefined) return format;
  throw new OptionError(
    given === undefined
      ? `Expected OUTPUT to end in .parquet, .json or .jsonl, or --format, but received '${output}'.`
      : `Expected parquet, json or jsonl for --format but received '${given}'.`,
  );
}

function clearCommand(context: Context, setExitCode: SetExitCode): Command {
  const command = new Command('clear')
    .description('Removes the indexes of series, or all of them.')
    .argument('[SERIESUID...]', seriesArgument[1]);
  addRootOption(command).option('--all', 'remove everything that is kept in the cache folder');
  return withOptions(command).action(async (series: readonly string[], values: IndexValues) => {
    if (values.all === true ? series.length > 0 : series.length === 0) {
      throw new OptionError('Expected either series or --all.');
    }
    const options = storageOptionsOf(values);
    const library = await context.loadLibrary();
    const removed = await library.clearIndex(values.all === true ? undefined : series, options);
    if (values.quiet !== true) say(context.stderr, `Removed ${removed} ${removed === 1 ? 'index' : 'indexes'}`);
    setExitCode(exitCodes.done);
  });
}

async function withProgress<Result>(
  context: Context,
  values: IndexValues,
  work: (shared: Required<Pick<IndexOptions, 'signal' | 'onProgress'>>) => Promise<Result>,
): Promise<Result> {
  const line = progressLine(context.stderr, values.quiet !== true);
  return work({ signal: context.signal, onProgress: line.report }).finally(line.clear);
}
