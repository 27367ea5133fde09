import { CommanderError } from 'commander';
import { type Context, isClosedByReader, say } from './context.ts';
import { exitCodes, type Failure, failureOf } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { reportTargetOf, writeFailure } from './report-json.ts';

const commandNames = [
  'mosaic',
  'get-image',
  'image',
  'contrast-sheet',
  'contrast-mosaic',
  'planes',
  'film',
  'video',
  'index',
];

/**
 * Runs the program on its arguments (without the names of the interpreter and the script).
 *
 * @returns the exit code; nothing is thrown
 */
export async function run(args: readonly string[], context: Context): Promise<number> {
  const { stderr, programName, signal } = context;
  let exitCode: number = exitCodes.done;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // No arguments at all: commander has printed the help to standard error.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
    const failure = failureOfRun(error, signal);
    if (!args.includes('--quiet')) for (const warning of failure.warnings) say(stderr, `warning: ${warning}`);
    if (!isClosedByReader(error)) say(stderr, `error: ${failure.message}`);
    if (failure.exitCode === exitCodes.usage) say(stderr, hint(programName, args));
    if (failure.code === 'internal' && (args.includes('-v') || args.includes('--verbose')) && error instanceof Error) {
      say(stderr, error.stack ?? '');
    }
    const target = reportTargetOf(args);
    if (target !== undefined) {
      try {
        const isWritten = await writeFailure(context, target, failure);
        if (!isWritten) say(stderr, `error: '${target}' is not a report, so it was left as it is.`);
      } catch (second) {
        say(stderr, `error: ${failureOf(second).message}`);
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

function hint(programName: string, args: readonly string[]): string {
  const command = args.find((arg) => commandNames.includes(arg));
  return command === undefined
    ? `Commands are mosaic, get-image, contrast-sheet, planes, film and index; see '${programName} --help'.`
    : `See '${programName} ${command} --help' for all options.`;
}
