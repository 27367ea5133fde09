import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as library from '../../src/index.ts';

/** The declarations as a user compiles against them, and the examples in docstrings and documents. */

const root = fileURLToPath(new URL('../../', import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'public-types-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'dicom-series-preview'), 'junction');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Compiles files as a project of their own beside the installed package. */
function compile(name: string, files: Readonly<Record<string, string>>, options: Readonly<Record<string, unknown>>) {
  const project = join(folder, name);
  mkdirSync(project);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(project, file), text);
  const compilerOptions = { noEmit: true, strict: true, module: 'NodeNext', skipLibCheck: false, ...options };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

/** What stands between ```ts and ``` (or ```js and ```). */
function codeBlocks(text: string): readonly string[] {
  return Array.from(text.matchAll(/```[tj]s\n([\s\S]*?)```/g), ([, code = '']) => code);
}

/** The text of each file of declarations. */
function declarations(): readonly string[] {
  const types = join(root, 'dist', 'types');
  return readdirSync(types, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.d.ts'))
    .map((path) => readFileSync(join(types, path), 'utf8'));
}

describe('the public types', () => {
  it("compile where Node's types are not installed", () => {
    const consumer = `
      import { createPreviewer, type Preview, type Series } from 'dicom-series-preview';
      export async function look(folder: string): Promise<Preview> {
        await using previewer = createPreviewer();
        const series: Series = await previewer.openSeries(folder);
        for await (const { rows, columns, values } of series.frames({ count: 2 })) values.fill(rows * columns);
        return series.mosaic({ contrast: 'lung', signal: AbortSignal.timeout(1000) });
      }`;
    const options = { target: 'ES2022', types: [], preserveSymlinks: true };
    expect(compile('consumer', { 'consumer.ts': consumer }, options)).toEqual({ status: 0, output: '' });
  });

  it('refuse what is no option', () => {
    const consumer = `
      import { createMosaic } from 'dicom-series-preview';
      await createMosaic('./CT', { tileWidht: 4 });`;
    const { status, output } = compile('misuse', { 'consumer.ts': consumer }, { target: 'ES2022', types: [] });
    expect(status).not.toBe(0);
    expect(output).toContain('tileWidht');
  });

  it('have an example for each export', () => {
    const declared = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport declare (?:abstract )?(?:function|class|const) (\w+)/g;
    const documented = declarations().flatMap((text) =>
      Array.from(text.matchAll(declared), ([, docstring = '', name = '']) =>
        docstring.includes('@example') ? name : '',
      ),
    );
    // The presets are exported under another name.
    const exported = Object.keys(library).filter((name) => name !== 'contrastPresets');
    expect(exported.filter((name) => !documented.includes(name))).toEqual([]);
  });

  it('fit the examples in docstrings and documents', () => {
    const documents = ['README.md', 'docs/dicom-series-preview.md'].map((path) =>
      readFileSync(join(root, path), 'utf8'),
    );
    const docstrings = declarations().map((text) => text.replaceAll(/^ *\* ?/gm, ''));
    const examples = [...docstrings, ...documents].flatMap(codeBlocks);
    expect(examples.length).toBeGreaterThan(30);
    // What an example may use without saying where it comes from.
    const known = `
      import type * as library from 'dicom-series-preview';
      declare global {
        ${Object.keys(library)
          .map((name) => `const ${name}: typeof library.${name};`)
          .join('\n')}
        const previewer: library.Previewer;
        const uids: readonly string[];
        const error: Error;
        const signal: AbortSignal;
        const writeFile: typeof import('node:fs/promises').writeFile;
      }`;
    const files = Object.fromEntries(examples.map((code, index) => [`example-${index}.ts`, `${code}\nexport {};\n`]));
    const options = {
      target: 'ES2022',
      lib: ['ES2023', 'ESNext.Disposable'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
    };
    expect(compile('examples', { 'known.d.ts': known, ...files }, options)).toEqual({ status: 0, output: '' });
  });
});
