import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { colourChoices } from './colours.ts';
import { OptionError } from './values.ts';

/** A file is there that --no-clobber protects. */
class ExistingFileError extends Error {
  readonly code = 'output';
  override readonly name = 'ExistingFileError';
}

/** The command and all below it. */
export function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** Commands that do something, and do not only hold others. */
export function isLeaf(command: Command): boolean {
  return command.commands.length === 0;
}

/** Gives a command the options that all commands have. */
export function addOptionsOfAll(command: Command): void {
  if (!isLeaf(command)) return;
  if (outputsOf(command, []) !== undefined) {
    // Of mosaic, -n is --samples.
    const isTaken = command.options.some(({ short }) => short === '-n');
    command.option(isTaken ? '--no-clobber' : '-n, --no-clobber', 'replace no file that is there: an error instead');
  }
  command.option(
    '--config <file>',
    'defaults for options, as JSON; variables such as DICOM_SERIES_PREVIEW_ROOT come before it',
  );
  const color = new Option('--color <when>', 'colour the words warning and error (default: auto)');
  command.addOption(color.choices([...colourChoices]));
}

/** @throws what an option that all commands have refuses, before the command begins */
export function checkOptionsOfAll(command: Command): void {
  const values: Readonly<Record<string, unknown>> = command.opts();
  if (values['quiet'] === true && values['verbose'] === true) {
    throw new OptionError('Expected --quiet or --verbose, which contradict each other, but received both.');
  }
  if (values['clobber'] !== false) return;
  const json = typeof values['json'] === 'string' ? [values['json']] : [];
  const there = [...(outputsOf(command, command.args) ?? []), ...json].find((path) => path !== '-' && existsSync(path));
  if (there !== undefined) {
    throw new ExistingFileError(
      `Expected no file at '${there}', because --no-clobber was given, but there is one. Nothing was written: name another file.`,
    );
  }
}

/** What a command writes to; undefined for a command that has no OUTPUT. */
function outputsOf(command: Command, args: readonly string[]): readonly string[] | undefined {
  const at = command.registeredArguments.findIndex((argument) => /\bOUTPUT\b/.test(argument.name()));
  const output = command.registeredArguments[at];
  if (output === undefined) return undefined;
  // `SERIESUID... OUTPUT`: the last one.
  const given = output.variadic ? args.at(-1) : args[at];
  return given === undefined ? [] : [given];
}
