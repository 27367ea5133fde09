import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findProgram,
  freePort,
  makeTemporaryFolder,
  type RunningServer,
  startProcess,
  waitForHttp,
} from './process.ts';

const PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';

/** Why Orthanc with its DICOMweb plugin cannot be started here, or undefined. */
export function orthancMissing(): string | undefined {
  if (findProgram('Orthanc') === undefined) return 'Orthanc is not installed';
  return existsSync(PLUGIN) ? undefined : `the DICOMweb plugin of Orthanc is not at ${PLUGIN}`;
}

export interface OrthancServer extends RunningServer {
  /** The DICOMweb service, as the root of a store. */
  readonly root: string;
  /** Takes an instance in, as if by STOW-RS. */
  store(instance: Uint8Array): Promise<void>;
}

/** Starts an empty Orthanc on a free port; with `user` it asks for basic authentication. */
export async function startOrthanc(
  options: { readonly user?: { readonly name: string; readonly password: string } } = {},
): Promise<OrthancServer> {
  const temporary = makeTemporaryFolder('orthanc');
  const port = await freePort();
  const storage = join(temporary.path, 'storage');
  mkdirSync(storage);
  const { user } = options;
  const config = {
    Name: 'test',
    StorageDirectory: storage,
    IndexDirectory: storage,
    HttpPort: port,
    DicomServerEnabled: false,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: user !== undefined,
    RegisteredUsers: user === undefined ? {} : { [user.name]: user.password },
    Plugins: [PLUGIN],
    DicomWeb: { Enable: true, Root: '/dicom-web/' },
  };
  const path = join(temporary.path, 'orthanc.json');
  writeFileSync(path, JSON.stringify(config));
  const server = startProcess(findProgram('Orthanc') ?? 'Orthanc', [path]);
  const url = `http://127.0.0.1:${port}`;
  const authorization =
    user === undefined ? '' : `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
  const stop = async (): Promise<void> => {
    await server.stop();
    temporary.remove();
  };
  try {
    await waitForHttp(`${url}/system`, 20_000, () => server.hasEnded());
  } catch (cause) {
    await stop();
    throw new Error(`Orthanc did not start: ${server.output()}`, { cause });
  }
  return {
    url,
    root: `dicomweb+${url}/dicom-web`,
    stop,
    async store(instance: Uint8Array): Promise<void> {
      const reply = await fetch(`${url}/instances`, {
        method: 'POST',
        body: new Uint8Array(instance),
        headers: authorization === '' ? {} : { authorization },
      });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`Orthanc refused an instance (${reply.status}): ${text}`);
    },
  };
}
