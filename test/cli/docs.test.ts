import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { run } from '../../src/cli/run.ts';
import { fakeContext } from './fake-library.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

async function helpOf(...command: readonly string[]): Promise<string> {
  const context = fakeContext();
  await run([...command, '--help'], context);
  return context.out().toString('utf8');
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** All hand-written pages. */
function pages(): readonly string[] {
  const below = (folder: string): readonly string[] =>
    readdirSync(join(root, folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : []));
  return [...below('.'), ...below('docs'), ...below(join('docs', 'decisions'))];
}

/** The names by which a page's headings are linked. */
function headings(page: string): readonly string[] {
  return Array.from(page.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Every long option that a command's help lists. */
async function documentedOptions(): Promise<readonly string[]> {
  const help = (await helpOf('mosaic')) + (await helpOf('get-image'));
  const found = Array.from(help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm), (match) => match[1]);
  return [...new Set(found.filter((option) => option !== undefined))];
}

describe('the documents', () => {
  // `npm run test:interop` runs scripts/docs.js --check, which asks the built program.
  it('have the current help texts in the reference page', async () => {
    const page = read('docs/dicom-series-preview.md');
    const texts = [...page.matchAll(/<!-- help ?([\w -]*?) -->\n```text\n([\s\S]*?)\n```/g)];
    expect(texts.length).toBeGreaterThanOrEqual(6);
    for (const [, command = '', text] of texts) {
      expect(text, command).toBe((await helpOf(...command.split(' ').filter((word) => word !== ''))).trimEnd());
    }
  });

  it('name every option in the man page', async () => {
    const options = await documentedOptions();
    expect(options.length).toBeGreaterThan(20);
    const page = read('docs/dicom-series-preview.1').replaceAll('\\-', '-');
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
    for (const path of pages()) {
      for (const [, target = '', heading = ''] of read(path).matchAll(/\]\(([^)#\s]*)#?([^)]*)\)/g)) {
        if (target.startsWith('http')) continue;
        const linked = target === '' ? path : join(dirname(path), target);
        expect(existsSync(join(root, linked)), `${path}: ${target}`).toBe(true);
        if (heading !== '') expect(headings(read(linked)), `${path}: ${linked}`).toContain(heading);
      }
    }
  });

  it('list every decision', () => {
    const index = read('docs/decisions/README.md');
    const notes = readdirSync(join(root, 'docs', 'decisions')).filter((name) => name !== 'README.md');
    expect(notes.filter((name) => !index.includes(`](${name})`))).toEqual([]);
  });

  it('name files, and functions in them, that are there', () => {
    for (const path of pages()) {
      for (const [, named = ''] of read(path).matchAll(/`((?:src|test|scripts|examples|bench)\/[\w./-]+)`/g)) {
        // NAME stands for what the reader will add.
        if (!named.includes('NAME')) expect(existsSync(join(root, named)), `${path}: ${named}`).toBe(true);
      }
      for (const [, file = '', names = ''] of read(path).matchAll(/\]\(([^)]+\.[tj]s)\)\s+\(((?:`\w+`(?:, )?)+)/g)) {
        const code = read(join(dirname(path), file));
        for (const name of names.match(/\w+/g) ?? []) {
          expect(code, `${path}: ${file}`).toMatch(new RegExp(`export (async )?(function|interface) ${name}\\b`));
        }
      }
    }
  });
});
