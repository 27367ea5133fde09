import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findProgram, freePort, makeTemporaryFolder, type RunningServer, waitForHttp } from './process.ts';

const SCRIPT = fileURLToPath(new URL('../../../../shared/servers/ceph-rgw.sh', import.meta.url));

export interface CephServer extends RunningServer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Why a Ceph gateway cannot be started here, or undefined. */
export function cephMissing(): string | undefined {
  if (!existsSync(SCRIPT)) return '../shared/servers/ceph-rgw.sh is not there';
  const missing = ['ceph', 'ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin'].filter(
    (name) => findProgram(name) === undefined,
  );
  return missing.length === 0 ? undefined : `${missing.join(', ')} not installed`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; whoever is its parent may be slow to notice.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The daemons' process ids, from the files they write. */
function daemons(folder: string): number[] {
  const run = join(folder, 'run');
  if (!existsSync(run)) return [];
  return readdirSync(run)
    .filter((name) => name.endsWith('.pid'))
    .map((name) => Number(readFileSync(join(run, name), 'utf8').trim()))
    .filter((pid) => Number.isInteger(pid) && pid > 1);
}

async function endDaemons(folder: string): Promise<void> {
  const pids = daemons(folder);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, signal);
    for (let wait = 0; wait < 50 && pids.some(isAlive); wait += 1) await setTimeout(100);
  }
}

/** Its daemons give up where another process was quicker to take a port, or the machine was too busy for their patience. */
const ATTEMPTS = 3;

/** Starts a one-node Ceph with an S3 gateway on free ports (about 12 s), and a user. */
export async function startCeph(): Promise<CephServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryToStartCeph();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function tryToStartCeph(): Promise<CephServer> {
  const temporary = makeTemporaryFolder('ceph');
  const [monitorPort, port] = [await freePort(), await freePort()];
  const script = join(temporary.path, 'start.sh');
  const source = readFileSync(SCRIPT, 'utf8').replaceAll('7301', String(monitorPort)).replaceAll('7480', String(port));
  writeFileSync(script, source);
  const data = join(temporary.path, 'data');
  const stop = async (): Promise<void> => {
    await endDaemons(data);
    temporary.remove();
  };
  const accessKeyId = 'testkey';
  const secretAccessKey = 'testsecret+/with=signs';
  const url = `http://127.0.0.1:${port}`;
  try {
    await run('bash', [script, data]);
    await waitForHttp(`${url}/`, 60_000);
    const user = [
      'user',
      'create',
      '--uid=test',
      '--display-name=test',
      `--access-key=${accessKeyId}`,
      `--secret-key=${secretAccessKey}`,
    ];
    execFileSync('radosgw-admin', ['-c', join(data, 'ceph.conf'), ...user], { stdio: 'pipe' });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, accessKeyId, secretAccessKey, stop };
}

/** Runs the script to its end. Its daemons keep its output open, so nothing waits for that. */
function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}
