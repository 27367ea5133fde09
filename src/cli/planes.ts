import { type Command, Option } from 'commander';
import type { PlanesOptions } from '../index.ts';
import type { Context } from './context.ts';
import { deliver } from './deliver.ts';
import { listedCommand } from './listed-commands.ts';
import {
  addCommonOptions,
  addPictureOptions,
  addShowOptions,
  outputArgument,
  type SharedValues,
  seriesArgument,
} from './shared-options.ts';
import { addRootOption } from './storage-options.ts';
import { decimal, OptionError, wholeNumber } from './values.ts';

type At = NonNullable<PlanesOptions['at']>;

interface PlanesValues extends SharedValues {
  readonly at?: At;
  readonly projection?: 'max' | 'mean' | 'min';
  readonly slab?: string;
  readonly full?: true;
  readonly gap?: string;
}

/** Options of other pictures, and those that have another default here. */
const notShared = [
  ...['--image-width', '--height', '--labels', '--addresses', '--crop', '--filter', '--overlays', '--include-label'],
];

const examples = (program: string): string => `
Examples:
  The three planes through the middle of a series:
  $ ${program} planes ./CT planes.webp

  Planes elsewhere, 512 pixels wide, with the bone window:
  $ ${program} planes ./CT planes.png --at axial=0.2 --at sagittal=0.4 \\
      --image-width 512 --contrast bone

  The greatest values of 20 mm around each plane (a thin MIP):
  $ ${program} planes ./CTA mip.webp --projection max --slab 20

Positions run from 0.0 to 1.0: of the axial plane from superior to inferior, of
the coronal plane from anterior to posterior, of the sagittal plane from right
to left. Planes are those of the stack of images itself: where that is oblique,
labels and report say so. Missing images are drawn as striped gaps.`;

/** `planes SERIES OUTPUT`. */
export function planesCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('planes')
    .argument(...seriesArgument)
    .argument(...outputArgument);
  addRootOption(command)
    .addOption(
      new Option(
        '--at <plane=position>',
        'where the axial, coronal or sagittal plane lies, such as axial=0.3; may be repeated (default: 0.5 each)',
      ).argParser((text: string, before: At | undefined) => addPlace(text, before ?? {})),
    )
    .addOption(
      new Option('--projection <name>', 'join what lies one behind the other (default: a section)').choices([
        ...['max', 'mean', 'min'],
      ]),
    )
    .option('--slab <mm>', 'join only this thickness around each plane (default: all); alone: the mean')
    .option('--full', 'read all images, also from a server, not only as many as the picture needs')
    .option(
      '--image-width <pixels>',
      "width of the widest plane, or 'native' for the images' own pixels (default: 256)",
    )
    .option('--no-labels', 'leave out names, places, sides and scale bars')
    .option('--gap <pixels>', 'space between planes (default: 4)');
  addPictureOptions(command, notShared);
  addShowOptions(command);
  addCommonOptions(command);
  return command
    .addHelpText('after', examples(context.programName))
    .action(async (series: string, output: string | undefined, values: PlanesValues) => {
      const { at, projection, full, slab, gap } = values;
      const options = {
        // Planes are no tiles, and have no addresses: '--for-model' asks for them where there are some.
        ...{ at, projection, full, addresses: undefined },
        slab: slab === undefined ? undefined : decimal('--slab', slab),
        gap: wholeNumber('--gap', gap),
      };
      setExitCode(
        await deliver(context, output, values, (library, shared) =>
          library.createPlanes(series, { ...shared, ...options }),
        ),
      );
    });
}

/** Adds the place that one --at names to those before it. The library knows the range. */
function addPlace(text: string, before: At): At {
  const [, plane = '', position = ''] = /^\s*(axial|coronal|sagittal)\s*=\s*(\S+)\s*$/i.exec(text) ?? [];
  if (plane === '') {
    throw new OptionError(`Expected PLANE=POSITION, such as axial=0.3, for --at but received '${text}'.`);
  }
  return { ...before, [plane.toLowerCase()]: decimal('--at', position) };
}
