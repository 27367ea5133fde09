import { Command } from 'commander';

/** What the list of commands says of each. It can be printed without loading them. */
interface ListedCommand {
  readonly alias?: string;
  readonly arguments: readonly string[];
  readonly description: string;
  /** It holds others, and does nothing by itself. */
  readonly isGroup?: true;
}

type CommandName =
  | 'mosaic'
  | 'get-image'
  | 'contrast-sheet'
  | 'planes'
  | 'film'
  | 'show'
  | 'list'
  | 'info'
  | 'headers'
  | 'index'
  | 'atlas'
  | 'serve'
  | 'mcp'
  | 'completion';

const list: Readonly<Record<CommandName, ListedCommand>> = {
  mosaic: {
    arguments: ['<SERIESUID>', '[OUTPUT]'],
    description: 'Instances evenly spaced over a series, tiled in one picture, in spatial order.',
  },
  'get-image': {
    alias: 'image',
    arguments: ['<SERIESUID>', '[OUTPUT]'],
    description: 'One instance of a series: the one nearest to a position.',
  },
  'contrast-sheet': {
    alias: 'contrast-mosaic',
    arguments: ['<SERIESUID>', '[OUTPUT]'],
    description: 'The same images in several contrasts: rows are places, columns are contrasts.',
  },
  planes: {
    arguments: ['<SERIESUID>', '[OUTPUT]'],
    description: 'Axial, coronal and sagittal planes through a series, side by side, with true proportions.',
  },
  film: {
    alias: 'video',
    arguments: ['<SERIESUID>', '<OUTPUT>'],
    description: 'The images of a series one after the other: WebP, GIF, MP4 or WebM.',
  },
  show: {
    arguments: ['<SERIESUID>'],
    description: 'The mosaic of a series in the terminal.',
  },
  list: {
    arguments: ['[PLACE]'],
    description: 'Every series below a root or a folder, a row each.',
  },
  info: {
    arguments: ['<SERIESUID>'],
    description: 'What a series is: geometry, volumes, gaps, windows, and flags of what to look at.',
  },
  headers: {
    arguments: ['<SERIESUID>', '[OUTPUT]'],
    description: 'The headers of a series for other programs: a row a frame, or chosen attributes of each instance.',
  },
  index: {
    arguments: [],
    description: 'Headers of series: kept for later pictures, as a table for other programs, or removed.',
    isGroup: true,
  },
  atlas: {
    arguments: [],
    description: 'Previews of all series of an archive, and what they are.',
    isGroup: true,
  },
  serve: {
    arguments: [],
    description: 'Pictures of series over HTTP, made as they are asked for.',
  },
  mcp: {
    arguments: [],
    description: 'Serve pictures of series to language models (Model Context Protocol).',
  },
  completion: {
    arguments: ['<SHELL>'],
    description: 'A script that teaches a shell to complete commands, options and values.',
  },
};

/** A command with what the list says of it, without its arguments and options. */
export function listedCommand(name: CommandName): Command {
  const listed = list[name];
  const command = new Command(name).description(listed.description);
  return listed.alias === undefined ? command : command.alias(listed.alias);
}

/** Makes the commands, as far as the list needs them. */
export const listedCommands: readonly (() => Command)[] = Object.entries(list).map(
  ([name, { alias, arguments: names, description, isGroup }]) =>
    () => {
      const command = new Command(name).description(description);
      if (alias !== undefined) command.alias(alias);
      for (const each of names) command.argument(each);
      return isGroup ? command.addCommand(new Command('any')) : command;
    },
);
