import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod/v4';
import { type ImageViewOptions, UsageError } from '../../index.ts';
import { fullOptions, lookOptions, pictureAnswer } from '../picture-answer.ts';
import { answering, type Session } from '../session.ts';
import { lookArguments, rootArgument, seriesArgument } from './arguments.ts';

const description = `See one image of a series: a tile of an earlier mosaic, larger, or the image at a position (0 first in spatial order, 1 last; of an axial series 0 is the superior end).
Examples: {"tile": "C4 of mosaic 2"}; {"tile": "C4 of mosaic 2", "offset": 1} for the next one in order; {"series": "CT/head", "position": 0.5, "contrast": "bone"}.`;

const schema = z.object({
  tile: z
    .string()
    .max(64)
    .optional()
    .describe('A tile that was shown, such as "C4 of mosaic 2". Then leave out series, root, position and frame.'),
  series: seriesArgument.optional(),
  root: rootArgument,
  position: z.number().min(0).max(1).optional().describe('0 is the first image in spatial order, 1 the last.'),
  offset: z.int().optional().describe('So many images further on in order, or back. Default 0.'),
  frame: z.int().min(1).optional().describe('Of a multi-frame instance this frame, from 1.'),
  windowIndex: z.int().min(1).max(1000).optional().describe('Of several stored windows this one, from 1.'),
  ...lookArguments,
});

type Given = z.infer<typeof schema>;

/** The least side that is asked for: labels need room, and models see small pictures badly. */
const minSide = 512;
/** Pixels for what is written above an image, so that it need not be made smaller for it. */
const headerRoom = 32;

export function addViewImage(server: McpServer, session: Session): void {
  server.registerTool(
    'view_image',
    {
      ...{ title: 'See one image', description, inputSchema: schema },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    (given, context) =>
      answering(session, context, ({ signal, onProgress }) => {
        const { name, root: number, chosen } = choiceOf(given, session);
        const { contrast, maxSide, crop, colormap, volume, windowIndex } = given;
        return session.pool.use(name, { root: number, signal, onProgress }, async ({ series, root }) => {
          const [size] = series.info.sizes;
          const longest = Math.max(minSide, size?.rows ?? maxSide, size?.columns ?? maxSide) + headerRoom;
          const isOfTile = given.tile !== undefined;
          const look = { contrast, crop, colormap, maxSide, ...(isOfTile ? {} : { volume }) };
          // Small images are not enlarged beyond what labels need: that costs tokens and shows nothing more.
          const asked = { ...lookOptions({ ...look, maxSide: Math.min(maxSide, longest) }), addresses: false };
          const preview = await series.image({ ...chosen, windowIndex, ...asked, signal, onProgress });
          return pictureAnswer(session, {
            ...{ kind: 'image', preview, series, name, root: root.number },
            drawFull: (again, ended) => {
              const full = fullOptions(look, again, { columns: 1, rows: 1 });
              return again.image({ ...chosen, windowIndex, ...full, addresses: false, signal: ended });
            },
          });
        });
      }),
  );
}

/**
 * Which image of which series is meant.
 *
 * @throws UsageError where that is not clear
 */
function choiceOf(
  { tile, series, root, position, offset = 0, frame, volume }: Given,
  { pictures }: Session,
): {
  readonly name: string;
  readonly root: number | undefined;
  readonly chosen: Pick<ImageViewOptions, 'position' | 'sliceOffset' | 'frame'>;
} {
  if (tile === undefined) {
    if (series !== undefined && position !== undefined) {
      return { name: series, root, chosen: { position, sliceOffset: offset, frame } };
    }
    throw new UsageError(
      "Expected either a tile, such as 'C4 of mosaic 2', or a series and a position, such as 0.5, but received neither.",
    );
  }
  const others = Object.entries({ series, root, position, frame, volume }).flatMap(([name, value]) =>
    value === undefined ? [] : name,
  );
  if (others.length > 0) {
    throw new UsageError(`Expected a tile alone, which says which image it is, but received ${others.join(', ')} too.`);
  }
  const { picture, tile: shown } = pictures.tile(tile);
  // The image is found by its place in the order, which is exact where images share a position.
  const chosen = { position: 0, sliceOffset: shown.index + offset, frame: offset === 0 ? shown.frame : undefined };
  return { name: picture.series, root: picture.root, chosen };
}
