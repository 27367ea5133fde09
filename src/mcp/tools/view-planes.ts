import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod/v4';
import type { PictureViewOptions, PlanesViewOptions } from '../../index.ts';
import { fullOptions, lookOptions, pictureAnswer } from '../picture-answer.ts';
import { answering, type Session } from '../session.ts';
import { lookArguments, rootArgument, seriesArgument } from './arguments.ts';

const description = `See axial, coronal and sagittal planes through a stack of slices, side by side, with true proportions. Shows whether a volume is whole, and where something lies in it. Needs parallel slices (CT, MR, PET). Reads most of the series: slower than view_mosaic on a server.
Positions: axial 0 superior to 1 inferior, coronal 0 anterior to 1 posterior, sagittal 0 right to 1 left.
Examples: {"series": "CT/head"}; {"series": "CT/thorax", "axial": 0.3, "sagittal": 0.6, "contrast": "lung"}; {"series": "CT/angio", "projection": "max", "slabMm": 20}.`;

const { crop: _crop, volume: _volume, ...look } = lookArguments;
const position = z.number().min(0).max(1).optional();
const inputSchema = z.object({
  series: seriesArgument,
  root: rootArgument,
  axial: position.describe('Where the axial plane lies. Default 0.5.'),
  coronal: position.describe('Where the coronal plane lies. Default 0.5.'),
  sagittal: position.describe('Where the sagittal plane lies. Default 0.5.'),
  projection: z
    .enum(['max', 'mean', 'min'])
    .optional()
    .describe('Join the values that lie one behind the other: max is a MIP. Default: a section.'),
  slabMm: z.number().positive().max(10_000).optional().describe('Join only this thickness, in mm.'),
  ...look,
});

export function addViewPlanes(server: McpServer, session: Session): void {
  server.registerTool(
    'view_planes',
    {
      ...{ title: 'See planes through a volume', description, inputSchema },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    (given, context) =>
      answering(session, context, ({ signal, onProgress }) => {
        const { series: name, root: number, axial, coronal, sagittal, projection, slabMm, ...asked } = given;
        const chosen: PlanesViewOptions = { at: { axial, coronal, sagittal }, projection, slab: slabMm };
        return session.pool.use(name, { root: number, signal, onProgress }, async ({ series, root }) => {
          const preview = await series.planes({ ...withoutTiles(lookOptions(asked)), ...chosen, signal, onProgress });
          return pictureAnswer(session, {
            ...{ kind: 'planes', preview, series, name, root: root.number },
            drawFull: (again, ended) => {
              const full = fullOptions(asked, again, { columns: 3, rows: 1 });
              return again.planes({ ...withoutTiles(full), ...chosen, signal: ended });
            },
          });
        });
      }),
  );
}

/** Planes are no tiles: they have no addresses, and nothing of a slide. */
function withoutTiles({
  addresses: _addresses,
  includeLabel: _includeLabel,
  ...options
}: PictureViewOptions): PlanesViewOptions {
  return options;
}
