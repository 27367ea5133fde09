import { type Command, Option } from 'commander';
import type { FilmFormat } from '../index.ts';
import type { Context } from './context.ts';
import { deliverAs } from './deliver.ts';
import { listedCommand } from './listed-commands.ts';
import { addCommonOptions, addPictureOptions, type SharedValues, seriesArgument } from './shared-options.ts';
import { addRootOption } from './storage-options.ts';
import { decimal, wholeNumber } from './values.ts';

interface FilmValues extends SharedValues {
  readonly along?: 'space' | 'time' | 'frames';
  readonly fps?: string;
  readonly samples?: string;
  readonly loop: boolean;
  readonly bounce?: true;
  readonly start?: string;
  readonly end?: string;
}

const examples = (program: string): string => `
Examples:
  Through a CT from head to feet:
  $ ${program} film ./CT film.webp --contrast lung

  A beating heart, as often a second as it was recorded:
  $ ${program} film ./cine.dcm heart.mp4

  The slice in the middle of an fMRI series over time, to and fro:
  $ ${program} film ./fMRI time.gif --along time --fps 5 --bounce

WebP and GIF need nothing else; MP4 and WebM are encoded by ffmpeg, if that is
installed.`;

/** `film SERIES OUTPUT`, alias `video`. */
export function filmCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('film')
    .argument(...seriesArgument)
    .argument('OUTPUT', 'the film: a file ending in .webp, .gif, .mp4 or .webm, or - for standard output');
  addRootOption(command)
    .addOption(
      new Option('--along <what>', 'what changes from frame to frame (default: by what the series is)').choices([
        ...['space', 'time', 'frames'],
      ]),
    )
    .option('--fps <number>', "frames per second (default: the series' own rate, else 10)")
    .option('-n, --samples <count>', 'so many frames at most, evenly spaced (default: 120)')
    .option('--start <position>', 'leave out what lies before this position (default: 0.0)')
    .option('--end <position>', 'leave out what lies after this position (default: 1.0)')
    .option('--bounce', 'run to the end and back')
    .option('--no-loop', 'stop at the end (MP4 and WebM: as the player likes)')
    .option('--image-width <pixels>', "width of the images, or 'native' for their own size (default: 256)");
  addPictureOptions(command, [
    '--image-width',
    '--addresses',
    '--crop',
    '--max-side',
    '--max-byte-length',
    '--for-model',
  ]);
  addCommonOptions(command, 'webp, gif, mp4 or webm');
  return command
    .addHelpText('after', examples(context.programName))
    .action(async (series: string, output: string, values: FilmValues) => {
      const { along, loop, bounce, fps, samples, start, end } = values;
      const options = {
        ...{ along, loop, bounce },
        fps: fps === undefined ? undefined : decimal('--fps', fps),
        samples: wholeNumber('--samples', samples),
        start: start === undefined ? undefined : decimal('--start', start),
        end: end === undefined ? undefined : decimal('--end', end),
      };
      setExitCode(
        await deliverAs<FilmFormat>(
          context,
          output,
          values,
          (library, shared) => library.createFilm(series, { ...shared, ...options }),
          (library, path, format) => library.filmFormatOf(path, format),
        ),
      );
    });
}
