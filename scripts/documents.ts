import type { Command } from 'commander';
import { allCommands } from '../src/cli/all-commands.ts';
import { withSubcommands } from '../src/cli/every-command.ts';
import { createProgram } from '../src/cli/program.ts';
import { manPages } from './man-pages.ts';

const referencePage = 'docs/dicom-series-preview.md';

/**
 * All files that are made from the definitions of the commands: the reference page with its help texts, the man pages, and
 * the manifest, which lists them.
 *
 * @param read gives the text of a file of the repository
 * @param present the names in docs/
 * @returns paths and texts; undefined for a man page of a command that is gone
 */
export function makeDocuments(
  read: (path: string) => string,
  present: readonly string[],
): ReadonlyMap<string, string | undefined> {
  const version = /"version": "([^"]+)"/.exec(read('package.json'))?.[1] ?? '';
  const date = /^## \d.*?(\d{4}-\d{2}-\d{2})/m.exec(read('CHANGELOG.md'))?.[1] ?? '';
  const reference = withHelp(read(referencePage));
  const pages = manPages(
    programWith(() => undefined),
    { version, date, pages: [reference, read('README.md')] },
  );
  const documents = new Map<string, string | undefined>();
  for (const name of present) if (name.endsWith('.1')) documents.set(`docs/${name}`, undefined);
  for (const [name, text] of pages) documents.set(`docs/${name}`, text);
  documents.set(referencePage, reference);
  documents.set('package.json', withManPages(read('package.json'), [...pages.keys()]));
  return documents;
}

/** The page with the current help text in each place that is marked for one. */
function withHelp(page: string): string {
  return page.replaceAll(
    /<!-- (help(?: ([\w -]+?))?) -->\n[\s\S]*?<!-- \/\1 -->/g,
    (_whole, name: string, command: string | undefined) =>
      `<!-- ${name} -->\n\`\`\`text\n${helpOf(command).trimEnd()}\n\`\`\`\n<!-- /${name} -->`,
  );
}

function helpOf(names: string | undefined): string {
  let text = '';
  const program = programWith((part) => {
    text += part;
  });
  const command = withSubcommands(program).find((each) => fullName(each) === (names ?? ''));
  if (command === undefined) throw new Error(`Expected a command '${names}' but there is none.`);
  command.outputHelp();
  return text;
}

function fullName(command: Command): string {
  return command.parent === null ? '' : `${fullName(command.parent)} ${command.name()}`.trim();
}

/** The program, with the help as wide as on a stream that is no terminal. */
function programWith(write: (text: string) => void): Command {
  const stream = {
    write: (text: string | Uint8Array) => {
      write(String(text));
      return true;
    },
  };
  const program = createProgram(
    {
      loadLibrary: () => Promise.reject(new Error('Nothing is run for documents.')),
      ...{ stdout: stream, stderr: stream, signal: new AbortController().signal, programName: 'dicom-series-preview' },
    },
    () => undefined,
    allCommands,
  );
  for (const command of withSubcommands(program)) {
    command.configureOutput({ getOutHelpWidth: () => 80, getOutHasColors: () => false });
  }
  return program;
}

function withManPages(manifest: string, names: readonly string[]): string {
  const list = names.toSorted().map((name) => `    "docs/${name}"`);
  return manifest.replace(/"man": \[[^\]]*\]/, `"man": [\n${list.join(',\n')}\n  ]`);
}
