import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/base/errors.ts';
import { parseAwsFile, readAwsProfile } from '../../../../src/storage/buckets/s3/aws-profile.ts';
import { findCredentialSource, loadCredentialChain } from '../../../../src/storage/buckets/s3/credentials.ts';
import { makeTemporaryFolder } from '../../../support/servers/process.ts';

const folder = makeTemporaryFolder('aws');
afterAll(() => folder.remove());

describe("Amazon's files", () => {
  it('are read as the command line tools read them', () => {
    const text = `\ufeff# comment
ignored = outside
[default]
Region=eu-central-1 ; comment
aws_access_key_id = AK#1
s3 =
  addressing_style = path
  region = not-this-one
output = json\r
[ profile  "my lab" ]
aws_secret_access_key = a=b+c/d== # comment
broken line
[default]
later = yes
`;
    const sections = parseAwsFile(text);
    expect(Object.fromEntries(sections)).toEqual({
      default: { region: 'eu-central-1', aws_access_key_id: 'AK#1', s3: '', output: 'json', later: 'yes' },
      'profile my lab': { aws_secret_access_key: 'a=b+c/d==' },
    });
  });

  it('are joined by profile, the credentials file first', () => {
    const config = join(folder.path, 'config');
    const secrets = join(folder.path, 'credentials');
    writeFileSync(config, '[default]\nregion=r0\n[profile lab]\nregion=r1\naws_access_key_id=from-config\n');
    writeFileSync(secrets, '[lab]\naws_access_key_id=from-credentials\n');
    const files = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: secrets };
    expect(readAwsProfile(files)).toEqual({ region: 'r0' });
    expect(readAwsProfile({ ...files, AWS_PROFILE: 'lab' })).toEqual({
      region: 'r1',
      aws_access_key_id: 'from-credentials',
    });
    expect(() => readAwsProfile({ ...files, AWS_PROFILE: 'none' })).toThrow(UsageError);
    expect(readAwsProfile({}, join(folder.path, 'no-home'))).toBeUndefined();
  });
});

describe('where credentials come from', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
  const profile = { aws_access_key_id: 'pid', aws_secret_access_key: 'psecret' };

  it.each([
    ['nothing', {}, undefined, 'none'],
    ['half a key', { AWS_ACCESS_KEY_ID: 'id' }, undefined, 'none'],
    ['variables', keys, { sso_session: 'x' }, 'static'],
    ['a profile with keys', {}, profile, 'static'],
    ['a profile with a role', {}, { ...profile, role_arn: 'arn' }, 'chain'],
    ['single sign-on', {}, { sso_session: 'x' }, 'chain'],
    ['a process', {}, { credential_process: 'x' }, 'chain'],
    ['web identity', { AWS_WEB_IDENTITY_TOKEN_FILE: '/token' }, undefined, 'chain'],
    ['a container', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://x' }, undefined, 'chain'],
    ['an instance, not asked for', { AWS_EC2_METADATA_DISABLED: 'true' }, undefined, 'none'],
    ['an instance, asked for', { AWS_EC2_METADATA_DISABLED: 'false' }, undefined, 'chain'],
  ] as const)('%s', (_name, environment, settings, kind) => {
    expect(findCredentialSource(environment, settings).kind).toBe(kind);
  });

  it('carries the session token', () => {
    const source = findCredentialSource({ ...keys, AWS_SESSION_TOKEN: 'token' }, undefined);
    expect(source).toMatchObject({
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' },
    });
  });

  it("Amazon's chain missing names the command that installs it", async () => {
    const load = (): Promise<unknown> => Promise.reject(new Error('not there'));
    await expect(loadCredentialChain('the AWS profile has sso_session', 's3://x', load)).rejects.toThrow(
      /npm install @aws-sdk\/credential-provider-node/,
    );
  });

  it("Amazon's chain is asked, and asked for new ones", async () => {
    const asked: unknown[] = [];
    const provide = async (options: unknown): Promise<unknown> => {
      asked.push(options);
      return { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c', expiration: new Date() };
    };
    const chain = await loadCredentialChain('x', 's3://x', async () => ({ defaultProvider: () => provide }));
    expect(await chain(false)).toEqual({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' });
    await chain(true);
    expect(asked).toEqual([{ forceRefresh: false }, { forceRefresh: true }]);
  });

  it("a failure of Amazon's chain is no access, without its message", async () => {
    const provide = (): Promise<unknown> => Promise.reject(new Error('token /home/me/secret-file expired'));
    const chain = await loadCredentialChain('x', 's3://x', async () => ({ defaultProvider: () => provide }));
    const error = await chain(false).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'access-denied' });
    expect(JSON.stringify([String(error), error])).not.toContain('secret-file');
  });
});
