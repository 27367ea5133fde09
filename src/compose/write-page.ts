import { createHash } from 'node:crypto';

/** An image on the page. */
export interface PageImage {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** What it was drawn with; '' for nothing to tell. */
  readonly window: string;
}

/** One tile: the same image in each of the page's windows. */
export interface PageTile {
  /** Its accessible name. */
  readonly name: string;
  /** What it tells on hover, a line each. */
  readonly details: readonly string[];
  readonly images: readonly PageImage[];
}

export interface PageContent {
  readonly title: string;
  readonly summary: string;
  /** Names of the windows, the first of which is shown at first. */
  readonly windows: readonly string[];
  readonly columns: number;
  /** Pixels. */
  readonly cellWidth: number;
  /** Media type of the images. */
  readonly imageType: string;
  readonly tiles: readonly PageTile[];
  readonly warnings: readonly string[];
}

/**
 * Writes a page that needs no other file: images are in it, and its policy forbids everything that is not. All texts are
 * escaped, whatever they hold.
 */
export function writePage(content: PageContent): Uint8Array {
  const { title, summary, windows, tiles, warnings, imageType } = content;
  const style = styleOf(content);
  const policy = [
    "default-src 'none'",
    'img-src data:',
    `style-src '${hashOf(style)}'`,
    `script-src '${hashOf(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const choices = windows.map(
    (name, index) =>
      `<label><input type="radio" name="window" value="${index}"${index === 0 ? ' checked' : ''}> ${escapeHtml(name)} <kbd>${index + 1}</kbd></label>`,
  );
  const lines = [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="dark light">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body data-window="0">',
    '<header>',
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(summary)}</p>`,
    ...(windows.length > 1 ? ['<fieldset><legend>Window</legend>', ...choices, '</fieldset>'] : []),
    '<label>Size <input id="size" type="range" min="0.5" max="4" step="0.25" value="1" aria-label="Size of the images"></label>',
    '<p class="keys">Keys: arrows move, Enter enlarges, digits choose the window, + and - change the size.</p>',
    ...(warnings.length === 0
      ? []
      : [`<ul class="warnings">${warnings.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`]),
    '</header>',
    `<main aria-label="${escapeHtml(title)}">`,
    ...tiles.map((tile) => tileOf(tile, imageType)),
    '</main>',
    '<dialog aria-label="Enlarged image"><button type="button" autofocus>Close</button><div></div><p></p></dialog>',
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ];
  return new TextEncoder().encode(lines.join('\n'));
}

function tileOf({ name, details, images }: PageTile, imageType: string): string {
  const pictures = images.map(({ bytes, width, height, window }, index) => {
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    const alt = window === '' ? name : `${name}, ${window}`;
    return `<img data-window="${index}" width="${width}" height="${height}" alt="${escapeHtml(alt)}" src="data:${imageType};base64,${data}">`;
  });
  const title = escapeHtml([name, ...details].join('\n'));
  return `<button type="button" class="tile" title="${title}">${pictures.join('')}</button>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text that has no meaning in HTML but itself, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

/** How a Content Security Policy names an inline style or script (CSP 3, 2.3.1). */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function styleOf({ columns, cellWidth, windows }: PageContent): string {
  const shown = windows.map((_, index) => `[data-window="${index}"] img[data-window="${index}"]`).join(',');
  return `
:root{color-scheme:dark light;--size:1;--ground:#111;--text:#ddd;--line:#8bf}
@media (prefers-color-scheme:light){:root{--ground:#f4f4f4;--text:#222;--line:#06c}}
body{margin:0;background:var(--ground);color:var(--text);font:14px/1.4 system-ui,sans-serif}
header{padding:.5rem 1rem;display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:baseline}
h1{font-size:1.1rem;margin:0}
p{margin:0}
fieldset{border:0;padding:0;margin:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem}
legend{float:left;padding:0 .5rem 0 0}
.keys{opacity:.75}
.warnings{flex-basis:100%;margin:0;padding-left:1.2rem}
main{display:grid;grid-template-columns:repeat(${columns},calc(${cellWidth}px*var(--size)));gap:2px;padding:1rem;width:max-content}
.tile{all:unset;display:flex;align-items:center;justify-content:center;background:#000;cursor:zoom-in}
.tile:focus-visible{outline:3px solid var(--line);z-index:1}
img{display:none;width:100%;height:auto}
${shown}{display:block}
dialog{border:0;padding:1rem;background:var(--ground);color:var(--text);max-width:96vw;max-height:96vh}
dialog div{background:#000;margin:.5rem 0}
dialog img{width:auto;height:min(75vh,90vw)}
dialog p{white-space:pre-line;overflow-wrap:anywhere}
`;
}

/** Everything that the page does. No text of the series is in it. */
const script = `
"use strict";
const body = document.body;
const tiles = [...document.querySelectorAll(".tile")];
const choices = [...document.querySelectorAll("input[name=window]")];
const size = document.getElementById("size");
const dialog = document.querySelector("dialog");
const choose = (index) => {
  const choice = choices[index];
  if (choice === undefined) return;
  choice.checked = true;
  body.dataset.window = String(index);
};
for (const [index, choice] of choices.entries()) choice.addEventListener("change", () => choose(index));
const resize = (value) => {
  size.value = String(value);
  document.documentElement.style.setProperty("--size", size.value);
};
size.addEventListener("input", () => resize(size.value));
const enlarge = (tile) => {
  dialog.querySelector("div").replaceChildren(...[...tile.children].map((image) => image.cloneNode()));
  dialog.querySelector("p").textContent = tile.title;
  dialog.showModal();
};
for (const tile of tiles) tile.addEventListener("click", () => enlarge(tile));
dialog.querySelector("button").addEventListener("click", () => dialog.close());
const perRow = () => {
  const top = tiles[0]?.offsetTop;
  const second = tiles.findIndex((tile) => tile.offsetTop !== top);
  return second < 0 ? tiles.length : second;
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (/^[1-9]$/.test(event.key)) choose(Number(event.key) - 1);
  if (event.key === "+") resize(Number(size.value) + 0.25);
  if (event.key === "-") resize(Number(size.value) - 0.25);
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow(), ArrowDown: perRow() };
  const step = steps[event.key];
  const at = tiles.indexOf(document.activeElement);
  if (step === undefined || at < 0) return;
  event.preventDefault();
  tiles[at + step]?.focus();
});
`;
