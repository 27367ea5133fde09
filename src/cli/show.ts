import type { Command } from 'commander';
import type { Context } from './context.ts';
import { deliver } from './deliver.ts';
import { listedCommand } from './listed-commands.ts';
import { addCommonOptions, addPictureOptions, type SharedValues, seriesArgument } from './shared-options.ts';
import { addRootOption } from './storage-options.ts';
import { protocolOption, type Screen, screenOf } from './terminal.ts';
import { decimal, wholeNumber } from './values.ts';

interface ShowValues extends SharedValues {
  readonly columns?: string;
  readonly rows?: string;
  readonly samples?: string;
  readonly start?: string;
  readonly end?: string;
}

const examples = (program: string): string => `
Examples:
  What is in this folder?
  $ ${program} show ./CT

  Twelve images of the chest in the lung window, four a row:
  $ ${program} show ./CT -n 12 --columns 4 --contrast lung

  To a terminal that shows sixel graphics but does not say so:
  $ ${program} show ./CT --protocol sixel

kitty, Ghostty, iTerm2, WezTerm and foot show the picture itself; every other
terminal shows it in coloured half-blocks. --show on the other picture commands
does the same with their pictures.`;

/** Images of this many characters at least, in half-blocks: smaller ones show nothing. */
const minBlocksPerImage = 24;
const maxImagesPerRow = 6;
/** Pixels of a character of usual fonts. */
const pixelsPerColumn = 8;

/** `show SERIES`. */
export function showCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('show').argument(...seriesArgument);
  addRootOption(command)
    .option('--columns <count>', 'images per row (default: as the terminal is wide)')
    .option('--rows <count>', 'images per column (default: as --columns)')
    .option('-n, --samples <count>', 'so many images at most')
    .option('--start <position>', 'leave out what lies before this position (default: 0.0)')
    .option('--end <position>', 'leave out what lies after this position (default: 1.0)');
  addPictureOptions(command);
  command.addOption(protocolOption());
  addCommonOptions(command);
  return command
    .addHelpText('after', examples(context.programName))
    .action(async (series: string, given: ShowValues) => {
      const values = { ...given, show: true } as const;
      const { columns, rows, samples, start, end } = values;
      const terminal = screenOf(context.stdout, values.protocol);
      const isSized = values.width !== undefined || values.height !== undefined || values.imageWidth !== undefined;
      const options = {
        columns:
          wholeNumber('--columns', columns) ??
          (samples === undefined && rows === undefined ? imagesPerRow(terminal) : undefined),
        rows: wholeNumber('--rows', rows),
        samples: wholeNumber('--samples', samples),
        start: start === undefined ? undefined : decimal('--start', start),
        end: end === undefined ? undefined : decimal('--end', end),
        fit: true,
      };
      setExitCode(
        await deliver(context, undefined, values, (library, shared) =>
          library.createMosaic(series, {
            ...shared,
            ...options,
            ...(isSized ? {} : { width: Math.max(16, widthOf(terminal)) }),
          }),
        ),
      );
    });
}

function isBlocks({ protocol }: Screen): boolean {
  return protocol === 'blocks' || protocol === 'blocks-256';
}

function imagesPerRow(screen: Screen): number {
  if (!isBlocks(screen)) return maxImagesPerRow;
  return Math.min(maxImagesPerRow, Math.max(1, Math.floor(screen.columns / minBlocksPerImage)));
}

/** Pixels of the whole picture. */
function widthOf(screen: Screen): number {
  return isBlocks(screen) ? screen.columns : Math.min(16_383, screen.columns * pixelsPerColumn);
}
