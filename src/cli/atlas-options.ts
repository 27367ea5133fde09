import type { Command } from 'commander';
import type { AtlasPictureOptions, AtlasView, BuildOptions } from '../atlas/index.ts';
import type { SinkOptions } from '../index.ts';
import type { Library } from './context.ts';
import { addMosaicOptions, type MosaicValues, mosaicOptionsOf } from './mosaic.ts';
import { addPictureOptions, pictureOptionsOf, type SharedValues } from './shared-options.ts';
import { addRootOption, optionWithDefault, storageOptionsOf } from './storage-options.ts';
import { byteLength, decimal, OptionError, wholeNumber } from './values.ts';

/** How OUT is reached, as commander hands it over. */
export interface SinkValues {
  readonly outEndpointUrl?: string;
  readonly outRegion?: string;
}

/** Which series, and what pictures of them. */
export interface PlanValues extends SharedValues, MosaicValues, SinkValues {
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
  readonly retryFailed?: true;
  readonly refresh?: true;
}

/** How this machine works. */
export interface RunValues {
  readonly processes?: string;
  readonly memory?: string;
  readonly seriesAtATime?: string;
}

export interface BuildValues extends PlanValues, RunValues {
  readonly shard?: string;
  readonly dryRun?: true;
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** Where OUT lies, if not where its provider's own endpoint is. Credentials come from the environment. */
export function addSinkOptions(command: Command): Command {
  return command
    .option('--out-endpoint-url <url>', "another endpoint of OUT than Amazon's, Google's or Azure's own")
    .option('--out-region <name>', 'the S3 region of OUT');
}

export function sinkOptionsOf({ outEndpointUrl, outRegion }: SinkValues): SinkOptions {
  return { endpointUrl: outEndpointUrl, region: outRegion };
}

export function addPlanOptions(command: Command): Command {
  addRootOption(command);
  command
    .option('--view <name>', 'mosaic, image or planes; several give several pictures of each series', collect)
    .addOption(optionWithDefault('--position <position>', 'which image an image shows', '0.5'))
    .option('--modality <name>', 'only series of this modality; may be given several times', collect)
    .option('--body-part <name>', 'only series of this body part, likewise', collect)
    .option(
      '--collection <name>',
      'only series of this collection (of a list with collections, and of idc), likewise',
      collect,
    )
    .option('--patient <id>', 'only series of this patient (of a list with patients, and of idc), likewise', collect)
    .option('--limit <count>', 'so many series at most')
    .option('--sample <count>', 'so many series, chosen by chance')
    .option('--seed <number>', 'chooses another sample (default: 1)')
    .option('--retry-failed', 'make series again that failed in an earlier run')
    .option('--refresh', 'make series again whose objects changed')
    .option('--chunk-size <count>', 'series of a tar file, about (default: 200)');
  addPictureOptions(command);
  addMosaicOptions(command);
  return command
    .addOption(optionWithDefault('-q, --quality <1-100>', 'quality of WebP, JPEG and AVIF', '25'))
    .option('--format <name>', 'webp, jpeg, png, avif or tiff (default: webp)');
}

export function addRunOptions(command: Command): Command {
  return command
    .option('--processes <count>', 'worker processes (default: one a processor)')
    .option('--series-at-a-time <count>', 'series in work in each process (default: 4)')
    .option(
      '--memory <bytes>',
      'what all processes may take together, such as 2GB or 2000000000 (default: half of the machine)',
    );
}

const whole = (option: string, text: string | undefined): number | undefined => {
  const number = wholeNumber(option, text);
  if (number !== undefined && number < 1)
    throw new OptionError(`Expected 1 or more for ${option} but received ${number}.`);
  return number;
};

export function runOptions(values: RunValues): Pick<BuildOptions, 'processes' | 'concurrency' | 'memoryBytes'> {
  return {
    processes: whole('--processes', values.processes),
    concurrency: whole('--series-at-a-time', values.seriesAtATime),
    memoryBytes: values.memory === undefined ? undefined : byteLength('--memory', values.memory),
  };
}

export function planOptions(
  values: PlanValues,
  library: Pick<Library, 'outputFormatOf'>,
): Pick<
  BuildOptions,
  'storage' | 'sink' | 'pictures' | 'filters' | 'limit' | 'sample' | 'seed' | 'chunkSize' | 'again'
> {
  if (values.retryFailed === true && values.refresh === true) {
    throw new OptionError('Expected --retry-failed or --refresh but received both.');
  }
  return {
    storage: storageOptionsOf(values),
    sink: sinkOptionsOf(values),
    pictures: picturesOf(values, library),
    filters: {
      ...{ modality: values.modality, bodyPart: values.bodyPart },
      ...{ collection: values.collection, patient: values.patient },
    },
    limit: whole('--limit', values.limit),
    sample: whole('--sample', values.sample),
    seed: whole('--seed', values.seed),
    chunkSize: whole('--chunk-size', values.chunkSize),
    again: values.retryFailed === true ? 'failed' : values.refresh === true ? 'changed' : 'none',
  };
}

function picturesOf(values: PlanValues, { outputFormatOf }: Pick<Library, 'outputFormatOf'>): AtlasPictureOptions {
  const views = [...new Set(values.view ?? ['mosaic'])].map((view): AtlasView => {
    if (view === 'mosaic' || view === 'image' || view === 'planes') return view;
    throw new OptionError(`Expected mosaic, image or planes for --view but received '${view}'.`);
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
    planes: { ...planesOptionsOf(pictureOptionsOf(values)), ...format },
    includePatient: values.includePatient ?? false,
  };
}

/** What planes know of the options of other pictures. Their own (--at and the like) are those of the command `planes`. */
function planesOptionsOf(options: ReturnType<typeof pictureOptionsOf>): Partial<AtlasPictureOptions['planes']> {
  const { contrast, windowIndex, imageWidth, width, background, colormap } = options;
  const { labels, includePatient, strictPrivacy, quality, maxSide, maxByteLength } = options;
  const planes = {
    ...{ contrast, windowIndex, imageWidth, width, background, colormap },
    ...{ labels, includePatient, strictPrivacy, quality, maxSide, maxByteLength },
  };
  return Object.fromEntries(Object.entries(planes).filter(([, value]) => value !== undefined));
}
