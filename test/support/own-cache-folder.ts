import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Tests neither use nor leave anything in the cache folder of whoever runs them. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-tests-'));
  process.env['XDG_CACHE_HOME'] = folder;
  process.env['LOCALAPPDATA'] = folder;
  delete process.env['DICOM_SERIES_PREVIEW_CACHE_DIR'];
  return () => rmSync(folder, { recursive: true, force: true });
}
