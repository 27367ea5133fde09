import { Command } from 'commander';
import type { AtlasPictureOptions, AtlasProgress, AtlasStatusReport, AtlasView, BuildOptions } from '../atlas/index.ts';
import { type Context, type Library, say, writeAll } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { addMosaicOptions, type MosaicValues, mosaicOptionsOf } from './mosaic.ts';
import { atlasServeCommand } from './serve.ts';
import { addPictureOptions, pictureOptionsOf, type SharedValues } from './shared-options.ts';
import { addRootOption, addStorageOptions, optionWithDefault, storageOptionsOf } from './storage-options.ts';
import { byteLength, decimal, OptionError, wholeNumber } from './values.ts';

interface BuildValues extends SharedValues, MosaicValues {
  readonly view?: readonly string[];
  readonly position: string;
  readonly modality?: readonly string[];
  readonly collection?: readonly string[];
  readonly patient?: readonly string[];
  readonly bodyPart?: readonly string[];
  readonly limit?: string;
  readonly sample?: string;
  readonly seed?: string;
  readonly chunkSize?: string;
  readonly shard?: string;
  readonly retryFailed?: true;
  readonly refresh?: true;
  readonly processes?: string;
  readonly memory?: string;
  readonly seriesAtATime?: string;
  readonly page: boolean;
  readonly selfContained?: boolean;
}

const buildExamples = (program: string): string => `
Examples:
  Previews of all series in a folder, and a table of them:
  $ ${program} atlas build ./archive ./atlas

  The CT of a bucket, a hundred of them chosen by chance, written to another one:
  $ ${program} atlas build s3://archive/ s3://previews/ct --modality CT --sample 100

  A list of series (text, CSV, JSON Lines, Parquet, an s5cmd manifest):
  $ ${program} atlas build manifest.s5cmd ./atlas

  The third of eight machines' part:
  $ ${program} atlas build series.parquet s3://previews/all --shard 3/8

The same command again does what is missing. OUT holds shards/*.tar (WebDataset:
UID.webp and UID.json), parts/*.parquet, and manifest.parquet, a row a series.
Series that fail are rows too, with the reason; the exit code is 6 then.`;

/** `atlas build | finish | status | serve`. */
export function atlasCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = new Command('atlas').description('Previews of all series of an archive, and what they are.');
  command.addCommand(buildCommand(context, setExitCode));
  command.addCommand(finishCommand(context, setExitCode));
  command.addCommand(statusCommand(context, setExitCode));
  command.addCommand(atlasServeCommand(context, setExitCode));
  return command;
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

function buildCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = new Command('build')
    .description('Make previews of all series of a source.')
    .argument(
      'SOURCE',
      'a folder, URL, .zip, or a list of series (.txt, .csv, .jsonl, .parquet, .s5cmd, - for standard input)',
    )
    .argument('OUT', 'where the atlas is written: a folder');
  addRootOption(command);
  command
    .option('--view <name>', 'mosaic or image; several give several pictures of each series', collect)
    .addOption(optionWithDefault('--position <position>', 'which image an image shows', '0.5'))
    .option('--modality <name>', 'only series of this modality; may be given several times', collect)
    .option('--body-part <name>', 'only series of this body part, likewise', collect)
    .option('--collection <name>', 'of a list with collections only this one, likewise', collect)
    .option('--patient <id>', 'of a list with patients only this one, likewise', collect)
    .option('--limit <count>', 'so many series at most')
    .option('--sample <count>', 'so many series, chosen by chance')
    .option('--seed <number>', 'chooses another sample (default: 1)')
    .option('--retry-failed', 'make series again that failed in an earlier run')
    .option('--refresh', 'make series again whose objects changed')
    .option('--shard <I/N>', 'do only this part of the work; auto/N in arrays of Slurm, AWS Batch, Kubernetes')
    .option('--chunk-size <count>', 'series of a tar file, about (default: 200)')
    .option('--processes <count>', 'worker processes (default: one a processor)')
    .option('--series-at-a-time <count>', 'series in work in each process (default: 4)')
    .option('--memory <bytes>', 'what all processes may take together, such as 2GB (default: half of the machine)');
  addPageOptions(command);
  addPictureOptions(command);
  addMosaicOptions(command);
  command
    .addOption(optionWithDefault('-q, --quality <1-100>', 'quality of WebP, JPEG and AVIF', '25'))
    .option('--format <name>', 'webp, jpeg, png, avif or tiff (default: webp)');
  return addStorageOptions(command)
    .option('--json <file>', 'write what came of it as JSON, to a file or - for standard output')
    .option('--quiet', 'print nothing but errors')
    .option('-v, --verbose', 'print warnings about the source')
    .addHelpText('after', buildExamples(context.programName))
    .action(async (source: string, out: string, values: BuildValues) => {
      const atlas = await import('../atlas/index.ts');
      const { stderr, signal } = context;
      const line = atlasLine(context, values.quiet !== true);
      const result = await atlas
        .buildAtlas(source, out, {
          ...buildOptions(values, await context.loadLibrary(), atlas.shardOf),
          stdin: process.stdin,
          onPlanned: (series, chunks) => line.say(`${series} series in ${chunks} chunks`),
          onProgress: line.report,
          onWarning: (message) => {
            if (values.verbose === true) say(stderr, `warning: ${message}`);
          },
          signal,
        })
        .finally(line.clear);
      const isWhole = values.shard === undefined;
      const finished = isWhole ? await atlas.finishAtlas(out, { ...pageOptionsOf(values), signal }) : undefined;
      if (values.quiet !== true) {
        const failures = result.failed === 0 ? '' : `, ${result.failed} failed ('atlas status' tells why)`;
        say(stderr, `${out}: ${result.series} series, ${result.made} made now${failures}`);
      }
      if (values.json !== undefined) await writeJson(context, values.json, { schema: 1, ...result, ...finished });
      setExitCode(result.failed > 0 ? exitCodes.doneInPart : exitCodes.done);
    });
}

function buildOptions(
  values: BuildValues,
  library: Pick<Library, 'outputFormatOf'>,
  shardOf: (text: string, env: NodeJS.ProcessEnv) => BuildOptions['shard'],
): Omit<BuildOptions, 'stdin' | 'onWarning' | 'signal'> {
  const whole = (option: string, text: string | undefined): number | undefined => {
    const number = text === undefined ? undefined : wholeNumber(option, text);
    if (number !== undefined && number < 1)
      throw new OptionError(`Expected 1 or more for ${option} but received ${number}.`);
    return number;
  };
  if (values.retryFailed === true && values.refresh === true) {
    throw new OptionError('Expected --retry-failed or --refresh but received both.');
  }
  return {
    storage: storageOptionsOf(values),
    pictures: picturesOf(values, library),
    filters: {
      ...{ modality: values.modality, bodyPart: values.bodyPart },
      ...{ collection: values.collection, patient: values.patient },
    },
    limit: whole('--limit', values.limit),
    sample: whole('--sample', values.sample),
    seed: whole('--seed', values.seed),
    chunkSize: whole('--chunk-size', values.chunkSize),
    shard: values.shard === undefined ? undefined : shardOf(values.shard, process.env),
    again: values.retryFailed === true ? 'failed' : values.refresh === true ? 'changed' : 'none',
    processes: whole('--processes', values.processes),
    concurrency: whole('--series-at-a-time', values.seriesAtATime),
    memoryBytes: values.memory === undefined ? undefined : byteLength('--memory', values.memory),
  };
}

function picturesOf(values: BuildValues, { outputFormatOf }: Pick<Library, 'outputFormatOf'>): AtlasPictureOptions {
  const views = [...new Set(values.view ?? ['mosaic'])].map((view): AtlasView => {
    if (view === 'mosaic' || view === 'image') return view;
    throw new OptionError(`Expected mosaic or image for --view but received '${view}'.`);
  });
  const storage = new Set(Object.keys(storageOptionsOf(values)));
  const shared = Object.fromEntries(
    Object.entries(pictureOptionsOf(values)).filter(([name, value]) => !storage.has(name) && value !== undefined),
  );
  const format = { format: outputFormatOf('-', values.format ?? 'webp') };
  const mosaic = Object.fromEntries(Object.entries(mosaicOptionsOf(values)).filter(([, value]) => value !== undefined));
  return {
    views,
    mosaic: { ...shared, ...format, ...mosaic, fit: true },
    image: { ...shared, ...format, position: decimal('--position', values.position) },
    includePatient: values.includePatient ?? false,
  };
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

function finishCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = new Command('finish')
    .description('Merge what is there of an atlas into its manifest, and write its page. Done by build too.')
    .argument('OUT', 'where the atlas was written');
  return addPageOptions(command)
    .option('--json <file>', 'write what came of it as JSON, to a file or - for standard output')
    .option('--quiet', 'print nothing but errors')
    .action(async (out: string, values: PageValues & { readonly json?: string; readonly quiet?: true }) => {
      const { finishAtlas } = await import('../atlas/index.ts');
      const result = await finishAtlas(out, { ...pageOptionsOf(values), signal: context.signal });
      if (values.quiet !== true) {
        const missing = result.chunksMissing === 0 ? '' : `; ${result.chunksMissing} chunks are not there so far`;
        say(context.stderr, `${out}: ${result.series} series, ${result.failed} failed${missing}`);
      }
      if (values.json !== undefined) await writeJson(context, values.json, { schema: 1, ...result });
      setExitCode(result.failed > 0 || result.chunksMissing > 0 ? exitCodes.doneInPart : exitCodes.done);
    });
}

function statusCommand(context: Context, setExitCode: (code: number) => void): Command {
  return new Command('status')
    .description('Tell how far an atlas is, from what is written of it. Others may be at work.')
    .argument('OUT', 'where the atlas is written')
    .option('--json <file>', 'write it as JSON, to a file or - for standard output')
    .action(async (out: string, values: { readonly json?: string }) => {
      const { atlasStatus } = await import('../atlas/index.ts');
      const status = await atlasStatus(out);
      if (values.json !== undefined) await writeJson(context, values.json, { schema: 1, ...status });
      else for (const line of statusLines(status)) say(context.stdout, line);
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

async function writeJson({ stdout, loadLibrary }: Context, target: string, value: unknown): Promise<void> {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  if (target === '-') await writeAll(stdout, text);
  else await (await loadLibrary()).writeWhole(target, new TextEncoder().encode(text));
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
