import { existsSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { withColours } from './colours.ts';
import { type Context, isClosedByReader, say } from './context.ts';
import type { Origins } from './defaults.ts';
import { exitCodes, type Failure, failureOf } from './exit-codes.ts';
import { getImageCommand } from './get-image.ts';
import { infoCommand } from './info.ts';
import { listedCommands } from './listed-commands.ts';
import { mosaicCommand } from './mosaic.ts';
import { type CreateCommand, createProgram } from './program.ts';
import { reportTargetOf, writeFailure } from './report-json.ts';

/** Commands that are made alone where they are asked for: loading and making all of them takes as long as a start. */
const usualCommands: ReadonlyMap<string | undefined, CreateCommand> = new Map([
  ['mosaic', mosaicCommand],
  ['get-image', getImageCommand],
  ['image', getImageCommand],
  ['info', infoCommand],
]);

/** Prints the list of commands, or the version. */
function needsList([first]: readonly string[]): boolean {
  return first === undefined || ['-h', '--help', '-V', '--version'].includes(first);
}

const loadAllCommands = async (): Promise<readonly CreateCommand[]> => (await import('./all-commands.ts')).allCommands;

/**
 * Runs the program on its arguments (without the names of the interpreter and the script).
 *
 * @returns the exit code; nothing is thrown
 */
export async function run(args: readonly string[], given: Context): Promise<number> {
  const environment = given.environment ?? process.env;
  const context = { ...given, environment, stderr: withColours(given.stderr, args, environment) };
  const { stderr, programName, signal } = context;
  let exitCode: number = exitCodes.done;
  const origins: Origins = new Map();
  const setExitCode = (code: number): void => {
    exitCode = code;
  };
  const usual = usualCommands.get(args[0]);
  const commands = usual !== undefined ? [usual] : needsList(args) ? listedCommands : await loadAllCommands();
  const program = createProgram(context, setExitCode, commands, { origins, allCommands: loadAllCommands });
  try {
    await program.parseAsync(helpOfSubcommand(args, program), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // No arguments at all: commander has printed the help to standard error.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
    const failure = failureOfRun(error, signal);
    if (!args.includes('--quiet')) for (const warning of failure.warnings) say(stderr, `warning: ${warning}`);
    if (!isClosedByReader(error)) say(stderr, `error: ${failure.message}`);
    for (const [option, origin] of origins) {
      // Nobody typed it in this call.
      if (failure.exitCode === exitCodes.usage && new RegExp(`${option}\\b(?!-)`).test(failure.message)) {
        say(stderr, `${option} was set by ${origin}.`);
      }
    }
    if (failure.exitCode === exitCodes.usage) say(stderr, hint(programName, program, args));
    if (failure.code === 'internal' && (args.includes('-v') || args.includes('--verbose')) && error instanceof Error) {
      say(stderr, error.stack ?? '');
    }
    const target = reportTargetOf(args);
    const isKept = args.includes('--no-clobber') || (error instanceof Error && error.name === 'ExistingFileError');
    if (target !== undefined && !(isKept && target !== '-' && existsSync(target))) {
      try {
        const isWritten = await writeFailure(context, target, failure);
        if (!isWritten) say(stderr, `error: '${target}' is not a report, so it was left as it is.`);
      } catch (second) {
        const { message } = failureOf(second);
        // Where the report cannot be written, that is often what went wrong in the first place.
        if (message !== failure.message) say(stderr, `error: ${message}`);
      }
    }
    return failure.exitCode;
  }
}

function failureOfRun(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) {
    const { warnings } = failureOf(error);
    return { code: 'aborted', message: 'Interrupted.', warnings, exitCode: exitCodes.interrupted };
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '');
    return { code: 'usage', message, warnings: [], exitCode: exitCodes.usage };
  }
  return failureOf(error);
}

/** `help index build` as `index help build`: commander looks at one name only. */
function helpOfSubcommand(args: readonly string[], program: Command): readonly string[] {
  const [first, name, ...more] = args;
  if (first !== 'help' || name === undefined || more.length === 0) return args;
  const command = program.commands.find((each) => each.name() === name || each.aliases().includes(name));
  return command === undefined || command.commands.length === 0 ? args : [name, 'help', ...more];
}

function hint(programName: string, program: Command, args: readonly string[]): string {
  const path = commandPath(program, args);
  if (path.length > 0) return `See '${programName} ${path.join(' ')} --help' for all options.`;
  const known = program.commands.map((each) => each.name());
  return `Commands are ${known.slice(0, -1).join(', ')} and ${known.at(-1)}; see '${programName} --help'.`;
}

/** The command that arguments name, as they name it: `index build`. Empty where they name none. */
function commandPath(parent: Command, args: readonly string[]): readonly string[] {
  for (const [index, arg] of args.entries()) {
    const command = parent.commands.find((each) => each.name() === arg || each.aliases().includes(arg));
    if (command !== undefined) return [arg, ...commandPath(command, args.slice(index + 1))];
  }
  return [];
}
