import { Command, Option } from 'commander';
import type * as atlasLibrary from '../atlas/index.ts';
import type { QueueCounts } from '../atlas/index.ts';
import { counted } from '../base/counted.ts';
import {
  addPlanOptions,
  addRunOptions,
  addSinkOptions,
  type PlanValues,
  planOptions,
  type RunValues,
  runOptions,
  type SinkValues,
  sinkOptionsOf,
} from './atlas-options.ts';
import { type Context, say, writeJson } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { addRootOption, addStorageOptions, type StorageValues, storageOptionsOf } from './storage-options.ts';
import { decimal, OptionError } from './values.ts';

export interface QueueValues {
  readonly queue?: string;
  readonly queueName?: string;
}

interface OutputValues {
  readonly json?: string;
  readonly quiet?: true;
  readonly verbose?: true;
}

const enqueueExamples = (program: string): string => `
Examples:
  Put all series of a list into a queue; then, on any number of machines, do them:
  $ ${program} atlas enqueue series.parquet s3://previews/all --queue redis://queue:6379
  $ ${program} atlas work --queue redis://queue:6379
  $ ${program} atlas finish s3://previews/all

The same command again adds what is missing. A queue needs the packages bullmq and
ioredis (npm install bullmq ioredis), and Redis or Valkey with maxmemory-policy
noeviction. Jobs hold neither credentials nor anything of patients: those who work
take credentials, endpoints and headers from their own environment and options.`;

const workExamples = (program: string): string => `
Examples:
  $ ${program} atlas work --queue redis://queue:6379 --processes 8
  $ DICOM_SERIES_PREVIEW_QUEUE=rediss://:secret@queue:6379 ${program} atlas work --stay

SIGTERM or Ctrl-C gives the chunks in work back. A chunk whose machine goes away is
done by another one. It ends when the queue is empty and nobody is at work.`;

/** @param isNeeded whether the command makes no sense without a queue */
export function addQueueOptions(command: Command, isNeeded: boolean): Command {
  const option = new Option('--queue <url>', 'Redis or Valkey, such as redis://host:6379');
  // Others on the machine can read arguments, but not the environment: for a URL with a password.
  if (isNeeded) option.env('DICOM_SERIES_PREVIEW_QUEUE');
  return command
    .addOption(option)
    .option('--queue-name <name>', 'one of several queues (default: dicom-series-preview)');
}

type QueueOptions = Parameters<typeof atlasLibrary.queueCounts>[0];

export function queueOptionsOf({ queue, queueName }: QueueValues, { stderr }: Context): QueueOptions {
  if (queue === undefined) throw new OptionError('Expected --queue, such as --queue redis://host:6379.');
  return { url: queue, name: queueName, onWarning: (message) => say(stderr, `warning: ${message}`) };
}

export function queueLines(counts: QueueCounts | undefined): readonly string[] {
  if (counts === undefined) return [];
  const { waiting, active, delayed, failed } = counts;
  return [`Queue     ${waiting} waiting, ${active} in work, ${delayed} to be tried again, ${failed} given up`];
}

export function enqueueCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = new Command('enqueue')
    .description('Plan an atlas and put its chunks into a queue, for any number of machines.')
    .argument('SOURCE', "as of 'atlas build'")
    .argument('OUT', 'where the atlas is written: a folder that all machines share, s3://, gs:// or az://');
  addQueueOptions(addPlanOptions(command), true);
  return addSinkOptions(addStorageOptions(command))
    .option('--json <file>', 'write the result as JSON, to a file or - for standard output')
    .option('--quiet', 'print nothing but errors')
    .option('-v, --verbose', 'print warnings about the source')
    .addHelpText('after', enqueueExamples(context.programName))
    .action(async (source: string, out: string, values: PlanValues & QueueValues & OutputValues) => {
      const { enqueueAtlas } = await import('../atlas/index.ts');
      const { stderr, signal } = context;
      const result = await enqueueAtlas(source, out, queueOptionsOf(values, context), {
        ...planOptions(values, await context.loadLibrary()),
        stdin: process.stdin,
        onWarning: (message) => {
          if (values.verbose === true) say(stderr, `warning: ${message}`);
        },
        signal,
      });
      const { series, chunks, enqueued } = result;
      if (values.quiet !== true) {
        say(
          stderr,
          `${out}: ${series} series in ${counted(chunks, 'chunk')}, ${enqueued} of them in the queue, the others done`,
        );
      }
      if (values.json !== undefined) await writeJson(context, values.json, { schema: 1, ...result });
      setExitCode(exitCodes.done);
    });
}

interface WorkValues extends StorageValues, SinkValues, QueueValues, RunValues, OutputValues {
  readonly stay?: true;
  readonly lock: string;
}

export function workCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = new Command('work').description('Do chunks of a queue, until it is empty.');
  addRootOption(command);
  addRunOptions(addQueueOptions(command, true))
    .option('--stay', 'wait for more when the queue is empty')
    .addOption(
      new Option('--lock <seconds>', 'a chunk whose machine is silent for so long is given to another').default(
        '60',
        '60',
      ),
    );
  return addSinkOptions(addStorageOptions(command))
    .option('--json <file>', 'write the result as JSON, to a file or - for standard output')
    .option('--quiet', 'print nothing but warnings and errors')
    .addHelpText('after', workExamples(context.programName))
    .action(async (values: WorkValues) => {
      const { workOnQueue } = await import('../atlas/index.ts');
      const { stderr, signal } = context;
      const queue = queueOptionsOf(values, context);
      const result = await workOnQueue(queue, {
        ...runOptions(values),
        ...{ storage: storageOptionsOf(values), sink: sinkOptionsOf(values), stay: values.stay ?? false },
        lockMs: lockMsOf(values.lock),
        onChunk: (chunk, { series, failed }) => {
          if (values.quiet !== true) say(stderr, `chunk ${chunk}: ${series} series, ${failed} failed`);
        },
        onWarning: queue.onWarning,
        signal,
      });
      if (values.quiet !== true) {
        say(stderr, `${counted(result.chunks, 'chunk')}, ${result.series} series, ${result.failed} failed`);
      }
      if (values.json !== undefined) await writeJson(context, values.json, { schema: 1, ...result });
      setExitCode(result.failed > 0 || result.failedTries > 0 ? exitCodes.doneInPart : exitCodes.done);
    });
}

const minLockSeconds = 2;

function lockMsOf(text: string): number {
  const seconds = decimal('--lock', text);
  if (seconds >= minLockSeconds) return Math.round(seconds * 1_000);
  throw new OptionError(`Expected ${minLockSeconds} seconds or more for --lock but received ${text}.`);
}
