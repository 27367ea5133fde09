import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod/v4';
import { searchIdc } from '../../index.ts';
import { answering, type Session, structured } from '../session.ts';
import { quotedTexts } from './series-info.ts';

const description = `Find series of the Imaging Data Commons (public cancer images) by collection, modality, body part, patient or description. Give one or more; all must fit. The first search of a server reads some megabytes of the published index.
Examples: {"collection": "tcga_lihc", "modality": "MR"}; {"patient": "TCGA-DD-A1EH"}; {"modality": "CT", "bodyPart": "LIVER", "description": "portal"}.
Then: view_mosaic with the \`series\` of an answer.`;

const text = z.string().max(128).optional();
const inputSchema = z.object({
  collection: text.describe('Collection ID, such as "tcga_lihc" or "nlst".'),
  modality: text.describe('Such as "CT", "MR", "PT", "SM", "SEG".'),
  bodyPart: text.describe('Body Part Examined, such as "LIVER".'),
  patient: text.describe('Patient ID as the collection publishes it.'),
  description: text.describe('A part of the Series Description.'),
  limit: z.int().min(1).max(100).default(20).describe('Series at most.'),
  offset: z.int().min(0).default(0).describe('Series to pass over first: `nextOffset` of an answer.'),
});

const outputSchema = z.object({
  total: z.number().describe('How many fit in all.'),
  series: z.array(
    z.object({
      series: z.string(),
      root: z.number().nullable().describe('null: the series lies outside the roots of this server.'),
      ...{ seriesInstanceUid: z.string(), studyInstanceUid: z.string(), collection: z.string(), modality: z.string() },
      ...{ bodyPartExamined: z.string(), seriesDescription: z.string(), license: z.string() },
      ...{ instances: z.number().nullable(), megabytes: z.number().nullable() },
    }),
  ),
  nextOffset: z.number().nullable(),
});

export function addFindIdcSeries(server: McpServer, session: Session): void {
  server.registerTool(
    'find_idc_series',
    {
      ...{ title: 'Find series of the Imaging Data Commons', description, inputSchema, outputSchema },
      annotations: { readOnlyHint: true, openWorldHint: true },
    },
    (given, context) =>
      answering(session, context, async ({ signal }) => {
        const { all, storage } = session.roots;
        // Endpoint, region and headers are those of the roots; the index lies elsewhere.
        const { concurrency, timeoutMs, retries, cacheDir, noCache, idcIndex } = storage;
        const reach = { concurrency, timeoutMs, retries, cacheDir, noCache, idcIndex };
        const { series, total } = await searchIdc({ ...given, ...reach, signal });
        const end = given.offset + series.length;
        return structured({
          total,
          series: series.map(({ root, ...each }) => ({
            ...quotedTexts(each),
            root: all.find(({ location }) => location.replace(/\/+$/, '') === root)?.number ?? null,
          })),
          nextOffset: end < total && series.length > 0 ? end : null,
        });
      }),
  );
}
