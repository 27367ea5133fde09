import { type Command, InvalidArgumentError, type Option } from 'commander';
import { nearestName } from '../base/nearest-name.ts';
import { type Config, type ConfigValue, type KnownOptions, readConfig } from './config-file.ts';
import type { Context } from './context.ts';
import { withSubcommands } from './every-command.ts';
import { OptionError } from './values.ts';

const prefix = 'DICOM_SERIES_PREVIEW_';

/** Options that are to be given in each call: what writes, removes, or tells about patients. */
const neverByDefault = new Set(['help', 'version', 'config', 'all', 'json', 'includePatient', 'includeLabel']);

/** Variables that are no options. */
const otherVariables = ['CONFIG', 'TOKEN', 'HTTP_USER', 'HTTP_PASSWORD', 'CACHE_DIR', 'COLOR'];

/** Options of which one makes no sense beside the other: the one from the higher place counts. */
const contraries: readonly (readonly [string, string])[] = [
  ['imageWidth', 'width'],
  ['imageWidth', 'height'],
  ['tileWidth', 'columns'],
  ['tileHeight', 'rows'],
  ['quiet', 'verbose'],
];

/** What set an option, for messages: by its name on the command line. */
export type Origins = Map<string, string>;

/** The name of an option in the file: `tileWidth` for --tile-width, `noCache` for --no-cache. */
export function configName(option: Option): string {
  return option.name().replaceAll(/-(.)/g, (_whole, letter: string) => letter.toUpperCase());
}

/** The variable of the environment that sets an option; undefined for options that are to be given in each call. */
export function variableOf(option: Option): string | undefined {
  // A hidden option that needs a value is another name of a visible one (--columns); others are there to be refused.
  if ((option.hidden && !option.required) || neverByDefault.has(configName(option))) return undefined;
  return `${prefix}${option.name().replaceAll('-', '_').toUpperCase()}`;
}

/**
 * Sets the options of a command that the command line does not: from the environment, then from the file of defaults.
 *
 * @param program all commands, which are made only where they are needed
 * @param warn is told of variables that mean nothing
 * @throws OptionError for what is wrong in the file or in a variable
 */
export async function applyDefaults(
  command: Command,
  program: () => Promise<Command>,
  environment: NonNullable<Context['environment']>,
  warn: (message: string) => void,
): Promise<Origins> {
  const { config: named } = command.opts<{ readonly config?: string }>();
  const config = await readConfig(named, environment, async () => knownOptions(await program()));
  const origins: Origins = new Map();
  const options = command.options.filter((option) => variableOf(option) !== undefined);
  for (const [source, find, above] of layersOf(command, environment, config)) {
    for (const option of options) {
      const [value, origin] = find(option);
      if (value === undefined || isSet(command, option.attributeName(), [...above, source])) continue;
      const others = contrariesOf(option.attributeName());
      if (others.some((other) => isSet(command, other, above))) continue;
      set(command, option, value, source, origin);
      origins.set(option.long ?? '', origin);
    }
  }
  await warnOfUnknown(program, environment, warn);
  return origins;
}

type Layer = readonly [
  source: string,
  find: (option: Option) => readonly [value: ConfigValue | undefined, origin: string],
  above: readonly string[],
];

function layersOf(
  command: Command,
  environment: NonNullable<Context['environment']>,
  config: Config | undefined,
): readonly Layer[] {
  const section = config?.byCommand.get(nameOf(command));
  return [
    [
      'env',
      (option) => {
        const variable = variableOf(option) ?? '';
        const text = environment[variable];
        return [text === undefined || text === '' ? undefined : fromVariable(option, text, variable), variable];
      },
      ['cli'],
    ],
    [
      'config',
      (option) => [
        section?.get(configName(option)) ?? config?.all.get(configName(option)),
        `'${configName(option)}' in '${config?.path}'`,
      ],
      ['cli', 'env'],
    ],
  ];
}

function fromVariable(option: Option, text: string, variable: string): ConfigValue {
  if (takesValue(option)) return text.split('\n').filter((line) => line !== '');
  const value = new Map([
    ...['1', 'true', 'yes'].map((word) => [word, true] as const),
    ...['0', 'false', 'no'].map((word) => [word, false] as const),
  ]).get(text.toLowerCase());
  if (value === undefined) throw new OptionError(`Expected true or false in ${variable} but received '${text}'.`);
  return value;
}

function set(command: Command, option: Option, value: ConfigValue, source: string, origin: string): void {
  const key = option.attributeName();
  if (!takesValue(option)) {
    if (typeof value !== 'boolean') throw new OptionError(`Expected true or false for ${origin}.`);
    // What is off is as if it were not given, and not asked for further down.
    command.setOptionValueWithSource(key, option.negate ? !value : value || undefined, source);
    return;
  }
  const texts = textsOf(value);
  if (texts === undefined || (texts.length !== 1 && option.parseArg === undefined)) {
    throw new OptionError(`Expected one text or number for ${origin}.`);
  }
  let parsed: unknown;
  for (const text of texts) parsed = option.parseArg === undefined ? text : parsedOf(option, text, parsed, origin);
  command.setOptionValueWithSource(key, parsed, source);
}

function parsedOf(option: Option, text: string, before: unknown, origin: string): unknown {
  try {
    return Reflect.apply(option.parseArg ?? String, undefined, [text, before]);
  } catch (error) {
    const isExpected = error instanceof InvalidArgumentError || error instanceof OptionError;
    throw isExpected ? new OptionError(`${error.message} It comes from ${origin}.`) : error;
  }
}

function textsOf(value: ConfigValue): readonly string[] | undefined {
  if (typeof value === 'boolean') return undefined;
  if (typeof value !== 'object') return [String(value)];
  if (isList(value)) return value.map(String);
  return Object.entries(value).map(([name, number]) => `${name}=${number}`);
}

function isList(value: ConfigValue): value is readonly (string | number)[] {
  return Array.isArray(value);
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function isSet(command: Command, key: string, sources: readonly string[]): boolean {
  const source = command.getOptionValueSource(key);
  return typeof source === 'string' && sources.includes(source);
}

function contrariesOf(key: string): readonly string[] {
  return contraries.flatMap(([one, other]) => (one === key ? [other] : other === key ? [one] : []));
}

/** `index build`. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${nameOf(parent)} ${command.name()}`;
}

function knownOptions(program: Command): KnownOptions {
  const leaves = withSubcommands(program).filter((command) => command !== program && command.commands.length === 0);
  return new Map(
    leaves.map((command) => {
      const names = command.options.filter((option) => variableOf(option) !== undefined).map(configName);
      return [nameOf(command), new Set(names)] as const;
    }),
  );
}

async function warnOfUnknown(
  program: () => Promise<Command>,
  environment: NonNullable<Context['environment']>,
  warn: (message: string) => void,
): Promise<void> {
  const known = new Set(otherVariables.map((name) => `${prefix}${name}`));
  if (!Object.keys(environment).some((name) => name.startsWith(prefix) && !known.has(name))) return;
  for (const { options } of withSubcommands(await program())) {
    for (const option of options) known.add(variableOf(option) ?? '');
  }
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(prefix) || known.has(name)) continue;
    const nearest = nearestName(name, known);
    warn(`The variable ${name} has no meaning.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`);
  }
}
