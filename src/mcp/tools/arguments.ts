import * as z from 'zod/v4';
import { contrastPresets } from '../../index.ts';

/** Arguments that several tools have. */

export const seriesArgument: z.ZodString = z
  .string()
  .min(1)
  .max(1024)
  .describe(
    'The series: its `series` value in list_series or find_idc_series (a folder below the root, a UUID, or a Series Instance UID). For example "CT/head" or "38902e14-b11f-4548-910e-771ee757dc82".',
  );

export const rootArgument: z.ZodOptional<z.ZodNumber> = z
  .int()
  .min(1)
  .max(1000)
  .optional()
  .describe('Number of the root that the series lies below, as listed. Default: all are tried.');

/** How pictures look: the same in all tools that show one. */
export const lookArguments: {
  readonly contrast: z.ZodOptional<z.ZodString>;
  readonly maxSide: z.ZodDefault<z.ZodNumber>;
  readonly crop: z.ZodOptional<z.ZodBoolean>;
  readonly colormap: z.ZodOptional<z.ZodString>;
  readonly volume: z.ZodOptional<z.ZodNumber>;
} = {
  contrast: z
    .string()
    .max(64)
    .optional()
    .describe(
      `Window: ${Object.keys(contrastPresets).join(', ')}, auto, embedded, or "WIDTH,CENTER" such as "400,40". Default: the window stored in the images.`,
    ),
  maxSide: z
    .int()
    .min(256)
    .max(8000)
    .default(1024)
    .describe(
      'Pixels of the longer side of the picture at most. More costs more tokens: ask for it only to see detail.',
    ),
  crop: z.boolean().optional().describe('Cut off what is empty around the content (air).'),
  colormap: z
    .string()
    .max(32)
    .optional()
    .describe('Colours for grey images: inverted (as PET is read), hot, viridis, inferno, turbo, dose.'),
  volume: z
    .int()
    .min(1)
    .optional()
    .describe('Of a series with several volumes (times, echoes, b-values; see series_info) only this one, from 1.'),
};

/** The values of {@link lookArguments}. */
export interface Look {
  readonly contrast?: string | undefined;
  readonly maxSide: number;
  readonly crop?: boolean | undefined;
  readonly colormap?: string | undefined;
  readonly volume?: number | undefined;
}
