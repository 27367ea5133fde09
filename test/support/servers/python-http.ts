import { findProgram, freePort, type RunningServer, startProcess, waitForHttp } from './process.ts';

/** Why python's http.server cannot be started here, or undefined. */
export function pythonMissing(): string | undefined {
  return findProgram('python3') === undefined ? 'python3 is not installed' : undefined;
}

/** Starts `python3 -m http.server`: HTML indexes, no ranges, HTTP/1.0. */
export async function startPythonHttp(options: { readonly folder: string }): Promise<RunningServer> {
  const port = await freePort();
  const args = ['-m', 'http.server', String(port), '--bind', '127.0.0.1', '--directory', options.folder];
  const server = startProcess(findProgram('python3') ?? 'python3', args);
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitForHttp(`${url}/`, 10_000, () => server.hasEnded());
  } catch (cause) {
    await server.stop();
    throw new Error(`python's http.server did not start: ${server.output()}`, { cause });
  }
  return { url, stop: () => server.stop() };
}
