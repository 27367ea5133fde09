import { Command } from 'commander';
import { atlasCommand } from './atlas.ts';
import { completionCommand } from './completion.ts';
import { type Context, say } from './context.ts';
import { contrastSheetCommand } from './contrast-sheet.ts';
import { applyDefaults, type Origins } from './defaults.ts';
import { addOptionsOfAll, checkOptionsOfAll, withSubcommands } from './every-command.ts';
import { filmCommand } from './film.ts';
import { getImageCommand } from './get-image.ts';
import { headersCommand } from './headers.ts';
import { indexCommand } from './index-command.ts';
import { infoCommand } from './info.ts';
import { listCommand } from './list.ts';
import { mcpCommand } from './mcp.ts';
import { mosaicCommand } from './mosaic.ts';
import { planesCommand } from './planes.ts';
import { serveCommand } from './serve.ts';
import { showCommand } from './show.ts';

/** The build puts the version of package.json here. */
declare const PACKAGE_VERSION: string;

const after = (program: string): string => `
Examples:
  $ ${program} mosaic 38902e14-b11f-4548-910e-771ee757dc82 mosaic.webp
  $ ${program} mosaic ./CT mosaic.png --contrast lung
  $ ${program} get-image ./CT middle.webp --position 0.5
  $ ${program} list ./archive
  $ ${program} info ./CT
  $ ${program} headers ./CT headers.parquet
  $ ${program} mcp --root ./archive

'${program} mosaic --help' lists the options of a command.

Exit codes: 0 done, 1 unexpected or not writable, 2 usage, 3 not found or no
access, 4 not valid DICOM, 5 unsupported, 6 done in part (tiles failed, or
objects could not be read), 7 refused by --strict-privacy, 130 interrupted.`;

/** Commands that are made alone where they are asked for. */
const usualCommands: ReadonlyMap<string, typeof mosaicCommand> = new Map([
  ['mosaic', mosaicCommand],
  ['get-image', getImageCommand],
  ['image', getImageCommand],
  ['info', infoCommand],
]);

/**
 * The whole program. It never ends the process: it throws errors, and hands exit codes over.
 *
 * @param origins is told which options the environment or the file of defaults has set
 * @param asked a command's name: of the usual ones it alone is made, since making all of them takes as long as a start
 */
export function createProgram(
  context: Context,
  setExitCode: (code: number) => void,
  origins: Origins = new Map(),
  asked?: string,
): Command {
  const program = new Command(context.programName)
    .description('What is in this DICOM series? A mosaic or one image of it, from S3, HTTP or a local disk.')
    .version(PACKAGE_VERSION, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', after(context.programName));
  const commands = [
    ...[mosaicCommand, getImageCommand, contrastSheetCommand, planesCommand, filmCommand, showCommand],
    ...[listCommand, infoCommand, headersCommand, indexCommand, atlasCommand, serveCommand, mcpCommand],
    completionCommand,
  ];
  const usual = usualCommands.get(asked ?? '');
  for (const create of usual === undefined ? commands : [usual]) program.addCommand(create(context, setExitCode));
  for (const command of withSubcommands(program)) {
    addOptionsOfAll(command);
    command
      .helpOption('-h, --help', 'print this help')
      .exitOverride()
      .configureOutput({
        writeOut: (text) => context.stdout.write(text),
        writeErr: (text) => context.stderr.write(text),
        // A terminal that has no columns, as it says, gets lines as wide as a file does.
        getOutHelpWidth: () => (context.stdout.isTTY === true ? context.stdout.columns : undefined) || 80,
        getErrHelpWidth: () => (context.stderr.isTTY === true ? context.stderr.columns : undefined) || 80,
        // The caller says once what is wrong, from the error that is thrown.
        outputError: () => undefined,
      });
  }
  program.hook('preAction', (_program, command) => {
    const warn = (message: string): void => say(context.stderr, `warning: ${message}`);
    const isQuiet = command.opts<{ readonly quiet?: true }>().quiet === true;
    const whole = (): Command => (usual === undefined ? program : createProgram(context, setExitCode));
    const found = applyDefaults(command, whole, context.environment ?? process.env, isQuiet ? () => undefined : warn);
    for (const [option, origin] of found) origins.set(option, origin);
    checkOptionsOfAll(command);
  });
  return program;
}
