import { readFile, stat } from 'node:fs/promises';
import { printableJson } from '../base/printable.ts';
import type { PreviewReport, ReadingPlan } from '../index.ts';
import { type Context, writeAll } from './context.ts';
import type { Failure } from './exit-codes.ts';

/**
 * Writes the report as JSON.
 *
 * @param target a file's path, or `-` for standard output
 */
export function writeReport(context: Context, target: string, report: PreviewReport | ReadingPlan): Promise<void> {
  return write(context, target, report);
}

/**
 * Writes what a command found as JSON, with control characters shown.
 *
 * @param target a file's path, or `-` for standard output
 */
export function writeJson(context: Context, target: string, value: unknown): Promise<void> {
  return write(context, target, value);
}

/**
 * Writes what went wrong as JSON, in place of the report. After some failures nobody knows whether the target is a file of
 * the series, so that only a report is ever replaced.
 *
 * @returns false where another file is there
 */
export async function writeFailure(context: Context, target: string, failure: Failure): Promise<boolean> {
  if (target !== '-' && !(await isReplaceable(target))) return false;
  const { code, message, warnings } = failure;
  await write(context, target, { schema: 1, error: { code, message }, warnings });
  return true;
}

/** Larger files are no reports. */
const maxReportLength = 256 * 1024 * 1024;

/** Whether a path is free, is not a regular file (a pipe, say), is an empty file, or a JSON document. */
async function isReplaceable(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile() !== true || status.size === 0) return true;
  if (status.size > maxReportLength) return false;
  try {
    JSON.parse(await readFile(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

async function write(context: Context, target: string, value: unknown): Promise<void> {
  const text = `${printableJson(JSON.stringify(value, undefined, 2))}\n`;
  if (target === '-') {
    await writeAll(context.stdout, text);
    return;
  }
  const { writeWhole } = await context.loadLibrary();
  // Without the signal, because an interrupted run is reported too.
  await writeWhole(target, new TextEncoder().encode(text));
}

/**
 * The target of `--json`, found in the bare arguments: whoever asks for JSON gets JSON, even where the arguments cannot
 * be parsed.
 */
export function reportTargetOf(args: readonly string[]): string | undefined {
  const index = args.findIndex((arg) => arg === '--json' || arg.startsWith('--json=') || arg === '--');
  return index === -1 || args[index] === '--' ? undefined : targetAt(args, index);
}

function targetAt(args: readonly string[], index: number): string | undefined {
  const arg = args[index] ?? '';
  const target = arg.startsWith('--json=') ? arg.slice('--json='.length) : args[index + 1];
  if (target === undefined || target === '' || (target.startsWith('-') && target !== '-')) return undefined;
  // A file that is OUTPUT too must not be overwritten with a report.
  const others = args.filter((_, at) => at !== index && (arg.startsWith('--json=') || at !== index + 1));
  return others.includes(target) ? undefined : target;
}
