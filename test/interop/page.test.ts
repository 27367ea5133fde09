import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMosaic } from '../../src/index.ts';
import { ctSeries, writeSeriesFolder } from '../support/dicom/index.js';
import { hasProgram } from '../support/shared-data.ts';

const hasBrowser = hasProgram('chromium', '--version');
const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-page-'));

/** The DevTools protocol over two pipes: messages of JSON with a zero byte at their ends. */
class Browser {
  readonly #process: ChildProcess;
  readonly #input: Writable;
  readonly #waiting = new Map<number, (result: Record<string, unknown>) => void>();
  readonly events: { readonly method: string; readonly params: unknown }[] = [];
  #session: string | undefined;
  #next = 1;
  #held = '';

  constructor() {
    this.#process = spawn(
      'chromium',
      [
        ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe'],
        ...[
          `--user-data-dir=${join(folder, 'profile')}`,
          '--no-first-run',
          '--disable-background-networking',
          'about:blank',
        ],
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    this.#input = this.#process.stdio[3] as Writable;
    (this.#process.stdio[4] as Readable).on('data', (chunk: Buffer) => {
      const messages = `${this.#held}${chunk.toString('utf8')}`.split('\0');
      this.#held = messages.pop() ?? '';
      for (const text of messages) {
        const message = JSON.parse(text);
        if (message.id === undefined) this.events.push(message);
        else this.#waiting.get(message.id)?.(message.result ?? { error: message.error });
      }
    });
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    this.#input.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  async open(path: string): Promise<void> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    this.#session = String(sessionId);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`);
    await this.send('Page.navigate', { url: pathToFileURL(path).href });
    await this.evaluate(
      'new Promise((done) => document.readyState === "complete" ? done() : addEventListener("load", done))',
    );
    await this.send('Page.bringToFront');
  }

  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    return (result as { readonly value?: unknown } | undefined)?.value;
  }

  async press(key: string): Promise<void> {
    const text = key.length === 1 ? { text: key } : key === 'Enter' ? { text: '\r' } : {};
    const code = key === 'Enter' ? { windowsVirtualKeyCode: 13 } : {};
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...text, ...code });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key, ...code });
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }
}

describe.skipIf(!hasBrowser)('a mosaic page in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    const series = join(folder, 'series');
    writeSeriesFolder(
      series,
      ctSeries({ instances: 9, rows: 32, description: '<script>alert("x")</script> & \'CT\'' }),
    );
    const { bytes } = await createMosaic(series, { format: 'html', columns: 3, rows: 2, imageWidth: 64 });
    writeFileSync(join(folder, 'page.html'), bytes);
    browser = new Browser();
    await browser.open(join(folder, 'page.html'));
  });
  afterAll(async () => {
    if (hasBrowser) await browser.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const visible = `[...document.querySelectorAll('.tile')].map((tile) =>
    [...tile.children].filter((image) => getComputedStyle(image).display !== 'none').map((image) => image.dataset.window).join())`;

  it('shows all images, decoded, in their grid, and the texts as they are', async () => {
    const images = await browser.evaluate(
      `Promise.all([...document.images].map((image) => image.decode().then(() => image.naturalWidth)))`,
    );
    expect(images).toEqual(Array.from({ length: 6 * 5 }, () => 64));
    expect(await browser.evaluate('document.title')).toBe('CT <script>alert("x")</script> & \'CT\'');
    expect(await browser.evaluate('document.scripts.length')).toBe(1);
    expect(
      await browser.evaluate('new Set([...document.querySelectorAll(".tile")].map((t) => t.offsetTop)).size'),
    ).toBe(2);
    expect(await browser.evaluate('document.querySelector(".tile").title')).toMatch(
      /^Image 1 of 9, 0\.0 mm\nTile 1\nInstance 1\nIM00001\.dcm\n[\d.]+$/,
    );
    expect(await browser.evaluate('document.querySelector(".tile img").alt')).toMatch(
      /^Image 1 of 9, 0\.0 mm, window /,
    );
  });

  it('switches windows by a click and by digits, and sizes by + and -', async () => {
    expect(await browser.evaluate(visible)).toEqual(['0', '0', '0', '0', '0', '0']);
    await browser.press('2');
    expect(await browser.evaluate(visible)).toEqual(['1', '1', '1', '1', '1', '1']);
    await browser.evaluate('document.querySelectorAll("input[name=window]")[3].click()');
    expect(await browser.evaluate(visible)).toEqual(['3', '3', '3', '3', '3', '3']);
    const width = 'document.querySelector(".tile").getBoundingClientRect().width';
    const before = Number(await browser.evaluate(width));
    await browser.press('+');
    await browser.press('+');
    expect(await browser.evaluate(width)).toBeCloseTo(before * 1.5, 0);
    await browser.press('-');
    expect(await browser.evaluate(width)).toBeCloseTo(before * 1.25, 0);
  });

  it('moves by arrows, enlarges with Enter and closes', async () => {
    await browser.evaluate('document.querySelector(".tile").focus()');
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft']) await browser.press(key);
    expect(await browser.evaluate('[...document.querySelectorAll(".tile")].indexOf(document.activeElement)')).toBe(3);
    await browser.press('Enter');
    expect(await browser.evaluate('document.querySelector("dialog").open')).toBe(true);
    const large = 'document.querySelector("dialog img:not([style])").getBoundingClientRect().height';
    expect(await browser.evaluate('document.querySelectorAll("dialog img").length')).toBe(5);
    expect(Number(await browser.evaluate(large))).toBeGreaterThanOrEqual(0);
    await browser.evaluate('document.querySelector("dialog button").click()');
    expect(await browser.evaluate('document.querySelector("dialog").open')).toBe(false);
  });

  it('is light or dark as the reader likes it', async () => {
    const ground = 'getComputedStyle(document.body).backgroundColor';
    const seen: unknown[] = [];
    for (const value of ['dark', 'light']) {
      await browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
      seen.push(await browser.evaluate(ground));
    }
    expect(seen).toEqual(['rgb(17, 17, 17)', 'rgb(244, 244, 244)']);
  });

  it('asks for nothing, breaks no rule of its policy, and would not run a foreign script', async () => {
    const inserted = `(() => {
      const script = document.createElement('script');
      script.textContent = 'window.wasRun = true';
      document.body.append(script);
      return window.wasRun === undefined;
    })()`;
    const complaints = (): number => browser.events.filter(({ method }) => method === 'Log.entryAdded').length;
    expect(complaints()).toBe(0);
    expect(await browser.evaluate(inserted)).toBe(true);
    const requests = browser.events.filter(({ method }) => method === 'Network.requestWillBeSent');
    const urls = requests.map(({ params }) => (params as { readonly request: { readonly url: string } }).request.url);
    expect(urls.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(join(folder, 'page.html')).href]);
  });
});
