import type { ByteSource } from './byte-source.ts';
import { type FetchedGroup, ManifestReader } from './manifest-reader.ts';
import type { AtlasOfPage, Card, Facts, Found, Query, QueryResult, Request } from './protocol.ts';
import { type Answer, runQuery, SortedRows } from './query.ts';
import { viewsOf } from './series-report.ts';
import { keptColumns, Table } from './table.ts';

/** Counts are told anew so often while rows are read. */
const minUpdateIntervalMs = 700;

/** Lets messages that wait be heard. A timer would wait four milliseconds each time. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** What the engine says without being asked. */
export type News =
  | { readonly kind: 'result'; readonly result: QueryResult }
  /** The first row group is there; what the manifest says of the whole atlas (JSON). */
  | { readonly kind: 'opened'; readonly atlasJson: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Reads the manifest, and answers what the page asks about its rows. */
export class Engine {
  readonly #source: ByteSource;
  readonly #tell: (news: News) => void;
  readonly #sorted = new SortedRows();
  #reader: ManifestReader | undefined;
  #table: Table = new Table(0);
  #query: Query = { text: '', chosen: {}, sort: 'place', descending: false };
  #answer: Answer | undefined;
  #version = 0;
  #isAsked = false;
  #whenLoaded: Promise<void> = Promise.resolve();

  constructor(source: ByteSource, tell: (news: News) => void) {
    this.#source = source;
    this.#tell = tell;
  }

  /** Reads all rows. Never fails: it tells. */
  load(atlas: AtlasOfPage): Promise<void> {
    this.#whenLoaded = this.#load(atlas).catch((error: unknown) => {
      this.#tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    });
    return this.#whenLoaded;
  }

  async #load({ manifestByteLength }: AtlasOfPage): Promise<void> {
    const reader = await ManifestReader.open(this.#source, manifestByteLength);
    this.#reader = reader;
    const table = new Table(reader.rows);
    this.#table = table;
    let toldAt = 0;
    let next: Promise<FetchedGroup> | undefined;
    for (let group = 0; group < reader.groups; group++) {
      const fetched = await (next ?? reader.fetchGroup(group, keptColumns));
      // The next one is on its way while this one is decoded.
      next = group + 1 < reader.groups ? reader.fetchGroup(group + 1, keptColumns) : undefined;
      next?.catch(() => undefined);
      let end = table.loaded;
      for (const column of keptColumns) {
        await reader.decode(fetched, column, (from, values) => {
          table.fill(column, from, values);
          end = Math.max(end, from + values.length);
        });
        // What the page asks meanwhile is answered first; before the first rows it asks nothing.
        if (group > 0) await nextTask();
      }
      table.loaded = end;
      if (group === 0) {
        this.#tell({ kind: 'opened', atlasJson: reader.property('dicom-series-preview.atlas') ?? '{}' });
      }
      const isLast = group === reader.groups - 1;
      if (isLast || performance.now() - toldAt > minUpdateIntervalMs) {
        toldAt = performance.now();
        this.#run();
      }
    }
    if (reader.groups === 0) this.#run();
  }

  query(query: Query): void {
    this.#isAsked = true;
    this.#query = query;
    this.#version++;
    this.#run();
  }

  #run(): void {
    if (!this.#isAsked) return;
    this.#answer = runQuery(this.#table, this.#query, this.#sorted);
    const { loaded, rows } = this.#table;
    const { order, facets } = this.#answer;
    this.#tell({ kind: 'result', result: { version: this.#version, loaded, rows, shown: order.length, facets } });
  }

  /** The rows from one position on to before another one; of an older query none. */
  cards(version: number, from: number, to: number): readonly Card[] {
    if (version !== this.#version || this.#answer === undefined) return [];
    return Array.from(this.#answer.order.subarray(from, to), (row) => this.#table.card(row));
  }

  /** Waits for rows that are still to come. */
  async find(uid: string): Promise<Found> {
    let row = this.#table.uids.find(uid);
    if (row < 0) {
      await this.#whenLoaded;
      row = this.#table.uids.find(uid);
    }
    return { row, position: row < 0 ? -1 : (this.#answer?.order.indexOf(row) ?? -1) };
  }

  async facts(row: number): Promise<Facts> {
    if (this.#reader === undefined) throw new Error('The manifest is not read so far.');
    const read = await this.#reader.row(row);
    const values: Record<string, string | number | null> = {};
    for (const [name, value] of Object.entries(read)) {
      values[name] = typeof value === 'number' || typeof value === 'string' ? value : null;
    }
    const { warnings: said, pictures, shard } = values;
    const warnings: readonly string[] = typeof said === 'string' && said !== '' ? JSON.parse(said) : [];
    const hasPictures = typeof pictures === 'string' && typeof shard === 'string';
    const views = hasPictures ? await viewsOf(this.#source, pictures, shard) : [];
    return { row, values, warnings, views };
  }

  /** Answers a request; what a query comes to is told as news. */
  answer(request: Request): unknown {
    if (request.kind === 'query') return this.query(request.query);
    if (request.kind === 'cards') return this.cards(request.version, request.from, request.to);
    return request.kind === 'find' ? this.find(request.uid) : this.facts(request.row);
  }
}
