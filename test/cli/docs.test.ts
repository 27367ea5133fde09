import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../../', import.meta.url));

function node(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

function read(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8');
}

/** Every long option that a command's help lists. */
function documentedOptions(): readonly string[] {
  const found = ['mosaic', 'get-image'].flatMap((command) =>
    Array.from(
      node('dist/cli.js', command, '--help').output.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm),
      (match) => match[1],
    ),
  );
  return [...new Set(found.filter((option) => option !== undefined))];
}

describe('the documents', () => {
  it('have the current help texts in the reference page', () => {
    expect(node('scripts/docs.js', '--check')).toEqual({ status: 0, output: expect.stringContaining('are current') });
  });

  it('name every option in the README and in the man page', () => {
    const options = documentedOptions();
    expect(options.length).toBeGreaterThan(20);
    const readme = read('README.md');
    const page = read('docs/dicom-series-preview.1').replaceAll('\\-', '-');
    expect(options.filter((option) => option !== '--help' && !readme.includes(`\`${option}`))).toEqual([]);
    expect(options.filter((option) => !page.includes(option))).toEqual([]);
  });

  it('name the version of the package', () => {
    const { version } = manifest;
    expect(read('CITATION.cff')).toContain(`version: ${version}\n`);
    expect(read('CHANGELOG.md')).toContain(version);
    expect(read('docs/dicom-series-preview.1')).toContain(`"dicom-series-preview ${version}"`);
  });

  it('name every dependency and why it is there', () => {
    const page = read('docs/dependencies.md');
    const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('link to files and headings that are there', () => {
    for (const path of ['README.md', 'docs/dicom-series-preview.md']) {
      const folder = path.includes('/') ? 'docs/' : '';
      for (const [, target] of read(path).matchAll(/\]\(([^)#]*)[^)]*\)/g)) {
        if (target === undefined || target === '' || target.startsWith('http')) continue;
        expect(() => readFileSync(new URL(target, `file://${root}${folder}`)), `${path}: ${target}`).not.toThrow();
      }
    }
  });
});
