import type { Command, Option } from 'commander';
import { variableOf } from '../src/cli/defaults.ts';
import { withSubcommands } from '../src/cli/every-command.ts';
import { escaped, roffOf, sectionOf, words } from './markdown-to-roff.ts';

/** What the pages are made of, beside the definitions of the commands. */
export interface ManSources {
  readonly version: string;
  /** Of the version: YYYY-MM-DD. */
  readonly date: string;
  /** Markdown that has the chapters: each is taken from the first text that has its heading. */
  readonly pages: readonly string[];
}

/** A chapter of the documents that a page repeats. */
interface Chapter {
  readonly heading: string;
  readonly title: string;
  readonly isWanted: (command: Command) => boolean;
}

const chapters: readonly Chapter[] = [
  {
    ...{ heading: 'Naming a series', title: 'NAMING A SERIES' },
    isWanted: (command) => command.registeredArguments.some((argument) => /^SERIESUID/.test(argument.name())),
  },
  {
    ...{ heading: 'Order', title: 'ORDER AND POSITIONS' },
    isWanted: (command) => optionsOf(command).some(({ flags }) => flags.includes('<position>')),
  },
  { heading: 'Contrast', title: 'CONTRAST', isWanted: (command) => has(command, '--contrast') },
  { heading: 'Drafts', title: 'DRAFTS', isWanted: (command) => has(command, '--draft') },
  { heading: 'Exit codes', title: 'EXIT STATUS', isWanted: isProgram },
  { heading: 'Environment', title: 'ENVIRONMENT', isWanted: isProgram },
  { heading: 'Defaults', title: 'DEFAULTS', isWanted: isProgram },
  { heading: 'Files', title: 'FILES', isWanted: isProgram },
];

/**
 * The man pages of a program and of all its commands, from the definitions that `--help` is made of.
 *
 * @returns file names and texts; a second name of a command is a page that leads to the first
 */
export function manPages(program: Command, sources: ManSources): ReadonlyMap<string, string> {
  const pages = new Map<string, string>();
  for (const command of withSubcommands(program)) {
    const name = pageName(command);
    pages.set(`${name}.1`, page(program, command, sources));
    for (const alias of command.aliases()) pages.set(`${pageName(command, alias)}.1`, `.so man1/${name}.1\n`);
  }
  pages.set('dicom-mosaic.1', `.so man1/${pageName(program)}.1\n`);
  return pages;
}

function page(program: Command, command: Command, sources: ManSources): string {
  const name = pageName(command);
  const names = isProgram(command) ? `${name}, dicom-mosaic` : name;
  const { examples, notes } = textAfter(command);
  const lines = [
    '.\\" Made by scripts/docs.js from the definitions of the commands. Do not edit.',
    `.TH ${escaped(name.toUpperCase())} 1 ${sources.date} "${program.name()} ${sources.version}" "User Commands"`,
    // Names of options and commands are not to be cut.
    '.nr HY 0',
    '.nh',
    '.ad l',
    '.SH NAME',
    `${escaped(names)} \\- ${escaped(command.description().replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    ...synopsis(command),
    '.SH DESCRIPTION',
    ...words(command.description()),
    ...commandList(command),
    ...argumentList(command),
    ...optionList(command),
  ];
  for (const { heading, title, isWanted } of chapters) {
    if (isWanted(command)) lines.push(`.SH ${title}`, ...roffOf(sectionOf(heading, sources.pages)));
  }
  if (examples.length > 0) lines.push('.SH EXAMPLES', ...examples);
  if (notes.length > 0) lines.push('.SH NOTES', ...notes);
  lines.push('.SH SEE ALSO', ...seeAlso(program, command));
  return `${lines.join('\n')}\n`;
}

function synopsis(command: Command): readonly string[] {
  const usage = command.usage().replaceAll(/[<>]/g, '');
  return [`.SY "${escaped(fullName(command))}"`, escaped(usage), '.YS'];
}

function commandList(command: Command): readonly string[] {
  const commands = visibleCommands(command);
  if (commands.length === 0) return [];
  const entries = commands.flatMap((each) => [
    '.TP',
    `.B ${escaped([each.name(), ...each.aliases()].join(', '))}`,
    ...words(each.description()),
    ...words(`See ${pageName(each)}(1).`),
  ]);
  return ['.SH COMMANDS', ...entries];
}

function argumentList(command: Command): readonly string[] {
  const shown = command.registeredArguments;
  if (shown.length === 0) return [];
  const help = command.createHelp();
  const entries = shown.flatMap((argument) => [
    '.TP',
    `.I ${escaped(argument.name())}`,
    ...words(help.argumentDescription(argument)),
  ]);
  return ['.SH ARGUMENTS', ...entries];
}

function optionList(command: Command): readonly string[] {
  const help = command.createHelp();
  const entries = optionsOf(command).flatMap((option) => [
    '.TP',
    flagsOf(option),
    ...words(help.optionDescription(option)),
    ...(variableOf(option) === undefined ? [] : ['.br', ...words(`Environment: ${variableOf(option)}`)]),
  ]);
  return ['.SH OPTIONS', ...entries];
}

/** `-q, --quality <1-100>` with the names in bold and the value in italics. */
function flagsOf(option: Option): string {
  const [, names = option.flags, value] = /^(.*?)(?: ([<[].*[>\]]))?$/.exec(option.flags) ?? [];
  const bold = names
    .split(', ')
    .map((name) => `\\fB${escaped(name)}\\fR`)
    .join(', ');
  return value === undefined ? bold : `${bold} \\fI${escaped(value.replaceAll(/[<>]/g, ''))}\\fR`;
}

/** What the help has after the options: examples, and paragraphs. */
function textAfter(command: Command): { readonly examples: readonly string[]; readonly notes: readonly string[] } {
  let help = '';
  command.configureOutput({
    writeOut: (part) => {
      help += part;
    },
  });
  command.outputHelp();
  const text = help.replace(command.helpInformation(), '');
  const examples: string[] = [];
  const notes: string[] = [];
  for (const paragraph of text.trim().split(/\n\s*\n/)) {
    const lines = paragraph.split('\n').filter((line) => line !== 'Examples:' && line !== '');
    const isExample = lines.some((line) => line.startsWith('  $ '));
    if (!isExample) {
      if (lines.length > 0) notes.push('.PP', ...words(lines.join(' ')));
      continue;
    }
    examples.push('.PP', ...words(lines.filter((line) => /^ {2}[^$ ]/.test(line)).join(' ')), '.EX');
    for (const line of lines) if (/^ {2}(\$| )/.test(line)) examples.push(escaped(line.replace(/^ {2}\$ ?/, '')));
    examples.push('.EE');
  }
  return { examples, notes };
}

function seeAlso(program: Command, command: Command): readonly string[] {
  const others = withSubcommands(program).filter((each) => each !== command);
  const names = others.map((each) => `.BR ${escaped(pageName(each))} (1)`);
  const about = isProgram(command)
    ? []
    : ['.PP', ...words(`${pageName(program)}(1) has the exit status, the environment and the files of all commands.`)];
  return [...names.map((name, index) => (index < names.length - 1 ? `${name},` : name)), ...about];
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function visibleCommands(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => command.commands.includes(each));
}

function has(command: Command, long: string): boolean {
  return optionsOf(command).some((option) => option.long === long);
}

function isProgram(command: Command): boolean {
  return command.parent === null;
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function pageName(command: Command, as: string = command.name()): string {
  return command.parent === null ? as : `${pageName(command.parent)}-${as}`;
}
