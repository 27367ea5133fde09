import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ctSeries, mrSeries, writeSeriesFolder } from '../support/dicom/index.js';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const missing = executablePath === undefined ? 'there is no Chromium on this machine' : undefined;

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
const atlas = join(folder, 'atlas');
/** What a header may say: nothing of it may become part of the page. */
const hostile = '<img src=x onerror="window.hacked=1"></script><b>x';
let browser: Browser;
let server: ChildProcess;
let served = '';

async function startServer(...parameters: readonly string[]): Promise<[ChildProcess, string]> {
  const child = spawn(process.execPath, [program, 'atlas', 'serve', ...parameters, '--port', '0', '--quiet'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return [child, String(line).trim()];
}

describe.skipIf(missing !== undefined)(`the page of an atlas${missing === undefined ? '' : ` (${missing})`}`, () => {
  beforeAll(async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const attributes = (before: Record<string, unknown>): Record<string, unknown> =>
        seed === 3 ? { ...before, SeriesDescription: hostile } : before;
      const options = { seed, instances: 6 + seed, rows: 48, attributes: attributes as never };
      writeSeriesFolder(join(folder, 'source', `ct${seed}`), ctSeries(options));
      if (seed < 4)
        writeSeriesFolder(join(folder, 'source', `mr${seed}`), mrSeries({ seed: seed + 50, instances: 6, rows: 48 }));
    }
    mkdirSync(join(folder, 'source/broken'));
    writeFileSync(join(folder, 'source/broken/a.txt'), 'no DICOM');
    const built = spawnSync(process.execPath, [program, 'atlas', 'build', join(folder, 'source'), atlas, '--quiet'], {
      encoding: 'utf8',
    });
    if (built.status !== 0) throw new Error(built.stderr);
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    [server, served] = await startServer(atlas);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    server?.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  async function openPage(url: string, width = 1200): Promise<{ page: Page; said: string[] }> {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('requestfailed', (request) => said.push(`failed: ${request.url()}`));
    await page.goto(url);
    await page.waitForSelector('canvas[data-drawn]');
    return { page, said };
  }

  /** Different grey levels in the first picture: one for a blank one. */
  const levels = (page: Page): Promise<number> =>
    page.evaluate(
      `(() => { const c = document.querySelector('canvas[data-drawn]'); const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height); return new Set(data.filter((_, i) => i % 4 === 0)).size; })()`,
    );

  const places: readonly (readonly [string, () => string])[] = [
    ['from a server', () => served],
    ['from a disk', () => pathToFileURL(join(atlas, 'atlas.html')).href],
  ];
  it.each(places)('%s: shows pictures, filters, enlarges and keeps its state in the link', async (_, url) => {
    const { page, said } = await openPage(url());
    await page.getByText('11 series', { exact: true }).waitFor();
    expect(await page.locator('.sheet').count()).toBe(11);
    expect(await levels(page)).toBeGreaterThan(20);

    await page.getByRole('checkbox', { name: /^MR/ }).check();
    await page.getByText('3 of 11 series').waitFor();
    await expect.poll(() => page.locator('.sheet').count()).toBe(3);
    await page.getByRole('checkbox', { name: /^MR/ }).uncheck();
    await page.getByRole('searchbox').fill('onerror');
    await page.getByText('1 of 11 series').waitFor();
    await expect.poll(() => page.locator('.sheet').count()).toBe(1);

    await page.locator('.sheet').focus();
    await page.keyboard.press('Enter');
    const picture = page.locator('dialog img');
    await expect
      .poll(() => page.evaluate(`document.querySelector('dialog img')?.naturalWidth ?? 0`))
      .toBeGreaterThan(100);
    await page.getByRole('heading', { name: hostile }).waitFor();
    await picture.hover({ position: { x: 40, y: 40 } });
    await page.getByText(/Instance \d+/).waitFor();
    expect(await page.locator('figcaption code').textContent()).toMatch(/^2\.25\.\d+$/);
    expect(await page.evaluate('[window.hacked, document.querySelectorAll("b b, img[src=x]").length]')).toEqual([
      undefined,
      0,
    ]);

    const link = page.url();
    expect(link).toMatch(/q=onerror&series=2\.25\.\d+/);
    const second = await openPage(link);
    await second.page.getByRole('heading', { name: hostile }).waitFor();
    await second.page.keyboard.press('Escape');
    await expect.poll(() => second.page.url()).not.toContain('series=');
    await expect.poll(() => second.page.locator('dialog').count()).toBe(0);
    expect([...said, ...second.said]).toEqual([]);
  });

  it('goes through sheets by keys, with names for those who do not see them', async () => {
    const { page, said } = await openPage(served, 390);
    await page.getByText('11 series', { exact: true }).waitFor();
    await page.locator('.sheet').first().focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.evaluate('document.activeElement.dataset.position')).toBe('10');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => page.evaluate('document.activeElement.dataset.position')).toBe('8');
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toMatch(/^(CT|MR), .*inst\./);
    // No sheet stands beside the screen of a phone.
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.getByRole('button', { name: 'Filter' }).click();
    expect(await page.getByRole('checkbox', { name: /^CT/ }).isVisible()).toBe(true);
    expect(said).toEqual([]);
  });

  it('shows nothing without the token', async () => {
    const [other, url] = await startServer(atlas, '--token');
    try {
      const bare = new URL(url);
      bare.search = '';
      expect((await fetch(bare)).status).toBe(401);
      const { page, said } = await openPage(url);
      expect(page.url()).not.toContain('token');
      expect(said).toEqual([]);
    } finally {
      other.kill('SIGTERM');
      const [status] = await once(other, 'exit');
      expect(status).toBe(0);
    }
  });
});
