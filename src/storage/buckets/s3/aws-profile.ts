import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../../base/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;
/** Settings by name, in lower case. */
export type AwsSettings = Readonly<Record<string, string>>;

/**
 * Parses Amazon's configuration files: sections in brackets, `name = value`, comments from # or ; (inside a line only
 * after a space). Indented lines below a name without a value (`s3 =`) are settings of that name and are passed over.
 * The names of the sections are kept as they are written, without quotes.
 *
 * These few rules are the whole format. A library for them is 8 MB large and takes 15 ms to load.
 */
export function parseAwsFile(text: string): ReadonlyMap<string, AwsSettings> {
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> | undefined;
  let nested = false;
  for (const raw of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    const line = raw.replace(/(^|\s)[#;].*$/, '').trimEnd();
    if (line.trim() === '') continue;
    const header = /^\s*\[([^\]]+)\]\s*$/.exec(line);
    if (header !== null) {
      const name = (header[1] ?? '')
        .trim()
        .replace(/\s+/g, ' ')
        .replace(/"([^"]*)"$|'([^']*)'$/, '$1$2');
      section = sections.get(name) ?? {};
      sections.set(name, section);
      nested = false;
      continue;
    }
    if (nested && /^\s/.test(line)) continue;
    const equals = line.indexOf('=');
    if (section === undefined || equals < 0) continue;
    const value = line.slice(equals + 1).trim();
    section[line.slice(0, equals).trim().toLowerCase()] = value;
    nested = value === '';
  }
  return sections;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * The settings of the chosen profile (AWS_PROFILE, else `default`) from the config file and the credentials file; where
 * both have a setting, that of the credentials file counts. undefined where neither file has the profile. Throws a
 * UsageError when AWS_PROFILE names one that is in neither file.
 */
export function readAwsProfile(environment: Environment, home: string = homedir()): AwsSettings | undefined {
  const name = environment['AWS_PROFILE'] ?? environment['AWS_DEFAULT_PROFILE'] ?? 'default';
  const folder = join(home, '.aws');
  const config = parseAwsFile(readIfThere(environment['AWS_CONFIG_FILE'] ?? join(folder, 'config')));
  const secrets = parseAwsFile(readIfThere(environment['AWS_SHARED_CREDENTIALS_FILE'] ?? join(folder, 'credentials')));
  const parts = [
    config.get(`profile ${name}`) ?? (name === 'default' ? config.get(name) : undefined),
    secrets.get(name),
  ].filter((part) => part !== undefined);
  if (parts.length > 0) return Object.assign({}, ...parts);
  if (environment['AWS_PROFILE'] === undefined) return undefined;
  throw new UsageError(
    `AWS_PROFILE names the profile '${name}', which is neither in the AWS config file nor in the credentials file. ` +
      'Correct the name, or unset AWS_PROFILE.',
  );
}
