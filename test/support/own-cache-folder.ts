import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Tests neither use nor leave anything in the folders of whoever runs them: no cache, no file of defaults. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-tests-'));
  process.env['XDG_CACHE_HOME'] = folder;
  process.env['LOCALAPPDATA'] = folder;
  process.env['DICOM_SERIES_PREVIEW_CONFIG'] = '';
  delete process.env['DICOM_SERIES_PREVIEW_CACHE_DIR'];
  return () => rmSync(folder, { recursive: true, force: true });
}
