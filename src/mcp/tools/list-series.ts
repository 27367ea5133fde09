import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod/v4';
import { type ListedSeries, NotFoundError, UsageError } from '../../index.ts';
import { quoted, quotedMessage } from '../quoted.ts';
import type { Root } from '../roots.ts';
import { answering, type CallRun, type Session, structured } from '../session.ts';
import { rootArgument } from './arguments.ts';

const description = `List the series that this server can read: names for the other tools, and what is known of each without opening it.
Examples: {}; {"place": "study-7"} for one folder; {"modality": "MR", "limit": 20}; {"details": true} to read one header of each series where names alone tell nothing.
Of the Imaging Data Commons nothing is listed, because it has a million series: use find_idc_series.`;

const inputSchema = z.object({
  root: rootArgument,
  place: z.string().max(1024).optional().describe('A folder below the root, or the beginning of names and *.'),
  modality: z.string().max(16).optional().describe('Only series of this modality, where it is known (see details).'),
  details: z.boolean().optional().describe('Read one header of each series where finding it takes none.'),
  limit: z.int().min(1).max(200).default(50).describe('Series at most.'),
  offset: z.int().min(0).max(1_000_000).default(0).describe('Series to pass over first: `nextOffset` of an answer.'),
});

const text = z.string().nullable();
const count = z.number().nullable();
const outputSchema = z.object({
  roots: z.array(z.object({ root: z.number(), name: z.string() })),
  series: z.array(
    z.object({
      ...{ series: z.string(), root: z.number(), seriesInstanceUid: text, modality: text, seriesDescription: text },
      ...{ bodyPartExamined: text, instances: count, megabytes: count, rows: count, columns: count },
    }),
  ),
  nextOffset: z.number().nullable(),
  warnings: z.array(z.string()),
});

type Given = z.infer<typeof inputSchema>;

export function addListSeries(server: McpServer, session: Session): void {
  server.registerTool(
    'list_series',
    {
      ...{ title: 'List series', description, inputSchema, outputSchema },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    (given, context) => answering(session, context, async (run) => structured(await list(session, given, run))),
  );
}

async function list(session: Session, given: Given, run: CallRun): Promise<z.infer<typeof outputSchema>> {
  const { roots } = session;
  const { offset, limit } = given;
  const asked = given.root === undefined ? roots.all : [roots.byNumber(given.root)];
  const searched = asked.filter(({ isIdc }) => !isIdc || given.place !== undefined);
  if (searched.length === 0) {
    throw new UsageError(
      'Expected a place, because the Imaging Data Commons have a million series. Use find_idc_series to find some.',
    );
  }
  const warnings: string[] = [];
  const found: z.infer<typeof outputSchema>['series'] = [];
  let passed = 0;
  let isMore = false;
  for await (const { series, root } of seriesBelow(searched, session, given, run, warnings)) {
    if (given.modality !== undefined && series.modality?.toUpperCase() !== given.modality.toUpperCase()) continue;
    if (passed++ < offset) continue;
    isMore = found.length >= limit;
    if (isMore) break;
    found.push(toldSeries(series, root));
  }
  return {
    roots: roots.all.map(({ number, name }) => ({ root: number, name: quoted(name) })),
    series: found,
    nextOffset: isMore ? offset + found.length : null,
    warnings: warnings.slice(0, 10),
  };
}

interface Below {
  readonly series: ListedSeries;
  readonly root: Root;
}

/** Of the roots one after the other. A place that only some roots have is looked at there. */
async function* seriesBelow(
  searched: readonly Root[],
  { roots }: Session,
  { place, details }: Given,
  { signal, onProgress }: CallRun,
  warnings: string[],
): AsyncGenerator<Below> {
  let missing: unknown;
  let isFound = false;
  for (const root of searched) {
    const onWarning = (message: string): void => {
      warnings.push(quotedMessage(message));
    };
    try {
      const options = { ...roots.storage, details, signal, onProgress, onWarning };
      for await (const series of root.previewer.list(place, options)) yield { series, root };
      isFound = true;
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      missing ??= error;
    }
  }
  if (!isFound && missing !== undefined) throw missing;
}

function toldSeries(series: ListedSeries, root: Root): z.infer<typeof outputSchema>['series'][number] {
  const { instances, byteLength, rows, columns } = series;
  const maybe = (value: string | null): string | null => (value === null ? null : quoted(value));
  return {
    // Never shortened: it is the name for other calls.
    ...{ series: series.series, root: root.number, seriesInstanceUid: maybe(series.seriesInstanceUid) },
    ...{ modality: maybe(series.modality), seriesDescription: maybe(series.seriesDescription) },
    bodyPartExamined: maybe(series.bodyPartExamined),
    megabytes: byteLength === null ? null : Number((byteLength / 1e6).toFixed(2)),
    ...{ instances, rows, columns },
  };
}
