import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { nearestName } from '../base/nearest-name.ts';
import { OptionError } from './values.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A value of the file: as on the command line, or true and false for options that take none. */
export type ConfigValue = string | number | boolean | readonly (string | number)[] | Readonly<Record<string, number>>;

/** Defaults by option, and by command and option. */
export interface Config {
  readonly path: string;
  readonly all: ReadonlyMap<string, ConfigValue>;
  readonly byCommand: ReadonlyMap<string, ReadonlyMap<string, ConfigValue>>;
}

/** The options that a file may set: by the name of each command. */
export type KnownOptions = ReadonlyMap<string, ReadonlySet<string>>;

/** Why some options may not stand in a file. */
const refusals: Readonly<Record<string, string>> = {
  header:
    'Headers hold secrets, and files of this kind are copied and shared: use DICOM_SERIES_PREVIEW_TOKEN and the like.',
  json: 'Name it in each call.',
  config: 'A file cannot name another one.',
  color: 'It must be known before the file is read: set DICOM_SERIES_PREVIEW_COLOR, NO_COLOR or FORCE_COLOR.',
  includePatient: 'What tells about patients is to be asked for each time.',
  includeLabel: 'What tells about patients is to be asked for each time.',
  all: 'Name it in each call.',
};

/**
 * Reads the file of defaults: the one that is named, else that of DICOM_SERIES_PREVIEW_CONFIG (empty for none), else the
 * user's own, if there is one.
 *
 * @throws OptionError for a file that is not there though it is named, that is no JSON object of options, and for secrets
 */
export async function readConfig(
  named: string | undefined,
  environment: Environment,
  known: () => Promise<KnownOptions>,
  platform: NodeJS.Platform = process.platform,
): Promise<Config | undefined> {
  const chosen = named ?? environment['DICOM_SERIES_PREVIEW_CONFIG'];
  if (chosen === '') return undefined;
  const path = chosen ?? configPath(environment, platform);
  if (path === undefined) return undefined;
  const text = contentOf(path, chosen !== undefined);
  return text === undefined ? undefined : parseConfig(path, text, await known());
}

/** `$XDG_CONFIG_HOME/dicom-series-preview/config.json`, or the same in the platform's folder. */
export function configPath(environment: Environment, platform: NodeJS.Platform): string | undefined {
  const file = join('dicom-series-preview', 'config.json');
  const { XDG_CONFIG_HOME: xdg = '', APPDATA: appData = '', HOME: home = homeOfUser() } = environment;
  // The XDG Base Directory Specification says to ignore relative paths.
  if (isAbsolute(xdg)) return join(xdg, file);
  if (platform === 'win32') return appData === '' ? undefined : join(appData, file);
  if (home === '') return undefined;
  return platform === 'darwin' ? join(home, 'Library', 'Application Support', file) : join(home, '.config', file);
}

function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

function contentOf(path: string, isChosen: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!isChosen && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
    throw new OptionError(`Expected a file of defaults at '${path}' but it cannot be read (${code}).`);
  }
}

function parseConfig(path: string, text: string, known: KnownOptions): Config {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new OptionError(`Expected JSON in '${path}' but it is none. An example: {"contrast": "auto"}`);
  }
  const everything = new Set([...known.values()].flatMap((names) => [...names]));
  const all = new Map<string, ConfigValue>();
  const byCommand = new Map<string, ReadonlyMap<string, ConfigValue>>();
  for (const [name, each] of entriesOf(value, path, 'the file')) {
    const ofCommand = known.get(name);
    if (ofCommand === undefined) {
      checkName(path, name, everything, [...known.keys()]);
      all.set(name, checkValue(path, name, each));
      continue;
    }
    const section = new Map<string, ConfigValue>();
    for (const [option, inner] of entriesOf(each, path, `'${name}'`)) {
      checkName(path, option, ofCommand, []);
      section.set(option, checkValue(path, option, inner));
    }
    byCommand.set(name, section);
  }
  return { path, all, byCommand };
}

function entriesOf(value: unknown, path: string, what: string): readonly (readonly [string, unknown])[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw new OptionError(`Expected an object of options for ${what} in '${path}', such as {"contrast": "auto"}.`);
}

function checkName(path: string, name: string, options: ReadonlySet<string>, commands: readonly string[]): void {
  const refusal = Object.hasOwn(refusals, name) ? refusals[name] : undefined;
  if (refusal !== undefined) throw new OptionError(`Expected no '${name}' in '${path}'. ${refusal}`);
  if (options.has(name)) return;
  const nearest = nearestName(name, [...options, ...commands]);
  const hint =
    nearest === undefined
      ? 'Names are those of the options, without -- and hyphens: tileWidth for --tile-width.'
      : `Did you mean '${nearest}'?`;
  throw new OptionError(`There is no option '${name}' for '${path}' to set. ${hint}`);
}

function checkValue(path: string, name: string, value: unknown): ConfigValue {
  const isPlain = (each: unknown): each is string | number => typeof each === 'string' || typeof each === 'number';
  if (typeof value === 'boolean') return value;
  if (isPlain(value)) return withoutSecret(path, name, value);
  if (Array.isArray(value) && value.every(isPlain)) return value.map((each) => withoutSecret(path, name, each));
  if (isNumbers(value)) return value;
  throw new OptionError(`Expected a text, a number, true, false or a list of texts for '${name}' in '${path}'.`);
}

function isNumbers(value: unknown): value is Readonly<Record<string, number>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.values(value).every((each) => typeof each === 'number');
}

function withoutSecret(path: string, name: string, value: string | number): string | number {
  // A user name and password, or a signature, in a URL.
  if (typeof value === 'number' || !/^[a-z][a-z0-9+.-]*:\/\/([^/?#]*@|.*[?#])/i.test(value)) return value;
  throw new OptionError(
    `Expected no user name, password or query in the URL of '${name}' in '${path}': files of this kind are copied and shared. Use the variables of the environment for secrets.`,
  );
}
