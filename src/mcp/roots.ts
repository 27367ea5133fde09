import { basename } from 'node:path';
import { createPreviewer, idcRoots, type Previewer, type StorageOptions, UsageError } from '../index.ts';

/** How stores are reached: the same for all roots. */
export type RootStorage = Omit<StorageOptions, 'root'>;

/** A place that the server may read below, and nothing else. */
export interface Root {
  /** From 1, as tools name it. */
  readonly number: number;
  /** Its last part, so that no path of this machine is told. */
  readonly name: string;
  readonly location: string;
  readonly isIdc: boolean;
  readonly previewer: Previewer;
}

/** The roots of a server, each with a previewer that is confined to it. */
export interface Roots {
  readonly all: readonly Root[];
  readonly storage: RootStorage;
  /** @throws UsageError for a number that no root has */
  byNumber(number: number): Root;
  close(): Promise<void>;
}

/** The buckets of the Imaging Data Commons on Amazon, which together hold all their series. */
const defaultRoots = idcRoots.filter((root) => root.startsWith('s3://'));

/** @param locations URLs or local folders; none for the Imaging Data Commons */
export function createRoots(locations: readonly string[], storage: RootStorage): Roots {
  const all = (locations.length === 0 ? defaultRoots : locations).map(
    (location, index): Root => ({
      number: index + 1,
      name: nameOf(location),
      location,
      isIdc: idcRoots.some((root) => location.replace(/\/+$/, '') === root),
      previewer: createPreviewer({ root: location, confine: true }),
    }),
  );
  return {
    all,
    storage,
    byNumber: (number) => {
      const found = all[number - 1];
      if (found !== undefined) return found;
      throw new UsageError(
        `Expected a root from 1 to ${all.length} (${all.map((root) => `${root.number}: ${root.name}`).join(', ')}) but received ${number}.`,
      );
    },
    close: async () => {
      await Promise.all(all.map(({ previewer }) => previewer.close()));
    },
  };
}

function nameOf(location: string): string {
  const path = location.replace(/[?#].*$/, '').replace(/[\\/]+$/, '');
  return basename(path) || 'root';
}
