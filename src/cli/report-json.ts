import { readFile, stat } from 'node:fs/promises';
import { printableJson } from '../base/printable.ts';
import type { PreviewReport } from '../index.ts';
import { type Context, writeAll } from './context.ts';
import type { Failure } from './exit-codes.ts';

async function write(context: Context, target: string, value: unknown): Promise<void> {
  const text = `${printableJson(JSON.stringify(value, undefined, 2))}\n`;
  if (target === '-') {
    await writeAll(context.stdout, text);
    return;
  }
  const { writeWhole } = await context.loadLibrary();
  // Without the signal: an interrupted run is to be reported too.
  await writeWhole(target, new TextEncoder().encode(text));
}

/**
 * Writes the report as JSON.
 *
 * @param target A file's path, or `-` for standard output.
 */
export function writeReport(context: Context, target: string, report: PreviewReport): Promise<void> {
  return write(context, target, report);
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

function targetAt(args: readonly string[], index: number): string | undefined {
  const arg = args[index] ?? '';
  const target = arg.startsWith('--json=') ? arg.slice('--json='.length) : args[index + 1];
  if (target === undefined || target === '' || (target.startsWith('-') && target !== '-')) return undefined;
  // What is OUTPUT too must not be overwritten with a report.
  const others = args.filter((_, at) => at !== index && (arg.startsWith('--json=') || at !== index + 1));
  return others.includes(target) ? undefined : target;
}

/**
 * The target of `--json` out of the bare arguments, for when they could not be parsed: who asks for JSON gets JSON,
 * whatever else is wrong.
 */
export function reportTargetOf(args: readonly string[]): string | undefined {
  const index = args.findIndex((arg) => arg === '--json' || arg.startsWith('--json=') || arg === '--');
  return index === -1 || args[index] === '--' ? undefined : targetAt(args, index);
}
