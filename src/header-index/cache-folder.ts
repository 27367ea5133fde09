import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CacheSettings } from '../types/settings.ts';

/** The folder for all that is kept between runs. */
export interface CacheFolder {
  readonly path: string;
  /** Whether the caller named it, with the option or the environment variable. Else it is the platform's folder. */
  readonly isChosen: boolean;
}

const name = 'dicom-series-preview';

/**
 * The cache folder: `cacheDir`, else the environment variable DICOM_SERIES_PREVIEW_CACHE_DIR, else a folder in the
 * platform's (XDG_CACHE_HOME or ~/.cache, ~/Library/Caches, %LOCALAPPDATA%).
 *
 * @returns undefined with `noCache`, and where the user has no home folder
 */
export function cacheFolder(
  options: Partial<Pick<CacheSettings, 'cacheDir' | 'noCache'>>,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): CacheFolder | undefined {
  if (options.noCache === true) return undefined;
  const chosen = options.cacheDir ?? environment['DICOM_SERIES_PREVIEW_CACHE_DIR'];
  if (chosen !== undefined && chosen !== '') return { path: resolve(chosen), isChosen: true };
  const parent = platformCaches(environment, platform);
  return parent === undefined ? undefined : { path: join(parent, name), isChosen: false };
}

function platformCaches(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  if (platform === 'win32') {
    const local = environment['LOCALAPPDATA'];
    return local === undefined || local === '' ? undefined : local;
  }
  const home = environment['HOME'] ?? homeOfUser();
  if (platform === 'darwin') return home === undefined ? undefined : join(home, 'Library', 'Caches');
  const xdg = environment['XDG_CACHE_HOME'];
  // The XDG Base Directory Specification says to ignore relative paths.
  if (xdg?.startsWith('/') === true) return xdg;
  return home === undefined ? undefined : join(home, '.cache');
}

function homeOfUser(): string | undefined {
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}
