import type { ImageViewOptions, MosaicViewOptions, PlanesViewOptions, SinkOptions, StorageOptions } from '../index.ts';

/** A series of a source. */
export interface AtlasItem {
  /** Tells the series apart from all others of its source: its Series Instance UID where the source knows it. */
  readonly id: string;
  /** What a call of the library takes to open the series. */
  readonly name: string;
  /** Where `name` is looked for; undefined for the root of the whole atlas. */
  readonly root?: string | undefined;
  /** Tells whether the objects changed; undefined where the source does not know. */
  readonly version?: string | undefined;
  readonly collection?: string | undefined;
  readonly patientId?: string | undefined;
}

/** The kinds of pictures that an atlas can hold. */
export type AtlasView = 'mosaic' | 'image' | 'planes';

/** How pictures are made; the same for all series of an atlas. */
export interface AtlasPictureOptions {
  /** The first one is what the page shows. At least one. */
  readonly views: readonly AtlasView[];
  readonly mosaic: Omit<MosaicViewOptions, 'signal' | 'onProgress'>;
  readonly image: Omit<ImageViewOptions, 'signal' | 'onProgress'>;
  readonly planes: Omit<PlanesViewOptions, 'signal' | 'onProgress'>;
  readonly includePatient: boolean;
}

/** What a worker process is told once. */
export interface WorkerSettings {
  /** Where the atlas is written: a folder or a URL. */
  readonly out: string;
  readonly sink: SinkOptions;
  readonly storage: Omit<StorageOptions, 'headers'> & {
    readonly headers?: Readonly<Record<string, string>> | undefined;
  };
  readonly pictures: AtlasPictureOptions;
  readonly optionsHash: string;
  /** Series in work at a time. */
  readonly concurrency: number;
  /** For unfinished chunks: a folder on this machine. */
  readonly workFolder: string;
}

/** A piece of work: the series of one chunk. */
export interface ChunkTask {
  readonly chunk: number;
  readonly items: readonly AtlasItem[];
  /** Ids of series that ended the process each time that they were in work alone. */
  readonly givenUp: readonly string[];
  /** One series at a time, to find the one that ends the process. */
  readonly oneByOne: boolean;
  /** Make these series again although the chunk has them: all, those that failed, or those whose version changed. */
  readonly again: 'none' | 'failed' | 'changed' | 'all';
}

/** What a chunk came to. */
export interface ChunkResult {
  readonly chunk: number;
  readonly series: number;
  readonly failed: number;
  readonly pictureBytes: number;
}

/** What parent and worker tell each other. */
export type ToWorker =
  | { readonly kind: 'settings'; readonly settings: WorkerSettings }
  | { readonly kind: 'chunk'; readonly task: ChunkTask }
  | { readonly kind: 'end' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly id: string }
  | { readonly kind: 'ended'; readonly id: string; readonly failed: boolean; readonly byteLength: number }
  | { readonly kind: 'done'; readonly result: ChunkResult }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

/** How far a build has come. */
export interface AtlasProgress {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly pictureBytes: number;
  readonly elapsedMs: number;
}
