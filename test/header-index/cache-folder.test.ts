import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder } from '../../src/header-index/cache-folder.ts';

describe('cacheFolder', () => {
  it("is the platform's folder without an option and a variable", () => {
    const linux = { HOME: '/home/me' };
    expect(cacheFolder({}, linux, 'linux')).toEqual({ path: '/home/me/.cache/dicom-series-preview', isChosen: false });
    expect(cacheFolder({}, { ...linux, XDG_CACHE_HOME: '/fast' }, 'linux')?.path).toBe('/fast/dicom-series-preview');
    expect(cacheFolder({}, { ...linux, XDG_CACHE_HOME: 'relative' }, 'linux')?.path).toBe(
      '/home/me/.cache/dicom-series-preview',
    );
    expect(cacheFolder({}, { HOME: '/Users/me' }, 'darwin')?.path).toBe(
      '/Users/me/Library/Caches/dicom-series-preview',
    );
    expect(cacheFolder({}, { LOCALAPPDATA: '/c/local' }, 'win32')?.path).toBe('/c/local/dicom-series-preview');
    expect(cacheFolder({}, {}, 'win32')).toBeUndefined();
  });

  it('is the folder of the option, else that of the environment variable', () => {
    const environment = { HOME: '/home/me', DICOM_SERIES_PREVIEW_CACHE_DIR: '/named' };
    expect(cacheFolder({}, environment, 'linux')).toEqual({ path: '/named', isChosen: true });
    expect(cacheFolder({ cacheDir: 'here' }, environment, 'linux')).toEqual({ path: resolve('here'), isChosen: true });
    expect(cacheFolder({ noCache: true, cacheDir: 'here' }, environment, 'linux')).toBeUndefined();
  });

  it('is a temporary folder while tests run', () => {
    expect(cacheFolder({})?.path.startsWith(join(tmpdir(), 'dicom-series-preview-tests-'))).toBe(true);
  });
});
