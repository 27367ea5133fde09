import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** A real server that a test started. */
export interface RunningServer {
  /** Without trailing slash. */
  readonly url: string;
  /** Ends its processes, waits for their end, and removes its temporary folder. */
  stop(): Promise<void>;
}

/** A port of 127.0.0.1 that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** The full path of a program, or undefined where it is not installed. Servers often lie in sbin, which PATH may lack. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/bin'];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

export function makeTemporaryFolder(name: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `dicom-series-preview-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Waits until the server answers HTTP at all; throws after `timeoutMs`, or when `hasEnded` says that it is no more. */
export async function waitForHttp(
  url: string,
  timeoutMs: number,
  hasEnded: () => boolean = () => false,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      const reply = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(2000) });
      await reply.arrayBuffer();
      return;
    } catch (cause) {
      if (hasEnded()) throw new Error(`the server for ${url} ended before it answered`, { cause });
      if (Date.now() > deadline) throw new Error(`no answer from ${url} within ${timeoutMs} ms`, { cause });
    }
    await setTimeout(25);
  }
}

export interface ServerProcess {
  hasEnded(): boolean;
  /** What it wrote to its standard output and error so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts a program in the foreground; `stop` ends it (SIGTERM, after 5 s SIGKILL) and waits for its end. */
export function startProcess(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): ServerProcess {
  const env = { ...process.env, ...options.env };
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd: options.cwd });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-20_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = true;
      resolve();
    });
    child.once('error', (error) => {
      output += String(error);
      ended = true;
      resolve();
    });
  });
  return {
    hasEnded: () => ended,
    output: () => output,
    async stop(): Promise<void> {
      if (ended) return;
      child.kill('SIGTERM');
      const killer = globalThis.setTimeout(() => child.kill('SIGKILL'), 5000);
      await end;
      clearTimeout(killer);
    },
  };
}

export interface ConfiguredServer {
  readonly program: string;
  /** The text of its configuration file. `folder` is a temporary one of its own. */
  readonly configOf: (place: { readonly folder: string; readonly port: number }) => string;
  /** What the program is started with. `path` is that of the configuration file. */
  readonly argsOf: (place: { readonly folder: string; readonly path: string }) => readonly string[];
  readonly envOf?: (folder: string) => Readonly<Record<string, string>>;
}

/** Starts a server with a configuration file on a free port of 127.0.0.1, and waits until it answers. */
export async function startConfigured(server: ConfiguredServer): Promise<RunningServer> {
  const { program, configOf, argsOf, envOf } = server;
  const temporary = makeTemporaryFolder(program);
  const port = await freePort();
  const path = join(temporary.path, 'server.conf');
  writeFileSync(path, configOf({ folder: temporary.path, port }));
  const args = argsOf({ folder: temporary.path, path });
  const running = startProcess(findProgram(program) ?? program, args, { env: envOf?.(temporary.path) ?? {} });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await running.stop();
    temporary.remove();
  };
  try {
    await waitForHttp(`${url}/`, 20_000, () => running.hasEnded());
  } catch (cause) {
    await stop();
    throw new Error(`${program} did not start: ${running.output()}`, { cause });
  }
  return { url, stop };
}
