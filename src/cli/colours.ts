import type { Context, TextStream } from './context.ts';

export const colourChoices = ['auto', 'always', 'never'] as const;

/**
 * The stream with its colours turned on or off: --color decides, then FORCE_COLOR, then NO_COLOR (no-color.org), then whether
 * it is a terminal that knows colours.
 *
 * @param args the bare arguments, since errors in them are coloured too
 */
export function withColours(
  stream: TextStream,
  args: readonly string[],
  environment: Context['environment'],
): TextStream {
  const isColoured = wantsColours(stream, choiceIn(args, environment), environment ?? {});
  return {
    isColoured,
    write: (chunk, done) => stream.write(chunk, done),
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 0;
    },
  };
}

function wantsColours(
  stream: TextStream,
  choice: string | undefined,
  environment: NonNullable<Context['environment']>,
): boolean {
  if (choice === 'always' || choice === 'never') return choice === 'always';
  const { FORCE_COLOR: forced = '', NO_COLOR: refused = '', TERM: terminal } = environment;
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return refused === '' && stream.isTTY === true && terminal !== 'dumb';
}

function choiceIn(args: readonly string[], environment: Context['environment']): string | undefined {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  const at = options.findLastIndex((arg) => arg === '--color' || arg.startsWith('--color='));
  const given = options[at]?.startsWith('--color=') === true ? options[at].slice('--color='.length) : options[at + 1];
  return at === -1 ? environment?.['DICOM_SERIES_PREVIEW_COLOR'] : given;
}
