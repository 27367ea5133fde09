import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSharp } from '../../src/compose/load-sharp.ts';

const require = createRequire(import.meta.url);
const path = require.resolve('sharp');
const { version } = createRequire(path)('../package.json') as { version: string };

describe('loadSharp', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'load-sharp-'));
    delete require.cache[path];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** A bundle that says of which version it is and what it was given. */
  function bundle(of: string): string {
    const file = join(folder, 'sharp.cjs');
    writeFileSync(file, `module.exports = { version: '${of}', load: (require) => require('../package.json').name };`);
    return file;
  }

  it('takes the bundle of the version that is installed, which finds its parts from where sharp lies', () => {
    expect(loadSharp(bundle(version))).toBe('sharp');
  });

  it('takes the installed files where the bundle is of another version', () => {
    expect(loadSharp(bundle('0.0.1'))).toBe(require('sharp'));
  });

  it('takes the installed files where there is no bundle', () => {
    expect(loadSharp(join(folder, 'none.cjs'))).toBe(require('sharp'));
  });

  it('takes the sharp that the process has loaded, whose settings are the process’s own', () => {
    const loaded: unknown = require('sharp');
    expect(loadSharp(bundle(version))).toBe(loaded);
  });

  it('is built to tell the same facts as the installed sharp, found out when they are asked for', () => {
    const file = fileURLToPath(new URL('../../dist/sharp.cjs', import.meta.url));
    const { load } = require(file) as { load(find: NodeJS.Require): typeof Sharp };
    const built = load(createRequire(path));
    const installed: typeof Sharp = require('sharp');
    expect(Object.keys(built)).toEqual(Object.keys(installed));
    expect(built.format).toEqual(installed.format);
    expect(built.versions).toEqual(installed.versions);
  });
});
