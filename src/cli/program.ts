import { Command } from 'commander';
import { type Context, say } from './context.ts';
import { applyDefaults, type Origins } from './defaults.ts';
import { addOptionsOfAll, checkOptionsOfAll, isLeaf, withSubcommands } from './every-command.ts';

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

/** Makes a command. */
export type CreateCommand = (context: Context, setExitCode: (code: number) => void) => Command;

interface ProgramOptions {
  /** Is told which options the environment or the file of defaults has set. */
  readonly origins?: Origins;
  /** All commands, where `commands` are not: for the names of all options. */
  readonly allCommands?: () => Promise<readonly CreateCommand[]>;
}

/**
 * The program, of some commands or all. It never ends the process: it throws errors, and hands exit codes over.
 */
export function createProgram(
  context: Context,
  setExitCode: (code: number) => void,
  commands: readonly CreateCommand[],
  { origins = new Map(), allCommands }: ProgramOptions = {},
): Command {
  const program = new Command(context.programName)
    .description('What is in this DICOM series? A mosaic or one image of it, from S3, HTTP or a local disk.')
    .version(PACKAGE_VERSION, '-V, --version', 'print the version')
    .addHelpText('after', after(context.programName));
  for (const create of commands) program.addCommand(create(context, setExitCode));
  for (const command of withSubcommands(program)) {
    addOptionsOfAll(command);
    if (!isLeaf(command)) command.helpCommand('help [command]', 'print the help of a command');
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
  program.hook('preAction', async (_program, command) => {
    const warn = (message: string): void => say(context.stderr, `warning: ${message}`);
    const isQuiet = command.opts<{ readonly quiet?: true }>().quiet === true;
    const whole = async (): Promise<Command> =>
      allCommands === undefined ? program : createProgram(context, setExitCode, await allCommands());
    const environment = context.environment ?? process.env;
    const found = await applyDefaults(command, whole, environment, isQuiet ? () => undefined : warn);
    for (const [option, origin] of found) origins.set(option, origin);
    checkOptionsOfAll(command);
  });
  return program;
}
