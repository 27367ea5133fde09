import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { PictureOptions, TerminalProtocol } from '../index.ts';
import { addStorageOptions, type StorageValues, storageOptionsOf } from './storage-options.ts';
import { protocolOption } from './terminal.ts';
import { byteLength, decimal, imageWidth, OptionError, wholeNumber } from './values.ts';

/** The options of every picture command, as commander hands them over: text, unless they take no value. */
export interface SharedValues extends StorageValues {
  readonly imageWidth?: string;
  readonly width?: string;
  readonly height?: string;
  readonly labels?: boolean;
  readonly addresses?: true;
  readonly includePatient?: true;
  readonly background?: string;
  readonly crop?: true;
  readonly filter?: 'area' | 'lanczos' | 'nearest';
  readonly colormap?: string;
  readonly contrast?: string;
  readonly windowIndex?: string;
  readonly overlays?: true;
  readonly includeLabel?: true;
  readonly strictPrivacy?: true;
  readonly volume?: string;
  readonly time?: string;
  readonly bValue?: string;
  readonly echo?: string;
  readonly volumes?: string;
  readonly quality?: string;
  readonly maxSide?: string;
  readonly maxByteLength?: string;
  readonly forModel?: true;
  readonly format?: string;
  readonly show?: true;
  readonly protocol?: TerminalProtocol;
  readonly json?: string;
  readonly dryRun?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

export const seriesArgument: readonly [name: string, description: string] = [
  'SERIESUID',
  "the series: a UUID, its start and '*', a DICOM UID, a URL, a folder, a .zip or one file",
];

export const outputArgument: readonly [name: string, description: string] = [
  '[OUTPUT]',
  'the picture: a file ending in .webp, .jpg, .png, .avif or .tiff, or - for standard output; optional with --show',
];

/** How the picture looks. */
/** The values of options that take one of a few. */
const choices: ReadonlyMap<string, readonly string[]> = new Map([
  ['--filter', ['area', 'lanczos', 'nearest']],
  ['--volumes', ['first', 'all']],
]);

const pictureOptions: readonly (readonly [flags: string, description: string])[] = [
  ['--image-width <pixels>', "width of one image, or 'native' for its own size (default: 128)"],
  ['--width <pixels>', 'width of the whole picture: the size of the images follows'],
  ['--height <pixels>', 'height of the whole picture: the size of the images follows'],
  ['--max-side <pixels>', 'longer side of the picture at most, with nothing added around the images'],
  ['--max-byte-length <bytes>', 'of the picture, such as 400KB or 400000: less quality, then fewer pixels, never cut'],
  [
    '--for-model',
    'for language models: labels, addresses, at most 1024 pixels a side and 400 KB, quality 80, unless other options say so',
  ],
  [
    '--contrast <window>',
    'lung, bone, brain, abdomen, mediastinum, liver, soft-tissue, vascular, t1, t2, proton, auto, embedded, or WIDTH,CENTER (default: the stored window)',
  ],
  ['--window-index <number>', 'of several windows that an image stores this one, from 1 (default: 1)'],
  ['--labels', 'write on the picture what it shows: description, window, places, sides, scale bars'],
  ['--addresses', "write each image's address on it, such as C4 (column C, row 4)"],
  ['--include-patient', 'let labels tell the date of the series'],
  ['--crop', 'cut off what is empty around the content of all images, such as air'],
  ['--filter <name>', 'how images are made smaller (default: area, the average)'],
  ['--colormap <name>', 'colours for grey images: inverted, hot, viridis, inferno, turbo, dose, grey'],
  ['--background <colour>', 'around the images: black, white, grey or #rrggbb (default: black)'],
  ['--overlays', 'draw overlay planes in white'],
  ['--include-label', 'of a slide show LABEL and OVERVIEW images too, which show patient data'],
  ['--strict-privacy', 'no picture where headers say that it may tell who the patient is'],
  ['--volume <number>', 'of a series that repeats places (4D) show this volume alone, from 1'],
  ['--time <number>', 'show the volume at this time: its number, from 1'],
  ['--b-value <s/mm2>', 'show the volume with this b-value'],
  ['--echo <ms>', 'show the volume with this echo time'],
  ['--volumes <which>', 'of the volumes that these options fit, the first or all'],
];

/**
 * Adds the options that say how the picture looks.
 *
 * @param own those that the command has not, or adds itself with another text, by their long names
 */
export function addPictureOptions(command: Command, own: readonly string[] = []): Command {
  for (const [flags, description] of pictureOptions) {
    const option = new Option(flags, description);
    if (own.includes(option.long ?? '')) continue;
    const known = choices.get(option.long ?? '');
    command.addOption(known === undefined ? option : option.choices(known));
  }
  return command;
}

/** For commands that can tell what they would read. */
export function addDryRunOption(command: Command): Command {
  return command.option('--dry-run', 'write nothing: read listing and headers, tell what would be shown and read');
}

/**
 * Output, storage and messages: last in the help of every picture command.
 *
 * @param formats for the help
 */
export function addCommonOptions(command: Command, formats = 'webp, jpeg, png, avif or tiff'): Command {
  command
    .option('-q, --quality <1-100>', 'quality of WebP, JPEG and AVIF (PNG and TIFF have no loss) (default: 25)')
    .option('--format <name>', `${formats}, in place of the extension`)
    .option('--json <file>', 'write a report as JSON, to a file or - for standard output');
  return addStorageOptions(command)
    .option('--quiet', 'print nothing but errors')
    .option('-v, --verbose', 'print what was listed, ordered, chosen and read');
}

/** Shows the picture in the terminal too. */
export function addShowOptions(command: Command): Command {
  return command
    .option('--show', 'show the picture in the terminal; without OUTPUT only there')
    .addOption(protocolOption());
}

/** Options of another command. They are accepted here only so that the error can tell why they make no sense. */
export function addRefusedOptions(command: Command, names: readonly string[]): Command {
  for (const name of names) command.addOption(new Option(`${name} [value]`).hideHelp());
  return command;
}

/** @throws OptionError where one of these options was given */
export function refuse(values: object, names: readonly string[], why: string): void {
  for (const name of names) {
    const key = new Option(name).attributeName();
    if (key in values) throw new OptionError(`${name} makes no sense here: ${why}`);
  }
}

/** @throws OptionError where picture and report have the same target, or a picture would go to a terminal */
export function checkTargets(output: string | undefined, json: string | undefined, outputIsTerminal: boolean): void {
  if (json === undefined) {
    if (output === '-' && outputIsTerminal) {
      throw new OptionError('Expected standard output to go to a file or a program: a terminal cannot show a picture.');
    }
    return;
  }
  if (json === '' || (json.startsWith('-') && json !== '-')) {
    throw new OptionError(`Expected a file name or - for --json but received '${json}'.`);
  }
  if (output === '-' && json === '-') {
    throw new OptionError(
      'Expected one thing on standard output, but both OUTPUT and --json are -. Give one of them a file name.',
    );
  }
  if (output !== undefined && output !== '-' && json !== '-' && resolve(output) === resolve(json)) {
    throw new OptionError(`Expected two files, but OUTPUT and --json are both '${json}'. Give one another name.`);
  }
}

/** What language models take well: larger pictures are scaled down by the model's maker, or refused by a client. */
const forModel = { side: 1024, byteLength: 400_000, quality: 80 } as const;

/**
 * What `--for-model` stands for, where nothing else was said.
 *
 * @throws OptionError for options that do not go with it
 */
function modelOptions(values: SharedValues): Pick<PictureOptions, 'maxSide' | 'maxByteLength' | 'quality'> {
  if (values.imageWidth !== undefined) {
    throw new OptionError(
      'Expected either --for-model, which gives the size of the whole picture, or --image-width, but received both. Give another size with --max-side.',
    );
  }
  const isSized = [values.width, values.height, values.maxSide].some((value) => value !== undefined);
  return {
    ...(isSized ? {} : { maxSide: forModel.side }),
    ...(values.maxByteLength === undefined ? { maxByteLength: forModel.byteLength } : {}),
    ...(values.quality === undefined ? { quality: forModel.quality } : {}),
  };
}

/** @throws OptionError for text that is not what an option takes; it names the option */
export function pictureOptionsOf(values: SharedValues): Omit<PictureOptions, 'format' | 'signal' | 'onProgress'> {
  const { contrast, windowIndex, overlays, includeLabel, includePatient, strictPrivacy } = values;
  const labels = values.labels ?? values.forModel;
  const addresses = values.addresses ?? values.forModel;
  const { bValue, echo, volumes } = values;
  return {
    ...storageOptionsOf(values),
    ...{ labels, addresses, includePatient, crop: values.crop, filter: values.filter, colormap: values.colormap },
    background: values.background,
    imageWidth: values.imageWidth === undefined ? undefined : imageWidth('--image-width', values.imageWidth),
    width: wholeNumber('--width', values.width),
    height: wholeNumber('--height', values.height),
    contrast,
    windowIndex: wholeNumber('--window-index', windowIndex),
    overlays,
    includeLabel,
    strictPrivacy,
    volume: wholeNumber('--volume', values.volume),
    time: wholeNumber('--time', values.time),
    bValue: bValue === undefined ? undefined : decimal('--b-value', bValue),
    echo: echo === undefined ? undefined : decimal('--echo', echo),
    volumes: volumes === 'first' || volumes === 'all' ? volumes : undefined,
    quality: wholeNumber('--quality', values.quality),
    maxSide: wholeNumber('--max-side', values.maxSide),
    maxByteLength:
      values.maxByteLength === undefined ? undefined : byteLength('--max-byte-length', values.maxByteLength),
    ...(values.forModel === true ? modelOptions(values) : {}),
  };
}
