import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod/v4';
import type { MosaicViewOptions } from '../../index.ts';
import { fullOptions, lookOptions, pictureAnswer } from '../picture-answer.ts';
import { answering, type Session } from '../session.ts';
import { lookArguments, rootArgument, seriesArgument } from './arguments.ts';

const description = `See a whole series: up to 36 of its images, evenly spaced in spatial order, in one picture. Start here.
Each image carries its address (column letter and row number, such as C4), its place, letters for the patient's sides, and a scale bar. The text beside the picture tells for each address the SOP Instance UID, frame, position in mm and window.
Then look closer: view_image with tile "C4 of mosaic 1".
Examples: {"series": "CT/head"}; {"series": "CT/thorax", "contrast": "lung", "start": 0.3, "end": 0.7}; {"series": "MR/dwi", "rowsByVolume": true}.`;

export function addViewMosaic(server: McpServer, session: Session): void {
  const inputSchema = z.object({
    series: seriesArgument,
    root: rootArgument,
    columns: z.int().min(1).max(16).optional().describe('Images a row. Default: 6, less where there are fewer images.'),
    rows: z.int().min(1).max(16).optional().describe('Rows of images. Default: as `columns`.'),
    start: z.number().min(0).max(1).optional().describe('Leave out what lies before this position (0 first, 1 last).'),
    end: z.number().min(0).max(1).optional().describe('Leave out what lies after this position.'),
    rowsByVolume: z
      .boolean()
      .optional()
      .describe('A row for each volume (time, echo, b-value), with the same places in all rows.'),
    skipBlank: z.boolean().optional().describe('Show others in place of images in which nothing is to be seen.'),
    ...lookArguments,
  });
  server.registerTool(
    'view_mosaic',
    { title: 'See a series', description, inputSchema, annotations: { readOnlyHint: true, openWorldHint: false } },
    (given, context) =>
      answering(session, context, ({ signal, onProgress }) => {
        const { series: name, root: number, columns, rows, start, end, rowsByVolume, skipBlank, ...look } = given;
        return session.pool.use(name, { root: number, signal, onProgress }, async ({ series, root }) => {
          const chosen: MosaicViewOptions = {
            ...{ rows, start, end, skipBlank, fit: true },
            columns: columns ?? (rowsByVolume === true ? maxColumns : columnsFor(series.info.frames)),
            rowsBy: rowsByVolume === true ? 'volume' : undefined,
          };
          const preview = await series.mosaic({ ...chosen, ...lookOptions(look), signal, onProgress });
          const { grid } = preview.report.output;
          return pictureAnswer(session, {
            ...{ kind: 'mosaic', preview, series, name, root: root.number },
            drawFull: (again, ended) => again.mosaic({ ...chosen, ...fullOptions(look, again, grid), signal: ended }),
          });
        });
      }),
  );
}

const maxColumns = 6;

/** As many columns as make the grid about square: then a few images are large. */
function columnsFor(images: number): number {
  return Math.max(1, Math.min(maxColumns, Math.ceil(Math.sqrt(images))));
}
