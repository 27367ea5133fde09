import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod/v4';
import { type ContrastSheetViewOptions, contrastPresets } from '../../index.ts';
import { fullOptions, lookOptions, pictureAnswer } from '../picture-answer.ts';
import { answering, type Session } from '../session.ts';
import { lookArguments, rootArgument, seriesArgument } from './arguments.ts';

const description = `See the same images of a series in several contrasts: a row an image, a column a contrast. Use it when the stored window may hide something, such as lung and bone of a CT.
Examples: {"series": "CT/thorax", "contrasts": ["lung", "mediastinum", "bone"]}; {"series": "CT/head", "contrasts": ["stored", "brain", "80,40"], "positions": [0.4, 0.5]}.`;

const { contrast: _contrast, volume: _volume, ...look } = lookArguments;
const inputSchema = z.object({
  series: seriesArgument,
  root: rootArgument,
  contrasts: z
    .array(z.string().max(64))
    .min(1)
    .max(6)
    .describe(
      `A column each: ${Object.keys(contrastPresets).join(', ')}, auto, embedded, stored (the stored window), or "WIDTH,CENTER".`,
    ),
  positions: z
    .array(z.number().min(0).max(1))
    .min(1)
    .max(8)
    .optional()
    .describe('A row each: the images nearest to these positions. Default: 4, evenly spaced.'),
  ...look,
});

export function addViewContrasts(server: McpServer, session: Session): void {
  server.registerTool(
    'view_contrasts',
    {
      ...{ title: 'See images in several contrasts', description, inputSchema },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    (given, context) =>
      answering(session, context, ({ signal, onProgress }) => {
        const { series: name, root: number, contrasts, positions, ...asked } = given;
        const chosen: ContrastSheetViewOptions = { contrasts, positions };
        return session.pool.use(name, { root: number, signal, onProgress }, async ({ series, root }) => {
          const preview = await series.contrastSheet({ ...lookOptions(asked), ...chosen, signal, onProgress });
          const { grid } = preview.report.output;
          return pictureAnswer(session, {
            ...{ kind: 'contrasts', preview, series, name, root: root.number },
            drawFull: (again, ended) =>
              again.contrastSheet({ ...fullOptions(asked, again, grid), ...chosen, signal: ended }),
          });
        });
      }),
  );
}
