import type { Command, Option } from 'commander';
import { withSubcommands } from './every-command.ts';

/** What a shell needs to know of a command. */
export interface CompletedCommand {
  /** Names from the program on, without it: `index build`; '' for the program. */
  readonly path: string;
  /** The paths that lead here: with the other names of commands too. */
  readonly paths: readonly string[];
  readonly description: string;
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  /** For the first argument, where it is one of a few words. */
  readonly words: readonly string[];
  readonly takesFiles: boolean;
  readonly options: readonly CompletedOption[];
}

export interface CompletedOption {
  readonly short: string | undefined;
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The name of the value, such as `pixels`. */
  readonly valueName: string;
  /** The values that it can have, or the common ones; empty for any. */
  readonly values: readonly string[];
  readonly isFile: boolean;
}

/** All commands of the program, from their definitions. */
export function completedCommands(program: Command): readonly CompletedCommand[] {
  return withSubcommands(program).map((command) => {
    const help = command.createHelp();
    const [path = '', ...others] = pathsOf(command);
    const argument = command.registeredArguments[0];
    return {
      path,
      paths: [path, ...others],
      description: command.description(),
      subcommands: help
        .visibleCommands(command)
        .flatMap((each) => [each.name(), ...each.aliases()].map((name) => ({ name, description: each.description() }))),
      words: argument?.argChoices ?? [],
      takesFiles: argument !== undefined && argument.argChoices === undefined,
      options: help.visibleOptions(command).map(completedOption),
    };
  });
}

function completedOption(option: Option): CompletedOption {
  const valueName = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? '';
  return {
    short: option.short,
    long: option.long ?? option.flags,
    description: option.description,
    takesValue: option.required || option.optional,
    valueName,
    values: option.argChoices ?? (valueName === '' ? [] : valuesIn(option.description)),
    isFile: /^(file|folder|location)$/.test(valueName),
  };
}

/** The values that a description lists: `webp, jpeg or png, in place of the extension`. */
function valuesIn(description: string): readonly string[] {
  const [list = ''] = description.split(/: (?=[a-z0-9-]+,)/).slice(-1);
  const values: string[] = [];
  for (const part of list.replace(/\s*\(.*$/, '').split(/, | or /)) {
    if (!/^[a-z][a-z0-9-]*$/.test(part)) break;
    values.push(part);
  }
  return values.length < 2 ? [] : values;
}

function pathsOf(command: Command): readonly string[] {
  const { parent } = command;
  if (parent === null) return [''];
  return pathsOf(parent).flatMap((before) =>
    [command.name(), ...command.aliases()].map((name) => `${before} ${name}`.trim()),
  );
}
