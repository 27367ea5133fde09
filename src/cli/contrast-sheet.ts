import type { Command } from 'commander';
import type { Context } from './context.ts';
import { deliver } from './deliver.ts';
import { listedCommand } from './listed-commands.ts';
import {
  addCommonOptions,
  addDryRunOption,
  addPictureOptions,
  addShowOptions,
  outputArgument,
  type SharedValues,
  seriesArgument,
} from './shared-options.ts';
import { addRootOption } from './storage-options.ts';
import { decimal, OptionError, wholeNumber } from './values.ts';

interface ContrastSheetValues extends Omit<SharedValues, 'contrast'> {
  readonly contrast?: readonly string[];
  readonly position?: readonly string[];
  readonly samples?: string;
  readonly start?: string;
  readonly end?: string;
  readonly gap?: string;
}

const examples = (program: string): string => `
Examples:
  Four images of a chest, each with the lung, the soft tissue and the bone window:
  $ ${program} contrast-sheet ./CT sheet.webp -c lung -c soft-tissue -c bone

  One place as it is stored, and with a window in numbers:
  $ ${program} contrast-sheet ./CT sheet.png -c stored -c 350,50 --position 0.4

Rows are places, columns are contrasts. Each image is read and decoded once.`;

/** `contrast-sheet SERIES OUTPUT -c CONTRAST...`, alias `contrast-mosaic`. */
export function contrastSheetCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('contrast-sheet')
    .argument(...seriesArgument)
    .argument(...outputArgument);
  addRootOption(command)
    .option('-c, --contrast <window>', 'required: a column each, as for mosaic; also stored; may be repeated', collect)
    .option(
      '--position <position>',
      'a row: 0.0 is the first instance in order, 1.0 the last; may be repeated',
      collect,
    )
    .option('-n, --samples <count>', 'so many rows at most, evenly spaced (default: 4)')
    .option('--start <position>', 'leave out what lies before this position (default: 0.0)')
    .option('--end <position>', 'leave out what lies after this position (default: 1.0)')
    .option('--no-labels', 'leave out contrasts, places, sides and scale bars')
    .option('--gap <pixels>', 'space between images (default: 2)');
  addPictureOptions(command, ['--contrast', '--labels']);
  addShowOptions(command);
  addCommonOptions(addDryRunOption(command));
  return command
    .addHelpText('after', examples(context.programName))
    .action(async (series: string, output: string | undefined, { contrast, ...values }: ContrastSheetValues) => {
      if (contrast === undefined) {
        throw new OptionError('Expected a contrast or more, such as -c lung -c bone, but received none.');
      }
      const { position, start, end, samples, gap } = values;
      const options = {
        contrasts: contrast,
        positions: position?.map((text) => decimal('--position', text)),
        samples: wholeNumber('--samples', samples),
        start: start === undefined ? undefined : decimal('--start', start),
        end: end === undefined ? undefined : decimal('--end', end),
        gap: wholeNumber('--gap', gap),
      };
      setExitCode(
        await deliver(
          context,
          output,
          values,
          (library, shared) => library.createContrastSheet(series, { ...shared, ...options }),
          (library, shared) => library.planContrastSheet(series, { ...shared, ...options }),
        ),
      );
    });
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
