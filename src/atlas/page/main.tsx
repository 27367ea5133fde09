import { render } from 'preact';
import { App } from './app.tsx';
import { EmbeddedSource, WebSource } from './byte-source.ts';
import { serveInWorker, startHere, startWorker } from './engine-client.ts';
import type { AtlasOfPage } from './protocol.ts';

function startPage(): void {
  const page = document.getElementById('page');
  const atlas: AtlasOfPage = JSON.parse(document.getElementById('atlas')?.textContent ?? '{}');
  if (page === null) return;
  page.textContent = '';
  const embedded = new Map<string, Element>();
  for (const element of document.querySelectorAll('script[data-file]')) {
    embedded.set(element.getAttribute('data-file') ?? '', element);
  }
  if (embedded.size > 0) {
    // A page from a disk may start no workers.
    const source = new EmbeddedSource((name) => embedded.get(name)?.textContent ?? undefined);
    render(<App source={source} start={(tell) => startHere(atlas, source, tell)} />, page);
    return;
  }
  const source = new WebSource(document.baseURI, atlas.version);
  render(<App source={source} start={(tell) => startWorker(atlas, tell)} />, page);
}

// The same file is the page's worker.
if (typeof document === 'undefined') serveInWorker();
else startPage();
