import { atlasCommand } from './atlas.ts';
import { completionCommand } from './completion.ts';
import { contrastSheetCommand } from './contrast-sheet.ts';
import { filmCommand } from './film.ts';
import { getImageCommand } from './get-image.ts';
import { headersCommand } from './headers.ts';
import { indexCommand } from './index-command.ts';
import { infoCommand } from './info.ts';
import { listCommand } from './list.ts';
import { mcpCommand } from './mcp.ts';
import { mosaicCommand } from './mosaic.ts';
import { planesCommand } from './planes.ts';
import type { CreateCommand } from './program.ts';
import { serveCommand } from './serve.ts';
import { showCommand } from './show.ts';

/** All commands, in the order of the help. */
export const allCommands: readonly CreateCommand[] = [
  ...[mosaicCommand, getImageCommand, contrastSheetCommand, planesCommand, filmCommand, showCommand],
  ...[listCommand, infoCommand, headersCommand, indexCommand, atlasCommand, serveCommand, mcpCommand],
  completionCommand,
];
