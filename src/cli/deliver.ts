import { printableLines } from '../base/printable.ts';
import type { OutputFormat, PictureOptions, Preview, ReadingPlan } from '../index.ts';
import { type Context, type Library, say, writeAll } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { progressLine, stageLog } from './progress.ts';
import { writeReport } from './report-json.ts';
import { checkTargets, pictureOptionsOf, type SharedValues } from './shared-options.ts';
import { detailsOf, linesOfPlan, summaryOf } from './summary.ts';
import { screenOf } from './terminal.ts';
import { OptionError } from './values.ts';

/** Makes the picture, given the options that all picture commands have. */
type Create<Format extends string> = (
  library: Library,
  shared: Omit<PictureOptions, 'format'> & { readonly format: Format },
) => Promise<Preview>;

/** The format of the output, by its name and `--format`. */
type FormatOf<Format extends string> = (library: Library, output: string, format: string | undefined) => Format;

/** Tells what would be shown and read, given the same options. */
type PlanAs<Format extends string> = (
  library: Library,
  shared: Omit<PictureOptions, 'format'> & { readonly format: Format },
) => Promise<ReadingPlan>;

type Plan = PlanAs<OutputFormat>;

/** Stands for the name of a picture that is only shown: without loss, since the terminal gets it as it is. */
const unwritten = 'shown.png';

/**
 * What every picture command does: check what can be checked, make the picture, write it, report.
 *
 * @param plan for --dry-run
 * @returns the exit code
 */
export function deliver(
  context: Context,
  output: string | undefined,
  values: SharedValues,
  create: Create<OutputFormat>,
  plan?: Plan,
): Promise<number> {
  const formatOf: FormatOf<OutputFormat> = (library, path, asked) =>
    checkedForModel(values, library.outputFormatOf(path, asked));
  return deliverAs(context, output, values, create, formatOf, plan);
}

/** @throws OptionError for a format that language models do not read, where the picture is for them */
export function checkedForModel<Format extends string>(values: SharedValues, format: Format): Format {
  if (values.forModel !== true || ['jpeg', 'png', 'webp'].includes(format)) return format;
  throw new OptionError(
    `Expected JPEG, PNG or WebP with --for-model, since models read no others, but ${format} is asked for.`,
  );
}

/** The same for output in other formats than those of pictures. */
export async function deliverAs<Format extends string>(
  context: Context,
  output: string | undefined,
  values: SharedValues,
  create: Create<Format>,
  formatOf: FormatOf<Format>,
  plan?: PlanAs<Format>,
): Promise<number> {
  const { stdout, stderr, signal } = context;
  const isDry = values.dryRun === true && plan !== undefined;
  checkTargets(output, values.json, stdout.isTTY === true && !isDry);
  const isShown = values.show === true || values.protocol !== undefined;
  if (output === undefined && !isShown && !isDry) {
    throw new OptionError('Expected OUTPUT, a file to write to, or --show to show the picture in the terminal.');
  }
  if (isShown && (output === '-' || values.json === '-')) {
    throw new OptionError('Expected one thing on standard output, but --show writes the picture there too.');
  }
  const terminal = isShown ? screenOf(stdout, values.protocol) : undefined;
  const shared = pictureOptionsOf(values);
  const library = await context.loadLibrary();
  const format = formatOf(library, output ?? unwritten, values.format);
  // Checked before anything is read: whoever mistyped a folder should not wait for the picture to learn it.
  if (output !== undefined && output !== '-') await library.checkWritable(output);
  if (values.json !== undefined && values.json !== '-') await library.checkWritable(values.json);

  const line = progressLine(stderr, values.quiet !== true);
  const log = values.verbose === true ? stageLog(stderr) : undefined;
  const onProgress: PictureOptions['onProgress'] = (progress) => {
    line.report(progress);
    log?.(progress);
  };
  const outputs = [output, values.json].flatMap((path) => (path === undefined || path === '-' ? [] : path));
  const options = { ...shared, format, outputs, signal, onProgress };
  if (isDry) {
    const planned = await plan(library, options).finally(line.clear);
    if (values.quiet !== true) for (const warning of planned.warnings) say(stderr, `warning: ${warning}`);
    if (values.json !== undefined) await writeReport(context, values.json, planned);
    if (values.json !== '-') await writeAll(stdout, printableLines(`${linesOfPlan(planned).join('\n')}\n`));
    return exitCodes.done;
  }
  const preview = await create(library, options).finally(line.clear);

  let { report } = preview;
  if (output === '-') {
    await writeAll(stdout, preview.bytes);
  } else if (output !== undefined) {
    await library.writeWhole(output, preview.bytes, signal);
    report = library.withOutputPath(report, output);
  }
  if (terminal !== undefined) await writeAll(stdout, await library.terminalPicture(preview.bytes, terminal));
  if (values.json !== undefined) await writeReport(context, values.json, report);

  if (values.verbose === true) for (const detail of detailsOf(report)) say(stderr, detail);
  if (values.quiet !== true) {
    for (const warning of report.warnings) say(stderr, `warning: ${warning}`);
    for (const note of report.notes ?? []) say(stderr, `note: ${note}`);
    say(stderr, summaryOf(report, output === undefined ? 'shown' : undefined));
  }
  const hasFailedSlices = (report.planes?.slicesFailed ?? 0) > 0;
  return hasFailedSlices || report.unreadable !== undefined || report.tiles.some((tile) => tile.error !== undefined)
    ? exitCodes.doneInPart
    : exitCodes.done;
}
