/**
 * Measures the page of an atlas in a headless Chromium, served by `atlas serve` on this machine.
 *
 *     node bench/page/make-atlas.js OUT
 *     node bench/page/measure.js OUT [--chromium /usr/bin/chromium] [--runs 3] [--json FILE]
 *
 * What is measured, and the targets:
 * - from the navigation to the first picture, and to all pictures in view (2 s);
 * - from a click on a filter (or a pause in typing) to the new count and sheets (300 ms);
 * - for how long a sheet in view had no picture while the wheel scrolled without a stop (200 ms);
 * - the memory of the tab's process when all rows are read: private bytes, as Chromium's task manager counts (400 MB).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { root } from '../context.js';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Browser} Browser */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    runs: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});

/** Runs in the page: when there was a first picture, when all in view were there, and how long sheets were without. */
const watch = `(() => {
  const state = { first: 0, all: 0, isWatching: false, longest: 0, sheets: 0, blankSheets: 0, frames: 0, longestFrame: 0 };
  globalThis.bench = state;
  const since = new Map();
  let last = performance.now();
  const look = (now) => {
    requestAnimationFrame(look);
    const view = document.querySelector('.scroll')?.getBoundingClientRect();
    if (view === undefined) return;
    const seen = new Set();
    let [drawn, blank] = [0, 0];
    for (const cell of document.querySelectorAll('.cell')) {
      const box = cell.getBoundingClientRect();
      if (box.bottom < view.top + 1 || box.top > view.bottom - 1) continue;
      const position = cell.getAttribute('aria-posinset');
      seen.add(position);
      if (cell.querySelector('canvas[data-drawn], .problem') !== null) {
        drawn++;
        if (since.delete(position)) state.sheets++;
        continue;
      }
      blank++;
      if (!since.has(position)) { since.set(position, now); state.blankSheets++; }
      if (state.isWatching) state.longest = Math.max(state.longest, now - since.get(position));
    }
    for (const position of since.keys()) if (!seen.has(position)) since.delete(position);
    if (state.isWatching) { state.frames++; state.longestFrame = Math.max(state.longestFrame, now - last); }
    last = now;
    if (drawn > 0 && state.first === 0) state.first = now;
    state.isWhole = drawn > 0 && blank === 0;
    if (state.isWhole && state.all === 0) state.all = now;
  };
  requestAnimationFrame(look);
})()`;

/** @param {readonly number[]} list */
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;

/** @param {string} folder */
async function startServer(folder) {
  const server = spawn(
    process.execPath,
    [join(root, 'dist/cli.js'), 'atlas', 'serve', folder, '--port', '0', '--quiet'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = await once(server.stdout, 'data');
  return { server, url: String(line).trim() };
}

/** @param {Browser} browser @param {string} url */
async function openPage(browser, url) {
  // What is waited for is looked up by code that the page's own policy would refuse.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, bypassCSP: true });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.addInitScript(watch);
  page.on('pageerror', (error) => console.error(error));
  await page.goto(url);
  await page.waitForFunction('bench.all > 0', undefined, { timeout: 60_000 });
  return page;
}

/** @param {Page} page */
const isLoaded = (page) =>
  page.waitForFunction(`!/read|Reading/.test(document.querySelector('.count').textContent)`, undefined, {
    timeout: 300_000,
  });

/**
 * Milliseconds from an action to the frame in which count and sheets are new.
 *
 * @param {Page} page @param {string} action code that runs in the page
 */
function timed(page, action) {
  return page.evaluate(`new Promise((resolve) => {
    const text = () => document.querySelector('.count').textContent + (document.querySelector('.sheet')?.getAttribute('aria-label') ?? '');
    const before = text();
    const started = performance.now();
    (() => { ${action} })();
    const look = () => (text() === before && performance.now() - started < 5000
      ? requestAnimationFrame(look)
      : requestAnimationFrame(() => resolve(performance.now() - started)));
    requestAnimationFrame(look);
  })`);
}

/** @param {Browser} browser */
async function tabMemory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  let [privateBytes, residentBytes] = [0, 0];
  for (const { id, type } of processInfo) {
    if (type !== 'renderer') continue;
    const text = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
    const kilobytes = (/** @type {string} */ name) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    const own = (kilobytes('Private_Clean') + kilobytes('Private_Dirty')) * 1024;
    if (own > privateBytes) [privateBytes, residentBytes] = [own, kilobytes('Rss') * 1024];
  }
  return { privateBytes, residentBytes };
}

/** @param {Page} page */
async function scroll(page) {
  await page.mouse.move(800, 500);
  await page.evaluate(
    `Object.assign(bench, { isWatching: true, longest: 0, frames: 0, longestFrame: 0, blankSheets: 0 })`,
  );
  const started = performance.now();
  let pixels = 0;
  while (performance.now() - started < 10_000) {
    await page.mouse.wheel(0, 60);
    pixels += 60;
    await page.waitForTimeout(30);
  }
  const seconds = (performance.now() - started) / 1000;
  await page.waitForTimeout(500);
  const { longest, frames, longestFrame } = await page.evaluate(`(bench.isWatching = false, bench)`);
  return { pixelsPerSecond: pixels / seconds, longestBlankMs: longest, longestFrameMs: longestFrame, frames };
}

/** A drag of the scroll bar to somewhere else. @param {Page} page */
async function jump(page) {
  const times = [];
  for (const share of [0.3, 0.8, 0.55, 0.1, 0.95]) {
    const time = await page.evaluate(`new Promise((resolve) => {
      const view = document.querySelector('.scroll');
      const started = performance.now();
      view.scrollTop = ${share} * (view.scrollHeight - view.clientHeight);
      bench.isWhole = false;
      setTimeout(() => {
        const look = () => (bench.isWhole || performance.now() - started > 5000 ? resolve(performance.now() - started) : requestAnimationFrame(look));
        requestAnimationFrame(look);
      }, 40);
    })`);
    times.push(Number(time));
  }
  return { medianMs: median(times), longestMs: Math.max(...times) };
}

/** @param {string} folder */
async function measure(folder) {
  const { server, url } = await startServer(folder);
  const browser = await chromium.launch({ executablePath: values.chromium, args: ['--no-sandbox'] });
  try {
    /** @type {{ first: number, all: number }[]} */
    const starts = [];
    for (let run = 1; run < Number(values.runs); run++) {
      const page = await openPage(browser, url);
      starts.push(await page.evaluate('({ first: bench.first, all: bench.all })'));
      await page.context().close();
    }
    const page = await openPage(browser, url);
    starts.push(await page.evaluate('({ first: bench.first, all: bench.all })'));
    const started = performance.now();
    await isLoaded(page);
    const loadedMs = performance.now() - started + median(starts.map(({ all }) => all));
    const rows = await page.evaluate(`document.querySelector('.count').textContent`);
    const scrolled = await scroll(page);
    const jumped = await jump(page);
    /** @type {Record<string, number>} */
    const filters = {};
    const box = (/** @type {string} */ facet, /** @type {number} */ index) =>
      `document.querySelectorAll('fieldset')[${facet}].querySelectorAll('input')[${index}].click()`;
    const type = (/** @type {string} */ text) =>
      `const input = document.querySelector('input[type=search]'); input.value = '${text}'; input.dispatchEvent(new Event('input', { bubbles: true }))`;
    const sort = (/** @type {string} */ name) =>
      `const select = document.querySelector('select'); select.value = '${name}'; select.dispatchEvent(new Event('change', { bubbles: true }))`;
    filters['one modality'] = await timed(page, box('0', 1));
    filters['and a collection'] = await timed(page, box('1', 2));
    filters['and a flag'] = await timed(page, box('4', 1));
    filters['all filters off'] = await timed(page, `document.querySelector('.clear').click()`);
    filters['words (100 ms of pause in it)'] = await timed(page, type('flair 12'));
    filters['part of a UID (likewise)'] = await timed(page, type('.2.1.77'));
    filters['sorted by size'] = await timed(page, sort('byte_length'));
    filters['sorted by description'] = await timed(page, sort('description'));
    const memory = await tabMemory(browser);
    return { rows, starts, loadedMs, filters, scrolled, jumped, memory };
  } finally {
    await browser.close();
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
}

const [folder] = positionals;
if (folder === undefined) {
  console.error('Usage: node bench/page/measure.js OUT [--chromium PATH] [--runs 3] [--json FILE]');
  process.exitCode = 2;
} else {
  const result = await measure(folder);
  const { starts, filters, scrolled, jumped, memory } = result;
  const ms = (/** @type {number} */ value) => `${Math.round(value)} ms`;
  const megabytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1e6)} MB`;
  console.log(`Rows                              ${result.rows}`);
  console.log(`First picture (target 2 s)        ${ms(median(starts.map(({ first }) => first)))}`);
  console.log(`All pictures in view              ${ms(median(starts.map(({ all }) => all)))}`);
  console.log(`All rows read                     ${ms(result.loadedMs)}`);
  for (const [name, value] of Object.entries(filters)) console.log(`Filter (300 ms): ${name.padEnd(30)} ${ms(value)}`);
  console.log(
    `Scrolling ${Math.round(scrolled.pixelsPerSecond)} px/s: longest blank (200 ms)  ${ms(scrolled.longestBlankMs)}, longest frame ${ms(scrolled.longestFrameMs)}`,
  );
  console.log(`Jump to another place             ${ms(jumped.medianMs)} (median), ${ms(jumped.longestMs)} (longest)`);
  console.log(
    `Memory of the tab (400 MB)        ${megabytes(memory.privateBytes)} private, ${megabytes(memory.residentBytes)} resident`,
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
}
