import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMosaic, type MosaicOptions, type Preview } from '../../src/index.ts';
import { type CephServer, cephMissing, startCeph } from '../support/servers/ceph.ts';
import { nginxMissing, startNginx } from '../support/servers/nginx.ts';
import type { RunningServer } from '../support/servers/process.ts';
import { createS3Client } from '../support/servers/s3-client.ts';
import { sharedDicom, sharedSeries } from '../support/shared-data.ts';

/** The picture from a local disk, the one that all others must equal. */
const local = new Map<string, Preview>();

async function expectSamePicture(name: string, series: string, options: MosaicOptions): Promise<void> {
  const reference = local.get(name) ?? (await createMosaic(`${sharedDicom}/series/${name}`, { root: '.' }));
  local.set(name, reference);
  const { bytes, report } = await createMosaic(series, { ...options, retries: 1 });
  expect(Buffer.from(bytes).equals(Buffer.from(reference.bytes))).toBe(true);
  // Below a root, keys begin with the series' folder.
  const bare = (text: string): string => text.replaceAll(`${name}/`, '');
  const shown = ({ tiles }: Preview['report']): unknown =>
    tiles.map(({ key, frame, window }) => [bare(key), frame, window]);
  expect(shown(report)).toEqual(shown(reference.report));
  expect(report.warnings.map(bare)).toEqual(reference.report.warnings);
  const instances = readdirSync(`${sharedDicom}/series/${name}`).length;
  // One listing, one header each where the series is longer than the grid, one read a tile.
  expect(report.io.requests).toBeLessThanOrEqual(1 + instances + 36);
}

const withoutNginx = nginxMissing();
if (withoutNginx !== undefined) console.log(`skipped: ${withoutNginx}`);

describe.skipIf(sharedDicom === undefined || withoutNginx !== undefined)('the same picture over HTTP', () => {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await startNginx({ folder: `${sharedDicom}/series` });
  });
  afterAll(() => server?.stop());
  it.each(sharedSeries())('%s', (name) => expectSamePicture(name, `${server?.url}/${name}/`, {}));
  it('finds a series by its name below the root, and by a prefix', async () => {
    const root = `${server?.url}/`;
    await expectSamePicture('mr-ge-adc-21', 'mr-ge-adc-21', { root });
    await expectSamePicture('mr-ge-adc-21', 'mr-ge-a*', { root });
    await expect(createMosaic('mr-*', { root })).rejects.toMatchObject({ code: 'ambiguous', count: 11 });
    await expect(createMosaic('xx*', { root })).rejects.toMatchObject({ code: 'not-found' });
  });
});

const withoutCeph = cephMissing();
if (withoutCeph !== undefined) console.log(`skipped: ${withoutCeph}`);

describe.skipIf(sharedDicom === undefined || withoutCeph !== undefined)('the same picture from an S3 server', () => {
  let server: CephServer | undefined;
  beforeAll(async () => {
    server = await startCeph();
    const client = createS3Client(server.url, server);
    await client.createBucket('series', 'public-read');
    for (const name of sharedSeries()) {
      const folder = `${sharedDicom}/series/${name}`;
      for (const file of readdirSync(folder)) {
        await client.putObject('series', `${name}/${file}`, readFileSync(`${folder}/${file}`), 'public-read');
      }
    }
  });
  afterAll(() => server?.stop());
  it.each(sharedSeries())('%s', (name) =>
    expectSamePicture(name, name, { root: 's3://series', endpointUrl: server?.url ?? '', noSignRequest: true }),
  );
});
