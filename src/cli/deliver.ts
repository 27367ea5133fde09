import { printableLines } from '../base/printable.ts';
import type { PictureOptions, Preview, ReadingPlan } from '../index.ts';
import { type Context, type Library, say, writeAll } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { progressLine, stageLog } from './progress.ts';
import { writeReport } from './report-json.ts';
import { checkTargets, pictureOptionsOf, type SharedValues } from './shared-options.ts';
import { detailsOf, linesOfPlan, summaryOf } from './summary.ts';
import { OptionError } from './values.ts';

/** Makes the picture, given the options that all picture commands have. */
type Create = (library: Library, shared: PictureOptions) => Promise<Preview>;

/** Tells what would be shown and read, given the same options. */
type Plan = (library: Library, shared: PictureOptions) => Promise<ReadingPlan>;

/**
 * What every picture command does: check what can be checked, make the picture, write it, report.
 *
 * @param plan for --dry-run
 * @returns the exit code
 */
export async function deliver(
  context: Context,
  output: string,
  values: SharedValues,
  create: Create,
  plan?: Plan,
): Promise<number> {
  const { stdout, stderr, signal } = context;
  const isDry = values.dryRun === true && plan !== undefined;
  checkTargets(output, values.json, stdout.isTTY === true && !isDry);
  const shared = pictureOptionsOf(values);
  const library = await context.loadLibrary();
  const format = library.outputFormatOf(output, values.format);
  if (values.forModel === true && (format === 'avif' || format === 'tiff')) {
    throw new OptionError(
      `Expected JPEG, PNG or WebP with --for-model, since models read no others, but ${format} is asked for.`,
    );
  }
  // Checked before anything is read: whoever mistyped a folder should not wait for the picture to learn it.
  if (output !== '-') await library.checkWritable(output);
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
  } else {
    await library.writeWhole(output, preview.bytes, signal);
    report = library.withOutputPath(report, output);
  }
  if (values.json !== undefined) await writeReport(context, values.json, report);

  if (values.verbose === true) for (const detail of detailsOf(report)) say(stderr, detail);
  if (values.quiet !== true) {
    for (const warning of report.warnings) say(stderr, `warning: ${warning}`);
    for (const note of report.notes ?? []) say(stderr, `note: ${note}`);
    say(stderr, summaryOf(report));
  }
  return report.unreadable !== undefined || report.tiles.some((tile) => tile.error !== undefined)
    ? exitCodes.doneInPart
    : exitCodes.done;
}
