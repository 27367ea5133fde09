import type { Command } from 'commander';
import type { Context } from './context.ts';
import { deliver } from './deliver.ts';
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
import { decimal, OptionError, wholeNumber } from './values.ts';

interface GetImageValues extends SharedValues {
  readonly position?: string;
  readonly sliceOffset: string;
  readonly frame?: string;
}

const refusedRanges = ['--start', '--end'];
const refusedTiles = ['--tile-width', '--tile-height'];
const refusedDrafts = ['--draft', '--budget'];

const examples = (program: string): string => `
Examples:
  The instance in the middle of a series of the Imaging Data Commons:
  $ ${program} get-image 38902e14-b11f-4548-910e-771ee757dc82 middle.webp --position 0.5

  Three instances further on, at full size and without loss, with the bone window:
  $ ${program} get-image ./CT bone.png --position 0.5 --slice-offset 3 \\
      --image-width native --contrast bone

  The tenth frame of a multi-frame instance:
  $ ${program} get-image ./cine.dcm tenth.jpg --position 0 --frame 10

Positions run from 0.0 (the first instance in spatial order; of an axial series
the superior end) to 1.0 (the last).`;

/** `get-image SERIESUID OUTPUT`, alias `image`. */
export function getImageCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('get-image')
    .argument(...seriesArgument)
    .argument(...outputArgument);
  addRootOption(command)
    .option('--position <position>', 'required: 0.0 is the first instance in order, 1.0 the last')
    .addOption(optionWithDefault('--slice-offset <count>', 'this many instances further on in order, or back', '0'))
    .option('--frame <number>', 'show this frame, from 1, of a multi-frame instance');
  addPictureOptions(command);
  addShowOptions(command);
  addCommonOptions(addDryRunOption(command));
  addRefusedOptions(command, [...refusedRanges, ...refusedTiles, ...refusedDrafts]);
  return command
    .addHelpText('after', examples(context.programName))
    .action(async (series: string, output: string | undefined, values: GetImageValues) => {
      refuse(values, refusedRanges, 'get-image shows one instance, not a range. Say which with --position.');
      refuse(values, refusedDrafts, 'get-image shows the very instance at a position. Drafts are mosaics.');
      refuse(values, refusedTiles, "get-image shows one instance, not a grid. Use 'mosaic' for a grid.");
      if (values.position === undefined) {
        throw new OptionError(
          'Expected --position, a number from 0 (the first instance in order) to 1 (the last), but received none.',
        );
      }
      const options = {
        position: decimal('--position', values.position),
        sliceOffset: wholeNumber('--slice-offset', values.sliceOffset),
        frame: wholeNumber('--frame', values.frame),
      };
      setExitCode(
        await deliver(
          context,
          output,
          values,
          (library, shared) => library.createImage(series, { ...shared, ...options }),
          (library, shared) => library.planImage(series, { ...shared, ...options }),
        ),
      );
    });
}
