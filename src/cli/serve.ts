import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { type Context, say } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { listedCommand } from './listed-commands.ts';
import { checkLocalRoot } from './local-root.ts';
import {
  addRootOption,
  addStorageOptions,
  optionWithDefault,
  type StorageValues,
  storageOptionsOf,
} from './storage-options.ts';
import { OptionError, wholeNumber } from './values.ts';

interface ServerValues {
  readonly host: string;
  readonly port: string;
  readonly token?: string | true;
  readonly logUids?: true;
  readonly quiet?: true;
}

interface ServeValues extends ServerValues, StorageValues {
  readonly pictures?: string;
  readonly waiting: string;
}

/** What is in work when a server is told to end gets so long. */
const graceMs = 10_000;
const tokenVariable = 'DICOM_SERIES_PREVIEW_TOKEN';

const examples = (program: string): string => `
Examples:
  Pictures of the series in a folder, for programs on this computer:
  $ ${program} serve --root ./archive
  $ curl -o lungs.webp 'http://127.0.0.1:8080/series/1.2.840.1/mosaic.webp?contrast=lung&columns=4'

  Of a bucket, for others who know the token:
  $ ${tokenVariable}=secret ${program} serve --root s3://archive/ --host 0.0.0.0

What is served: /series/UID/mosaic.webp (columns, rows, samples, start, end,
skip-blank), /series/UID/image.webp (position, frame), both with width, contrast,
colormap, volume, labels, crop, quality, and as .jpg, .png or .avif;
/series/UID/info, /list (limit, details), /healthz, /metrics (Prometheus).
Series are named by UID or UUID; nothing outside the root is read. No TLS: put a
proxy in front where others than this computer ask.`;

/** `serve --root ROOT`. */
export function serveCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('serve');
  addRootOption(command);
  command
    .option('--pictures <count>', 'pictures in work at a time (default: twice the processors, 16 at most)')
    .addOption(optionWithDefault('--waiting <count>', 'requests in work or waiting at most; others get 429', '32'));
  addServerOptions(command);
  return addStorageOptions(command)
    .addHelpText('after', examples(context.programName))
    .action(async (values: ServeValues) => {
      const { root, ...storage } = storageOptionsOf(values);
      if (root === undefined) throw new OptionError('Expected --root: nothing outside it is read.');
      const pictures = values.pictures === undefined ? undefined : positive('--pictures', values.pictures);
      const maxWaiting = positive('--waiting', values.waiting);
      await checkLocalRoot(root);
      await serve(context, values, async (gate) => {
        const { createPreviewApp } = await import('../serve/index.ts');
        const previewer = createPreviewApp(gate, { root, storage, pictures, maxWaiting });
        return () => previewer.close();
      });
      setExitCode(exitCodes.done);
    });
}

/** `atlas serve OUT`. */
export function atlasServeCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = new Command('serve')
    .description('Show an atlas in a browser: its page, its table and its pictures over HTTP.')
    .argument('OUT', 'the folder where the atlas was written');
  return addServerOptions(command).action(async (folder: string, values: ServerValues) => {
    await serve(context, values, async (gate) => {
      const { createAtlasApp } = await import('../serve/index.ts');
      await createAtlasApp(gate, { folder });
      return async () => undefined;
    });
    setExitCode(exitCodes.done);
  });
}

function addServerOptions(command: Command): Command {
  return command
    .addOption(optionWithDefault('--host <address>', 'the address to listen at: this computer alone', '127.0.0.1'))
    .addOption(optionWithDefault('--port <number>', 'the port; 0 for any that is free', '8080'))
    .option('--token [text]', `what clients must know; made up where it is left out (or ${tokenVariable})`)
    .option('--log-uids', 'write paths with their UIDs into the log of requests')
    .option('--quiet', 'print nothing but the address and errors');
}

type Gate = ReturnType<typeof import('../serve/index.ts')['createGate']>;

async function serve(
  { stdout, stderr, signal, allowMs }: Context,
  { host, port, token, logUids, quiet }: ServerValues,
  addRoutes: (gate: Gate) => Promise<() => Promise<void>>,
): Promise<void> {
  const portNumber = wholeNumber('--port', port);
  if (portNumber < 0 || portNumber > 65_535) {
    throw new OptionError(`Expected a port from 0 to 65535 for --port but received ${portNumber}.`);
  }
  const isMadeUp = token === true;
  const wanted = isMadeUp
    ? randomBytes(18).toString('base64url')
    : (token ?? (process.env[tokenVariable] || undefined));
  const { createGate, listen } = await import('../serve/index.ts');
  const onLog = quiet === true ? undefined : (line: string): void => say(stderr, line);
  const gate = createGate({ host, token: wanted, onLog, logUids });
  const close = await addRoutes(gate);
  allowMs?.(graceMs + 1000);
  try {
    await listen(gate.app, {
      ...{ host, port: portNumber, signal, graceMs },
      onListening: (url) => {
        say(stdout, isMadeUp ? `${url}?token=${wanted}` : url);
        const isOpen = wanted === undefined && !/^(127\.|localhost$|::1$)/.test(host);
        if (isOpen)
          say(stderr, 'warning: Whoever reaches this address may look at the series. --token asks for a word.');
      },
    });
  } finally {
    await close();
  }
}

function positive(option: string, text: string): number {
  const number = wholeNumber(option, text);
  if (number >= 1) return number;
  throw new OptionError(`Expected 1 or more for ${option} but received ${number}.`);
}
