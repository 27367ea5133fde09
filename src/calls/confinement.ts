import { realpathSync } from 'node:fs';
import { normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PreviewError } from '../base/errors.ts';
import type { HeaderIndexRow } from '../header-index/columns.ts';
import { openStore } from '../storage/open-store.ts';
import type { Preview } from '../types/report.ts';
import type { SeriesInfo } from '../types/series-info.ts';
import type { StorageSettings } from '../types/settings.ts';

/** What messages call the root itself. */
const rootInWords = 'the root';

/**
 * The one root that a previewer may read below. Which names are refused, locating a series decides (`confine` of the
 * settings). Here all that callers are told is made relative to the root: whoever may name a series need not learn where the
 * service keeps it.
 */
export class Confinement {
  /** A URL, or an absolute local path. */
  readonly root: string;
  #mention: RegExp | undefined;
  #learning: Promise<void> | undefined;

  constructor(root: string) {
    this.root = isUrl(root) ? root : resolve(root);
    this.#mention = mentionOf(namesOf(this.root));
  }

  /** Finds out what the store calls the root in its messages. Sends no request, and never fails. */
  learn(storage: StorageSettings): Promise<void> {
    this.#learning ??= openStore(this.root, storage).then(
      async (store) => {
        this.#mention = mentionOf([...namesOf(this.root), store.location]);
        await store.close();
      },
      () => {
        // The call itself will say what is wrong with the root. The next one asks again.
        this.#learning = undefined;
      },
    );
    return this.#learning;
  }

  text(text: string): string {
    if (this.#mention === undefined) return text;
    return text.replace(this.#mention, (_, slash: string | undefined) => (slash === undefined ? rootInWords : ''));
  }

  location(location: string): string {
    const text = this.text(location);
    return text === rootInWords || text === '' ? '.' : text;
  }

  /** The same error, whose texts speak of places below the root. Its `cause`, which is for logs, stays. */
  error(error: unknown): unknown {
    if (!(error instanceof PreviewError)) return error;
    const { message, stack, warnings } = error;
    const texts = { message: this.text(message), warnings: warnings.map((each) => this.text(each)) };
    const location = 'location' in error && typeof error.location === 'string' ? error.location : undefined;
    return Object.assign(
      error,
      texts,
      stack === undefined ? {} : { stack: this.text(stack) },
      location === undefined ? {} : { location: this.location(location) },
    );
  }

  preview({ bytes, report }: Preview): Preview {
    const tiles = report.tiles.map((tile) =>
      tile.error === undefined ? tile : { ...tile, error: { ...tile.error, message: this.text(tile.error.message) } },
    );
    const unreadable = report.unreadable?.map(({ key, error }) => ({
      key,
      error: { ...error, message: this.text(error.message) },
    }));
    const warnings = report.warnings.map((each) => this.text(each));
    return { bytes, report: { ...report, ...(unreadable === undefined ? {} : { unreadable }), tiles, warnings } };
  }

  info(info: SeriesInfo): SeriesInfo {
    const warnings = info.warnings.map((each) => this.text(each));
    return { ...info, location: this.location(info.location), warnings };
  }

  rows(rows: readonly HeaderIndexRow[]): readonly HeaderIndexRow[] {
    return rows.map((row) =>
      typeof row['location'] === 'string' ? { ...row, location: this.location(row['location']) } : row,
    );
  }
}

function isUrl(root: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(root);
}

/** The ways to write a root that messages may use. */
function namesOf(root: string): readonly string[] {
  let path = root;
  try {
    if (/^file:/i.test(root)) path = fileURLToPath(root);
    else if (isUrl(root)) return [root];
    return [root, path, normalize(path), realpathSync(path)];
  } catch {
    return [root, path];
  }
}

/** Finds names in texts, each alone or with the slash after it (the group). undefined where there is nothing to find. */
function mentionOf(names: readonly string[]): RegExp | undefined {
  const bare = names.map((name) => name.replace(/[\\/]+$/, '')).filter((name) => name !== '');
  if (bare.length === 0) return undefined;
  const longestFirst = [...new Set(bare)].sort((a, b) => b.length - a.length);
  const escaped = longestFirst.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`(?<![\\w.-])(?:${escaped.join('|')})(?:([\\\\/])(?=[^\\s'"),:;])|[\\\\/]?(?![\\w-]))`, 'g');
}
