import type { ByteSource } from './byte-source.ts';
import type { Card, PicturePlace } from './protocol.ts';

/** Pictures that lie so close in a tar file are read as one piece: reports of a few KB lie between them. */
const maxGap = 32 * 1024;
const maxPiece = 1024 * 1024;
const maxRequests = 6;
/** Of drawn pictures that are out of view, four bytes a pixel. */
const maxKeptBytes = 16 * 1024 * 1024;

interface Wanted {
  readonly row: number;
  readonly picture: PicturePlace;
}

/** Loads the pictures of sheets, small, those in view first. The last ones are kept. */
export class Pictures {
  readonly #source: ByteSource;
  /** By row, the least recently wanted first. null: it could not be read. */
  readonly #kept = new Map<number, ImageBitmap | null>();
  readonly #inWork = new Set<number>();
  readonly #drawers = new Map<number, () => void>();
  #keptBytes = 0;
  #queue: readonly Wanted[] = [];
  #inView: ReadonlySet<number> = new Set();
  #requests = 0;
  /** Of the longer side. */
  #pixels = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** undefined while a picture is on its way, null where it could not be read. */
  get(row: number): ImageBitmap | null | undefined {
    return this.#kept.get(row);
  }

  /** Calls back once when the picture of a row is there. Answers how to stop that. */
  whenThere(row: number, draw: () => void): () => void {
    this.#drawers.set(row, draw);
    return () => {
      if (this.#drawers.get(row) === draw) this.#drawers.delete(row);
    };
  }

  /** What is in view now, the most wanted first. What was wanted before and is not under way is forgotten. */
  want(cards: readonly Card[], pixels: number): void {
    if (pixels !== this.#pixels) this.#forget(pixels);
    const queue: Wanted[] = [];
    for (const { row, picture } of cards) {
      const kept = this.#kept.get(row);
      if (kept !== undefined) {
        this.#kept.delete(row);
        this.#kept.set(row, kept);
      } else if (picture !== undefined && !this.#inWork.has(row)) queue.push({ row, picture });
    }
    this.#queue = queue;
    this.#inView = new Set(cards.map(({ row }) => row));
    this.#pump();
  }

  #forget(pixels: number): void {
    this.#pixels = pixels;
    for (const bitmap of this.#kept.values()) bitmap?.close();
    this.#kept.clear();
    this.#keptBytes = 0;
  }

  #pump(): void {
    while (this.#requests < maxRequests && this.#queue.length > 0) {
      const piece = nextPiece(this.#queue);
      const taken = new Set(piece.map(({ row }) => row));
      this.#queue = this.#queue.filter(({ row }) => !taken.has(row));
      for (const row of taken) this.#inWork.add(row);
      this.#requests++;
      this.#load(piece).finally(() => {
        this.#requests--;
        this.#pump();
      });
    }
  }

  async #load(piece: readonly Wanted[]): Promise<void> {
    const offset = Math.min(...piece.map(({ picture }) => picture.offset));
    const end = Math.max(...piece.map(({ picture }) => picture.offset + picture.length));
    const shard = piece[0]?.picture.shard ?? '';
    const bytes = await this.#source.read(shard, offset, end - offset).catch(() => undefined);
    await Promise.all(
      piece.map(async ({ row, picture }) => {
        const start = picture.offset - offset;
        const own = bytes?.subarray(start, start + picture.length);
        const bitmap = own === undefined ? null : await drawn(own, picture.format, this.#pixels);
        this.#inWork.delete(row);
        this.#keep(row, bitmap);
        this.#drawers.get(row)?.();
      }),
    );
  }

  #keep(row: number, bitmap: ImageBitmap | null): void {
    this.#kept.set(row, bitmap);
    this.#keptBytes += bytesOf(bitmap);
    for (const [oldest, old] of this.#kept) {
      if (this.#keptBytes <= maxKeptBytes) break;
      if (this.#inView.has(oldest)) continue;
      this.#kept.delete(oldest);
      this.#keptBytes -= bytesOf(old);
      old?.close();
    }
  }
}

/** The first of a queue, and what lies near it in the same file. */
function nextPiece(queue: readonly Wanted[]): readonly Wanted[] {
  const [head] = queue;
  if (head === undefined) return [];
  const same = queue.filter(({ picture }) => picture.shard === head.picture.shard);
  same.sort((a, b) => a.picture.offset - b.picture.offset);
  const at = same.indexOf(head);
  let [first, last] = [at, at];
  const start = (index: number): number => same[index]?.picture.offset ?? 0;
  const end = (index: number): number => start(index) + (same[index]?.picture.length ?? 0);
  const fits = (from: number, to: number): boolean => end(to) - start(from) <= maxPiece;
  while (last + 1 < same.length && start(last + 1) - end(last) <= maxGap && fits(first, last + 1)) last++;
  while (first > 0 && start(first) - end(first - 1) <= maxGap && fits(first - 1, last)) first--;
  return same.slice(first, last + 1);
}

async function drawn(bytes: Uint8Array<ArrayBuffer>, format: string, pixels: number): Promise<ImageBitmap | null> {
  try {
    const blob = new Blob([bytes], { type: `image/${format}` });
    // Decoded at full size only for a moment: a screen of mosaics would take hundreds of megabytes.
    return await createImageBitmap(blob, { resizeWidth: pixels, resizeQuality: 'medium' });
  } catch {
    // TIFF, say, which browsers do not show.
    return null;
  }
}

function bytesOf(bitmap: ImageBitmap | null): number {
  return bitmap === null ? 0 : bitmap.width * bitmap.height * 4;
}
