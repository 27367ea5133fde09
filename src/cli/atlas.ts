import { Command } from 'commander';
import type { AtlasProgress, AtlasStatusReport } from '../atlas/index.ts';
import { counted } from '../base/counted.ts';
import {
  addPlanOptions,
  addRunOptions,
  addSinkOptions,
  type BuildValues,
  planOptions,
  runOptions,
  type SinkValues,
  sinkOptionsOf,
} from './atlas-options.ts';
import {
  addQueueOptions,
  enqueueCommand,
  type QueueValues,
  queueLines,
  queueOptionsOf,
  workCommand,
} from './atlas-queue.ts';
import { type Context, say, sayResult, writeJson } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { listedCommand } from './listed-commands.ts';
import { atlasServeCommand } from './serve.ts';
import { addStorageOptions } from './storage-options.ts';

const buildExamples = (program: string): string => `
Examples:
  Previews of all series in a folder, and a table of them:
  $ ${program} atlas build ./archive ./atlas

  The CT of a bucket, a hundred of them chosen by chance, written to another one:
  $ ${program} atlas build s3://archive/ s3://previews/ct --modality CT --sample 100

  A hundred CT of a collection of the Imaging Data Commons, by their index:
  $ ${program} atlas build idc ./atlas --collection nlst --modality CT --limit 100

  A list of series (text, CSV, JSON Lines, Parquet, an s5cmd manifest):
  $ ${program} atlas build manifest.s5cmd ./atlas

  The third of eight machines' part:
  $ ${program} atlas build series.parquet s3://previews/all --shard 3/8

The same command again does what is missing. OUT holds shards/*.tar (WebDataset:
UID.webp and UID.json), parts/*.parquet, and manifest.parquet, a row a series.
Series that fail are rows too, with the reason; the exit code is 6 then.`;

/** `atlas build | finish | status | enqueue | work | serve`. */
export function atlasCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('atlas');
  command.addCommand(buildCommand(context, setExitCode));
  command.addCommand(finishCommand(context, setExitCode));
  command.addCommand(statusCommand(context, setExitCode));
  command.addCommand(enqueueCommand(context, setExitCode));
  command.addCommand(workCommand(context, setExitCode));
  command.addCommand(atlasServeCommand(context, setExitCode));
  return command;
}

function buildCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = new Command('build')
    .description('Make previews of all series of a source.')
    .argument(
      'SOURCE',
      'a folder, URL, .zip, a list of series (.txt, .csv, .jsonl, .parquet, .s5cmd, - for standard input), or idc',
    )
    .argument('OUT', 'where the atlas is written: a folder, s3://, gs:// or az://');
  addRunOptions(addPlanOptions(command))
    .option('--shard <I/N>', 'do only this part of the work; auto/N in arrays of Slurm, AWS Batch, Kubernetes')
    .option('--dry-run', 'only find the series and say how many there are');
  addPageOptions(command);
  return addSinkOptions(addStorageOptions(command))
    .option('--json <file>', 'write the result as JSON, to a file or - for standard output')
    .option('--quiet', 'print nothing but errors')
    .option('-v, --verbose', 'print warnings about the source')
    .addHelpText('after', buildExamples(context.programName))
    .action(async (source: string, out: string, values: BuildValues & PageValues) => {
      const atlas = await import('../atlas/index.ts');
      const { stderr, signal } = context;
      const line = atlasLine(context, values.quiet !== true);
      const result = await atlas
        .buildAtlas(source, out, {
          ...planOptions(values, await context.loadLibrary()),
          ...runOptions(values),
          dryRun: values.dryRun,
          shard: values.shard === undefined ? undefined : atlas.shardOf(values.shard, process.env),
          stdin: process.stdin,
          onPlanned: (series, chunks) => line.say(`${series} series in ${counted(chunks, 'chunk')}`),
          onProgress: line.report,
          onWarning: (message) => {
            if (values.verbose === true) say(stderr, `warning: ${message}`);
          },
          signal,
        })
        .finally(line.clear);
      const isWhole = values.shard === undefined && values.dryRun !== true;
      const finishing = { ...pageOptionsOf(values), signal, sink: sinkOptionsOf(values) };
      const finished = isWhole ? await atlas.finishAtlas(out, finishing) : undefined;
      if (values.quiet !== true) {
        const failures = result.failed === 0 ? '' : `, ${result.failed} failed ('atlas status' tells why)`;
        const made =
          values.dryRun === true
            ? `in ${counted(result.chunks, 'chunk')}; nothing was written`
            : `${result.made} made now`;
        say(stderr, `${out}: ${result.series} series${values.dryRun === true ? '' : ','} ${made}${failures}`);
      }
      if (values.json !== undefined) await writeJson(context, values.json, { schema: 1, ...result, ...finished });
      setExitCode(result.failed > 0 ? exitCodes.doneInPart : exitCodes.done);
    });
}

interface PageValues {
  readonly page: boolean;
  readonly selfContained?: boolean;
}

function addPageOptions(command: Command): Command {
  return command
    .option('--no-page', 'write no page to browse')
    .option(
      '--self-contained',
      'write the page as one file too, which opens from a disk (default: for up to 2,000 series)',
    )
    .option('--no-self-contained', 'do not, however few series there are');
}

function pageOptionsOf({ page, selfContained }: PageValues): PageValues {
  return selfContained === undefined ? { page } : { page, selfContained };
}

type FinishValues = SinkValues & PageValues & { readonly json?: string; readonly quiet?: true };

function finishCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = new Command('finish')
    .description('Merge the finished parts of an atlas into its manifest, and write its page. Done by build too.')
    .argument('OUT', 'where the atlas was written');
  return addSinkOptions(addPageOptions(command))
    .option('--json <file>', 'write the result as JSON, to a file or - for standard output')
    .option('--quiet', 'print nothing but errors')
    .action(async (out: string, values: FinishValues) => {
      const { finishAtlas } = await import('../atlas/index.ts');
      const options = { ...pageOptionsOf(values), signal: context.signal, sink: sinkOptionsOf(values) };
      const result = await finishAtlas(out, options);
      if (values.quiet !== true) {
        const notThere = counted(result.chunksMissing, 'chunk is not there so far', 'chunks are not there so far');
        const missing = result.chunksMissing === 0 ? '' : `; ${notThere}`;
        say(context.stderr, `${out}: ${result.series} series, ${result.failed} failed${missing}`);
      }
      if (values.json !== undefined) await writeJson(context, values.json, { schema: 1, ...result });
      setExitCode(result.failed > 0 || result.chunksMissing > 0 ? exitCodes.doneInPart : exitCodes.done);
    });
}

function statusCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = new Command('status')
    .description('Tell how far an atlas is, from what is written of it. Others may be at work.')
    .argument('OUT', 'where the atlas is written');
  return addQueueOptions(addSinkOptions(command), false)
    .option('--json <file>', 'write it as JSON, to a file or - for standard output')
    .action(async (out: string, values: SinkValues & QueueValues & { readonly json?: string }) => {
      const { atlasStatus, queueCounts } = await import('../atlas/index.ts');
      const status = await atlasStatus(out, sinkOptionsOf(values));
      const queue = values.queue === undefined ? undefined : await queueCounts(queueOptionsOf(values, context));
      if (values.json !== undefined) {
        await writeJson(context, values.json, { schema: 1, ...status, ...(queue === undefined ? {} : { queue }) });
      } else {
        await sayResult(context.stdout, [...statusLines(status), ...queueLines(queue)]);
      }
      setExitCode(exitCodes.done);
    });
}

function statusLines(status: AtlasStatusReport): readonly string[] {
  const { chunks, chunksDone, series, failed, failedByCode, seriesPerSecond, secondsLeft, pictureBytes } = status;
  const codes = Object.entries(failedByCode).map(([code, count]) => `  ${code}: ${count}`);
  return [
    `Chunks    ${chunksDone} of ${chunks}`,
    `Series    ${series}, ${failed} failed`,
    ...codes,
    `Pictures  ${(pictureBytes / 1e6).toFixed(1)} MB`,
    ...(seriesPerSecond === null ? [] : [`Rate      ${seriesPerSecond.toPrecision(3)} series a second`]),
    ...(secondsLeft === null ? [] : [`Left      ${timeText(secondsLeft)}`]),
  ];
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toPrecision(3)} h`;
}

/** The line is written at most this often. */
const minIntervalMs = 200;

/** One line on a terminal: series, rate, failures, time left. */
function atlasLine(
  { stderr }: Context,
  wanted: boolean,
): {
  readonly say: (text: string) => void;
  readonly report: (progress: AtlasProgress) => void;
  readonly clear: () => void;
} {
  const isTerminal = wanted && stderr.isTTY === true;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let first: AtlasProgress | undefined;
  return {
    say: (text) => {
      if (wanted) say(stderr, text);
    },
    report: (progress) => {
      const now = performance.now();
      first ??= progress;
      if (!isTerminal || now - drawnAt < minIntervalMs) return;
      drawnAt = now;
      const { done, total, failed, pictureBytes, elapsedMs } = progress;
      const rate = ((done - first.done) * 1000) / Math.max(1, elapsedMs - first.elapsedMs);
      const left = rate > 0 ? `, ${timeText((total - done) / rate)} left` : '';
      const failures = failed === 0 ? '' : `, ${failed} failed`;
      const text = `${done}/${total} series, ${rate.toFixed(1)}/s, ${(pictureBytes / 1e6).toFixed(1)} MB${failures}${left}`;
      stderr.write(`\r${text.slice(0, Math.max(1, (stderr.columns ?? 80) - 1))}\u001b[K`);
    },
    clear: () => {
      if (isTerminal && drawnAt > 0) stderr.write('\r\u001b[K');
    },
  };
}
