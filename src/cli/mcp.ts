import type { Command } from 'commander';
import { type Context, say } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { listedCommand } from './listed-commands.ts';
import { checkLocalRoot } from './local-root.ts';
import { addStorageOptions, optionWithDefault, type StorageValues, storageOptionsOf } from './storage-options.ts';
import { OptionError, wholeNumber } from './values.ts';

interface McpValues extends Omit<StorageValues, 'root'> {
  readonly root?: readonly string[];
  readonly http?: true;
  readonly host?: string;
  readonly port?: string;
  readonly allowHost?: readonly string[];
}

/** The variable that the token is taken from: an option would be seen by everybody on the machine. */
const tokenVariable = 'DICOM_SERIES_PREVIEW_MCP_TOKEN';

const examples = (program: string): string => `
Examples:
  For a client on this computer, which starts it itself and speaks to it over
  standard input and output:
  $ ${program} mcp --root ./archive

  Two places, and nothing else:
  $ ${program} mcp --root ./archive --root s3://bucket/studies/

  Over HTTP, on this computer only; the token is printed, or taken from
  ${tokenVariable}:
  $ ${program} mcp --root ~/archive --http --port 8765

Tools: list_series, series_info, view_mosaic, view_image, read_headers, and for the
Imaging Data Commons find_idc_series. They read below the roots and nothing
else, write nothing, and tell nothing about the patient.`;

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** `mcp`. */
export function mcpCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('mcp')
    .option(
      '--root <location>',
      'what may be read, and nothing else: s3://, https://, file:// or a folder; may be given several times (default: the Imaging Data Commons)',
      collect,
    )
    .option('--http', 'serve over HTTP in place of standard input and output')
    .addOption(optionWithDefault('--host <name>', 'the address to listen at, with --http', '127.0.0.1'))
    .addOption(optionWithDefault('--port <number>', 'the port, with --http; 0 for any free one', '8765'))
    .option(
      '--allow-host <name>',
      'another name that clients may know this server by, with --http; may be given several times',
      collect,
    );
  return addStorageOptions(command)
    .addHelpText('after', examples(context.programName))
    .action(async (values: McpValues) => {
      const { root: roots = [], ...rest } = values;
      const { root: _, ...storage } = storageOptionsOf(rest);
      const http = httpOf(values);
      for (const root of roots) await checkLocalRoot(root);
      const { serveMcp } = await import('../mcp/index.ts');
      const { signal, stderr } = context;
      await serveMcp({ roots, storage, http, stdin: process.stdin, signal, log: (line) => say(stderr, line) });
      setExitCode(exitCodes.done);
    });
}

function httpOf({ http, host = '127.0.0.1', port = '8765', allowHost = [] }: McpValues):
  | {
      readonly host: string;
      readonly port: number;
      readonly token: string | undefined;
      readonly allowedHosts: readonly string[];
    }
  | undefined {
  const number = wholeNumber('--port', port);
  if (number < 0 || number > 65_535) throw new OptionError(`Expected 0 to 65535 for --port but received ${number}.`);
  if (http !== true) {
    if (allowHost.length > 0) throw new OptionError('Expected --allow-host together with --http.');
    return undefined;
  }
  const token = process.env[tokenVariable];
  if (token !== undefined && token.length < 16) {
    throw new OptionError(
      `Expected at least 16 characters in ${tokenVariable}. Leave it unset for a token made by chance.`,
    );
  }
  return { host, port: number, token, allowedHosts: allowHost };
}
