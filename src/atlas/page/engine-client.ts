import { type EmbeddedSource, WebSource } from './byte-source.ts';
import { Engine, type News } from './engine.ts';
import type { AtlasOfPage, Card, Facts, Found, Query, Request } from './protocol.ts';

/** The engine as the page sees it. It runs in a worker, or in the page itself where that was opened from a disk. */
export interface EngineClient {
  query(query: Query): void;
  cards(version: number, from: number, to: number): Promise<readonly Card[]>;
  find(uid: string): Promise<Found>;
  facts(row: number): Promise<Facts>;
}

type ToWorker =
  | { readonly start: AtlasOfPage; readonly base: string }
  | { readonly id: number; readonly request: Request };
type FromWorker =
  | { readonly news: News }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };

/** The engine in a worker that runs the same file as the page. */
export function startWorker(atlas: AtlasOfPage, tell: (news: News) => void): EngineClient {
  const worker = new Worker(import.meta.url, { type: 'module' });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if ('news' in data) {
      tell(data.news);
      return;
    }
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) call?.reject(new Error(data.error));
    else call?.resolve(data.value);
  });
  worker.addEventListener('error', () => {
    tell({ kind: 'failed', message: 'The part of this page that reads the table could not be started.' });
  });
  const post = (message: ToWorker): void => worker.postMessage(message);
  post({ start: atlas, base: document.baseURI });
  return clientOf((request) => {
    lastId++;
    const id = lastId;
    post({ id, request });
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  });
}

/** The worker's side. */
export function serveInWorker(): void {
  let engine: Engine | undefined;
  const post = (message: FromWorker): void => postMessage(message);
  addEventListener('message', async ({ data }: MessageEvent<ToWorker>) => {
    if ('start' in data) {
      engine = new Engine(new WebSource(data.base, data.start.version), (news) => post({ news }));
      await engine.load(data.start);
      return;
    }
    const { id, request } = data;
    try {
      post({ id, value: await engine?.answer(request) });
    } catch (error) {
      post({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** The engine in the page, over what the page holds. */
export function startHere(atlas: AtlasOfPage, source: EmbeddedSource, tell: (news: News) => void): EngineClient {
  const engine = new Engine(source, tell);
  // The page is drawn first.
  setTimeout(() => engine.load(atlas));
  return clientOf(async (request) => engine.answer(request));
}

function clientOf(ask: (request: Request) => Promise<unknown>): EngineClient {
  // The engine's answers are of the types that its methods have.
  return {
    query: (query) => void ask({ kind: 'query', query }),
    cards: async (version, from, to) => (await ask({ kind: 'cards', version, from, to })) as readonly Card[],
    find: async (uid) => (await ask({ kind: 'find', uid })) as Found,
    facts: async (row) => (await ask({ kind: 'facts', row })) as Facts,
  };
}
