import { type Command, Option } from 'commander';
import type { StorageOptions } from '../index.ts';
import { addHeader, addLimit, secondsAsMs, wholeNumber } from './values.ts';

/** The options of every command that reads series, as commander hands them over. */
export interface StorageValues {
  readonly root?: string;
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly signRequest: boolean;
  readonly header?: Readonly<Record<string, string>>;
  readonly concurrency?: string;
  readonly timeout: string;
  readonly retries: string;
  readonly cacheDir?: string;
  readonly cache: boolean;
  readonly idcIndex?: string;
  readonly safetyLimit?: Readonly<Record<string, number>>;
}

/** An option with a default. The help shows it without the quotes that commander puts around text. */
export function optionWithDefault(flags: string, description: string, value: string): Option {
  return new Option(flags, description).default(value, value);
}

/**
 * Where series lie: first in the help of every command. The library knows the default, since it also looks for local
 * folders.
 */
export function addRootOption(command: Command): Command {
  return command.option(
    '--root <location>',
    'where series lie: s3://, https://, file:// or a folder (default: s3://idc-open-data)',
  );
}

/** How stores are reached, and what is kept of them. */
export function addStorageOptions(command: Command): Command {
  return command
    .option('--endpoint-url <url>', "another endpoint than Amazon's, Google's or Azure's own")
    .option('--region <name>', 'the S3 region')
    .option('--no-sign-request', 'send no credentials to S3, Google or Azure, even with some at hand')
    .addOption(
      new Option(
        '--header <name:value>',
        'a header for web servers and DICOMweb; may be given several times',
      ).argParser((text: string, before: Readonly<Record<string, string>> | undefined) =>
        addHeader(text, before ?? {}),
      ),
    )
    .option('--concurrency <count>', 'requests under way at most (default: adapts, up to 128)')
    .addOption(optionWithDefault('--timeout <seconds>', 'how long a reply may stay silent', '30'))
    .addOption(optionWithDefault('--retries <count>', 'times a failed request is tried again', '5'))
    .option('--cache-dir <folder>', "where indexes of series are kept (default: the platform's cache folder)")
    .option('--no-cache', 'keep no index of the series, and use none')
    .option('--idc-index <location>', 'a Parquet index of the IDC other than the published one: a URL or a file')
    .addOption(
      new Option(
        '--safety-limit <name=value>',
        'another limit for untrusted input, such as frames=100; may be given several times',
      ).argParser((text: string, before: Readonly<Record<string, number>> | undefined) => addLimit(text, before ?? {})),
    );
}

/** @throws OptionError for text that is not what an option takes; it names the option */
export function storageOptionsOf(values: StorageValues): StorageOptions {
  const { root, endpointUrl, region, concurrency, cacheDir, idcIndex } = values;
  return {
    root,
    endpointUrl,
    region,
    noSignRequest: !values.signRequest,
    headers: values.header,
    concurrency: wholeNumber('--concurrency', concurrency),
    timeoutMs: secondsAsMs('--timeout', values.timeout),
    retries: wholeNumber('--retries', values.retries),
    cacheDir,
    noCache: !values.cache,
    idcIndex,
    limits: values.safetyLimit,
  };
}
