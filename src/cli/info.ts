import type { Command } from 'commander';
import { counted } from '../base/counted.ts';
import type { SeriesInfo, StackGeometry, VolumeInfo } from '../index.ts';
import { type Context, say, sayResult } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { listedCommand } from './listed-commands.ts';
import { progressLine } from './progress.ts';
import { writeJson } from './report-json.ts';
import { seriesArgument } from './shared-options.ts';
import { addRootOption, addStorageOptions, type StorageValues, storageOptionsOf } from './storage-options.ts';
import { type Column, table } from './table.ts';

interface InfoValues extends StorageValues {
  readonly json?: string | true;
  readonly includePatient?: true;
  readonly quiet?: true;
}

const examples = (program: string): string => `
Examples:
  $ ${program} info ./CT
  $ ${program} info 38902e14-b11f-4548-910e-771ee757dc82 --json

One pass over the headers, and no pixels. Attributes after the positions (windows,
compression) are shown only if they were read. Nothing printed describes the
patient; --include-patient adds the date of the series.`;

/** `info SERIESUID`. */
export function infoCommand(context: Context, setExitCode: (code: number) => void): Command {
  const command = listedCommand('info').argument(...seriesArgument);
  addRootOption(command)
    .option('--json [file]', 'write all of it as JSON, to a file or (default) standard output')
    .option('--include-patient', 'tell the date of the series too');
  return addStorageOptions(command)
    .option('--quiet', 'print nothing but the result and errors')
    .addHelpText('after', examples(context.programName))
    .action(async (series: string, values: InfoValues) => {
      const options = { ...storageOptionsOf(values), includePatient: values.includePatient };
      const target = values.json === true ? '-' : values.json;
      const library = await context.loadLibrary();
      const outputs = target === undefined || target === '-' ? [] : [target];
      for (const output of outputs) await library.checkWritable(output);
      const previewer = library.createPreviewer();
      const line = progressLine(context.stderr, values.quiet !== true);
      try {
        const { signal } = context;
        const opened = await previewer
          .openSeries(series, { ...options, outputs, signal, onProgress: line.report })
          .finally(line.clear);
        const { info } = opened;
        await opened.close();
        if (target !== undefined) await writeJson(context, target, info);
        if (target !== '-') await sayResult(context.stdout, linesOf(info));
        if (values.quiet !== true) {
          for (const warning of info.warnings) say(context.stderr, `warning: ${warning}`);
          for (const note of info.notes) say(context.stderr, `note: ${note}`);
        }
      } finally {
        await previewer.close();
      }
      setExitCode(exitCodes.done);
    });
}

/** The table for people. */
function linesOf(info: SeriesInfo): readonly string[] {
  const { sizes, pixelSpacing, imageExtentMm, windows } = info;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['Location', info.location],
    ['Series', info.seriesInstanceUid],
    ['Study', info.studyInstanceUid],
    ['Number', info.seriesNumber === null ? '' : String(info.seriesNumber)],
    ['Date', info.seriesDate ?? ''],
    ['Modality', info.modality],
    ['Description', info.seriesDescription],
    ['Protocol', info.protocolName],
    ['Body part', info.bodyPartExamined],
    ['Made by', [info.manufacturer, info.manufacturerModelName].filter((text) => text !== '').join(', ')],
    [
      'Instances',
      `${info.instances}${info.frames === info.instances ? '' : `, with ${counted(info.frames, 'frame')}`}`,
    ],
    ['Size', info.byteLength === null ? '' : `${(info.byteLength / 1e6).toFixed(1)} MB`],
    [
      'Images',
      sizes
        .map(({ columns, rows, frames }) => `${columns} x ${rows}${sizes.length > 1 ? ` (${frames})` : ''}`)
        .join(', '),
    ],
    ['Pixel spacing', pixelSpacing === null ? '' : `${short(pixelSpacing[1])} x ${short(pixelSpacing[0])} mm`],
    ['Field of view', imageExtentMm === null ? '' : `${short(imageExtentMm[1])} x ${short(imageExtentMm[0])} mm`],
    ['Orientation', info.orientation],
    ['Ordered by', info.orderedBy],
    ['Frames a second', info.frameRate === null ? '' : short(info.frameRate)],
    ['Windows', windowsText(info)],
    ['Stored as', info.transferSyntaxUids.join(', ')],
    ['SOP Class', info.sopClassUids.join(', ')],
    ['Flags', info.flags.join(', ')],
  ];
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  const shown = facts.filter(([, value]) => value !== '').map(([name, value]) => `${name.padEnd(width)}${value}`);
  const more = windows.length < info.differentWindows ? ['', `${info.differentWindows} different windows in all`] : [];
  const volumes = info.stacks.flatMap((stack) => stack.volumes);
  const isSplit = volumes.length > info.stacks.length;
  return [
    ...shown,
    ...more,
    '',
    ...table(stackColumns, info.stacks),
    ...(isSplit ? ['', ...table(volumeColumns(volumes), volumes)] : []),
  ];
}

function windowsText({ windows, unknownWindows }: SeriesInfo): string {
  const listed = windows
    .slice(0, 4)
    .map(({ width, center, images }) => `${short(width)},${short(center)}${windows.length > 1 ? ` (${images})` : ''}`);
  const unknown = unknownWindows === 0 ? [] : [`${unknownWindows} not read`];
  return [...listed, ...(windows.length > 4 ? ['...'] : []), ...unknown].join(', ');
}

const stackColumns: readonly Column<StackGeometry>[] = [
  ['Stack', ({ orientation }) => orientation],
  ['images', ({ members }) => String(members)],
  ['places', ({ places }) => String(places)],
  ['volumes', ({ volumes }) => String(volumes.length)],
  ['spacing', ({ spacingMm }) => (spacingMm === null ? '' : `${short(spacingMm)} mm`)],
  ['extent', ({ extentMm }) => (extentMm === null ? '' : `${short(extentMm)} mm`)],
  [
    'gaps',
    ({ gaps }) =>
      gaps
        .map(({ afterMm, widthMm }) => `${short(widthMm)} mm after ${short(afterMm)}`)
        .slice(0, 3)
        .join('; '),
  ],
];

function volumeColumns(volumes: readonly VolumeInfo[]): readonly Column<VolumeInfo>[] {
  const columns: readonly Column<VolumeInfo>[] = [
    ['Volume', ({ number }) => String(number)],
    ['images', ({ images }) => String(images)],
    ['missing', ({ missingPlaces }) => (missingPlaces === 0 ? '' : String(missingPlaces))],
    ['component', ({ imageComponent }) => imageComponent ?? ''],
    ['echo', ({ echoTimeMs }) => (echoTimeMs === undefined ? '' : `${short(echoTimeMs)} ms`)],
    ['b-value', ({ diffusionBValue }) => (diffusionBValue === undefined ? '' : short(diffusionBValue))],
    ['time', ({ time }) => (time === undefined ? '' : String(time))],
    ['trigger', ({ triggerTimeMs }) => (triggerTimeMs === undefined ? '' : `${short(triggerTimeMs)} ms`)],
    ['image type', ({ imageType }) => imageType ?? ''],
  ];
  return columns.filter(([, text]) => volumes.some((volume) => text(volume) !== ''));
}

/** A number as people read it. */
function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
