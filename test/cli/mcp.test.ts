import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { runHere } from '../support/run-here.ts';
import { fakeContext } from './fake-library.ts';

describe('mcp', () => {
  it.each([
    [['--port', '70000'], '0 to 65535'],
    [['--allow-host', 'example.org'], '--http'],
    [['--port', 'many', '--http'], 'whole number'],
  ])('refuses %j before anything is served', async (given, message) => {
    const { status, err } = await runHere('mcp', ...given);
    expect({ status, err }).toMatchObject({ status: 2, err: expect.stringContaining(message) });
  });

  it('refuses a token that could be guessed, and does not repeat it', async () => {
    process.env['DICOM_SERIES_PREVIEW_MCP_TOKEN'] = 'short';
    try {
      const { status, err } = await runHere('mcp', '--http', '--port', '0');
      expect(status).toBe(2);
      expect(err).toContain('16 characters');
      expect(err).not.toContain('short');
    } finally {
      delete process.env['DICOM_SERIES_PREVIEW_MCP_TOKEN'];
    }
  });
});

describe('--for-model', () => {
  const optionsOf = async (...args: string[]): Promise<unknown> => {
    const context = fakeContext();
    await run(args, context);
    return context.calls[0]?.options;
  };

  it('stands for labels, addresses and bounds', async () => {
    const bounds = { labels: true, addresses: true, maxSide: 1024, maxByteLength: 400_000, quality: 80 };
    expect(await optionsOf('mosaic', 'CT', 'a.webp', '--for-model')).toMatchObject({ ...bounds, fit: true });
    expect(await optionsOf('get-image', 'CT', 'a.png', '--position', '0', '--for-model')).toMatchObject(bounds);
  });

  it('leaves what was said otherwise', async () => {
    const given = ['--max-side', '512', '--max-byte-length', '100KB', '-q', '25'];
    const options = await optionsOf('mosaic', 'CT', 'a.webp', '--for-model', ...given);
    expect(options).toMatchObject({ labels: true, maxSide: 512, maxByteLength: 100_000, quality: 25 });
    const sized = await optionsOf('mosaic', 'CT', 'a.webp', '--for-model', '--width', '600');
    expect(sized).toMatchObject({ width: 600, maxSide: undefined });
  });

  it('refuses a width of images', async () => {
    const context = fakeContext();
    expect(await run(['mosaic', 'CT', 'a.webp', '--for-model', '--image-width', '64'], context)).toBe(2);
    expect(context.err()).toContain('--max-side');
  });

  it('goes with a report on standard output', async () => {
    const context = fakeContext();
    expect(await run(['mosaic', 'CT', 'a.webp', '--for-model', '--json', '-', '--quiet'], context)).toBe(0);
    expect(JSON.parse(context.out().toString('utf8'))).toMatchObject({ schema: 1, output: { path: 'a.webp' } });
    expect([...context.files.keys()]).toEqual(['a.webp']);
  });
});
