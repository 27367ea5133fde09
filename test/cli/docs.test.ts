import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { makeDocuments } from '../../scripts/documents.ts';
import { allCommands } from '../../src/cli/all-commands.ts';
import { withSubcommands } from '../../src/cli/every-command.ts';
import { createProgram } from '../../src/cli/program.ts';
import { fakeContext } from './fake-library.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `index build`: without the name of the program. */
function nameOf(command: Command): string {
  return command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
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

describe('the documents', () => {
  it('that are made from the definitions of the commands are current: help texts, man pages, their list', () => {
    for (const [path, text] of makeDocuments(read, readdirSync(join(root, 'docs')))) {
      const present = existsSync(join(root, path)) ? read(path) : undefined;
      expect(present, `${path}: run node scripts/docs.js`).toBe(text);
    }
  });

  it('have a man page for every command, with all its options', () => {
    const program = createProgram(fakeContext(), () => undefined, allCommands);
    const commands = program.commands.flatMap(withSubcommands);
    expect(commands.length).toBeGreaterThanOrEqual(6);
    for (const command of commands) {
      const name = nameOf(command);
      const page = read(`docs/dicom-series-preview-${name.replaceAll(' ', '-')}.1`).replaceAll('\\-', '-');
      const options = command.createHelp().visibleOptions(command);
      expect(options.length).toBeGreaterThan(0);
      expect(options.filter(({ long }) => !page.includes(`\\fB${long}\\fR`))).toEqual([]);
    }
  });

  it('are man pages that groff finds nothing wrong with', (test) => {
    if (spawnSync('groff', ['--version']).error !== undefined) test.skip();
    const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.1'));
    for (const name of pages.filter((page) => !read(join('docs', page)).startsWith('.so '))) {
      const file = join(root, 'docs', name);
      const { stderr, stdout } = spawnSync('groff', ['-man', '-Tutf8', '-P-cbou', '-ww', file], { encoding: 'utf8' });
      expect(stderr, name).toBe('');
      expect(stdout, name).toContain('SYNOPSIS');
    }
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
