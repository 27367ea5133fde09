import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { signAzure } from '../../../src/storage/buckets/azure/sign.ts';
import { azureUrl } from '../../../src/storage/buckets/azure/url.ts';
import { freePort, type RunningServer, startProcess, waitForHttp } from './process.ts';

const VERSION = '3.35.0';
/** 186 MB in 374 packages: kept out of the project's own, and between runs. */
const FOLDER = join(tmpdir(), `dicom-series-preview-azurite-${VERSION}`);
const MAIN = join(FOLDER, 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js');

/** Why Azurite cannot be started here, or undefined. Installs it with npm where it is not there yet. */
export async function azuriteMissing(): Promise<string | undefined> {
  if (existsSync(MAIN)) return undefined;
  mkdirSync(FOLDER, { recursive: true });
  const args = ['install', `azurite@${VERSION}`, '--prefix', FOLDER, '--no-audit', '--no-fund', '--no-save'];
  try {
    await promisify(execFile)('npm', args, { timeout: 170_000, shell: process.platform === 'win32' });
  } catch {
    return `azurite@${VERSION} could not be installed with npm`;
  }
  return existsSync(MAIN) ? undefined : `azurite@${VERSION} is not where npm should have put it`;
}

export interface Azurite extends RunningServer {
  readonly account: string;
  readonly key: string;
  /** Makes a container; `access` is what anybody may do without credentials. */
  createContainer(name: string, access?: 'container' | 'blob'): Promise<void>;
  put(container: string, key: string, bytes: Uint8Array): Promise<void>;
  /** A service SAS for a container (read and list), without `?`. */
  sasFor(container: string, expires: Date, permissions?: string): string;
}

/** Starts Azurite's blob service in memory, with an account of its own. */
export async function startAzurite(): Promise<Azurite> {
  const port = await freePort();
  const account = 'testaccount';
  const key = Buffer.from('a key of thirty-two bytes length').toString('base64');
  const args = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const server = startProcess(process.execPath, [MAIN, ...args, '--blobPort', String(port)], {
    env: { AZURITE_ACCOUNTS: `${account}:${key}` },
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitForHttp(`${url}/`, 30_000, () => server.hasEnded());
  } catch (cause) {
    await server.stop();
    throw new Error(`Azurite did not start: ${server.output()}`, { cause });
  }
  const send = async (target: URL, headers: Record<string, string>, body: Uint8Array): Promise<void> => {
    const all = { ...headers, 'x-ms-version': '2021-12-02', 'content-length': `${body.length}` };
    const signed = signAzure({ method: 'PUT', url: target, headers: all }, account, key, new Date());
    const { 'content-length': _length, ...sent } = { ...all, ...signed };
    const reply = await fetch(target, { method: 'PUT', headers: sent, body: new Uint8Array(body) });
    if (!reply.ok) throw new Error(`PUT ${target.pathname}: ${reply.status} ${await reply.text()}`);
    await reply.arrayBuffer();
  };
  const base = `${url}/${account}`;
  return {
    url,
    account,
    key,
    createContainer: (name, access) =>
      send(
        azureUrl(base, name, '', { restype: 'container' }),
        access === undefined ? {} : { 'x-ms-blob-public-access': access },
        new Uint8Array(0),
      ),
    put: (container, name, bytes) =>
      send(
        azureUrl(base, container, name),
        { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/dicom' },
        bytes,
      ),
    sasFor: (container, expires, permissions = 'rl') => containerSas(account, key, container, expires, permissions),
    stop: () => server.stop(),
  };
}

/** A service SAS (Azure Storage REST, "Create a service SAS", version 2020-12-06) for a container. */
function containerSas(account: string, key: string, container: string, expires: Date, permissions: string): string {
  const version = '2020-12-06';
  const expiry = expires.toISOString().replace(/\.\d{3}/, '');
  const fields = [
    permissions,
    '',
    expiry,
    `/blob/${account}/${container}`,
    '', // identifier
    '', // addresses
    '', // protocol
    version,
    'c',
    '', // snapshot
    '', // encryption scope
    ...['', '', '', '', ''], // reply headers
  ];
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(fields.join('\n'), 'utf8').digest('base64');
  const query = { sv: version, sp: permissions, se: expiry, sr: 'c', sig: signature };
  return new URLSearchParams(query).toString();
}
