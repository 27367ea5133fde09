import { type Command, Option } from 'commander';
import type { DraftBudget, MosaicViewOptions, OutputFormat } from '../index.ts';
import type { Context } from './context.ts';
import { checkedForModel, deliverAs } from './deliver.ts';
import { listedCommand } from './listed-commands.ts';
import {
  addCommonOptions,
  addDryRunOption,
  addPictureOptions,
  addRefusedOptions,
  addShowOptions,
  outputArgument,
  refuse,
  type SharedValues,
  seriesArgument,
} from './shared-options.ts';
import { addRootOption, optionWithDefault } from './storage-options.ts';
import { addBudget, decimal, wholeNumber } from './values.ts';

/** The options of a mosaic, as commander hands them over. */
export interface MosaicValues extends SharedValues {
  readonly tileWidth?: string;
  readonly tileHeight?: string;
  readonly columns?: string;
  readonly rows?: string;
  readonly samples?: string;
  readonly fit?: true;
  readonly skipBlank?: true;
  readonly gap?: string;
  readonly border?: string;
  readonly start: string;
  readonly end: string;
  readonly rowsBy?: 'volume';
  readonly draft?: true;
  readonly budget?: DraftBudget;
}

const refused = ['--position', '--slice-offset', '--frame'];

const examples = (program: string): string => `
Examples:
  A 6 x 6 mosaic of a series of the Imaging Data Commons:
  $ ${program} mosaic 38902e14-b11f-4548-910e-771ee757dc82 mosaic.webp

  A folder on this computer, 8 images in each of 4 rows, with the lung window:
  $ ${program} mosaic ./CT mosaic.png --tile-width 8 --tile-height 4 --contrast lung

  The middle half of a series on a web server, with larger images:
  $ ${program} mosaic https://example.org/series/1.2.840.1/ middle.jpg \\
      --start 0.25 --end 0.75 --image-width 256

  A quick look at thousands of instances far away, from a sample of their headers:
  $ ${program} mosaic s3://bucket/series/ look.webp --draft

  As much as 5 MB and two seconds allow:
  $ ${program} mosaic s3://bucket/series/ look.webp --budget 5MB --budget 2s

  A page for a browser, with windows to switch and images to enlarge:
  $ ${program} mosaic ./CT mosaic.html --columns 6

  The only series whose UUID starts so, to another program, with a report:
  $ ${program} mosaic '38902e14*' - --format webp --json report.json | display

Positions run from 0.0 (the first instance in spatial order; of an axial series
the superior end) to 1.0 (the last).`;

/** `mosaic SERIESUID OUTPUT`. */
export function mosaicCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('mosaic')
    .argument(...seriesArgument)
    .argument(
      outputArgument[0],
      'the picture: a file ending in .webp, .jpg, .png, .avif, .tiff or .html, or - for standard output; optional with --show',
    );
  addRootOption(command);
  addGridOptions(command);
  addPictureOptions(command);
  addMemberOptions(command)
    .option('--draft', 'read a sample of the headers and estimate where the images lie; marked in the picture')
    .addOption(
      new Option(
        '--budget <limit>',
        'bytes (5MB) or time (800ms) that reading may cost, or both in two of these; makes a draft',
      ).argParser((text: string, before: DraftBudget | undefined) => addBudget(text, before ?? {})),
    );
  addShowOptions(command);
  addCommonOptions(addDryRunOption(command), 'webp, jpeg, png, avif, tiff or html');
  addRefusedOptions(command, refused);
  return command
    .addHelpText('after', examples(context.programName))
    .action(async (series: string, output: string | undefined, values: MosaicValues) => {
      refuse(values, refused, "it chooses one instance, which is what 'get-image' shows. Use --start and --end here.");
      const { draft, budget } = values;
      const options = { ...mosaicOptionsOf(values), draft, budget };
      setExitCode(
        await deliverAs<OutputFormat | 'html'>(
          context,
          output,
          values,
          (library, shared) => library.createMosaic(series, { ...shared, ...options }),
          (library, path, format) => checkedForModel(values, library.mosaicFormatOf(path, format)),
          (library, shared) => library.planMosaic(series, { ...shared, ...options }),
        ),
      );
    });
}

/** The grid of a mosaic, and which members it shows. */
export function addMosaicOptions(command: Command): Command {
  return addMemberOptions(addGridOptions(command));
}

function addGridOptions(command: Command): Command {
  return command
    .option('--tile-width <count>', 'images per row; also --columns (default: 6)')
    .option('--tile-height <count>', 'images per column; also --rows (default: as --tile-width)')
    .addOption(new Option('--columns <count>', 'images per row').hideHelp())
    .addOption(new Option('--rows <count>', 'images per column').hideHelp())
    .option('-n, --samples <count>', 'at most this many images; without --columns and --rows the grid is about square')
    .option('--fit', 'make the grid no larger than the images need')
    .option('--skip-blank', 'replace blank images by others')
    .option('--gap <pixels>', 'space between images (default: 0)')
    .option('--border <pixels>', 'a grey line around each image (default: 0)');
}

function addMemberOptions(command: Command): Command {
  return command
    .addOption(optionWithDefault('--start <position>', 'leave out what lies before this position', '0.0'))
    .addOption(optionWithDefault('--end <position>', 'leave out what lies after this position', '1.0'))
    .addOption(new Option('--rows-by <what>', 'volume: a row for each volume of a 4D series').choices(['volume']));
}

/** @throws OptionError for text that is not what an option takes */
export function mosaicOptionsOf(values: MosaicValues): MosaicViewOptions {
  const { skipBlank, rowsBy } = values;
  return {
    tileWidth: wholeNumber('--tile-width', values.tileWidth),
    tileHeight: wholeNumber('--tile-height', values.tileHeight),
    columns: wholeNumber('--columns', values.columns),
    rows: wholeNumber('--rows', values.rows),
    samples: wholeNumber('--samples', values.samples),
    gap: wholeNumber('--gap', values.gap),
    border: wholeNumber('--border', values.border),
    fit: values.fit ?? values.forModel,
    skipBlank,
    start: decimal('--start', values.start),
    end: decimal('--end', values.end),
    rowsBy,
  };
}
