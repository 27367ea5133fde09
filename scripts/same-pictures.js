// A guard for changes that must change nothing: makes pictures, reports, tables of headers and errors with two built
// checkouts and compares all that comes out byte for byte; only times may differ. Each command is a process of its own.
//
//     node scripts/same-pictures.js BEFORE AFTER [--series ../shared/dicom] [--only TEXT] [--jobs COUNT] [--verbose]
//
// BEFORE and AFTER are folders with a built dist/cli.js. --only runs what has the text in its input's name or its
// command. The exit code is 0 where all is equal, 1 where something differs, 2 where nothing could be compared.
// No network is needed, and none is asked: every series lies in a local folder.

import { isUtf8 } from 'node:buffer';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';
import {
  ctSeries,
  doseGrid,
  encodeRleFrame,
  enhancedMultiFrame,
  localizerSeries,
  mrSeries,
  paletteUltrasound,
  petSeries,
  secondaryCapture,
  segmentation,
  siemensMosaic,
  sopClass,
  transferSyntax,
  uihGrid,
  wholeSlideSeries,
  writeInstance,
  writeSeriesFolder,
} from '../test/support/dicom/index.js';

/**
 * @typedef {import('../test/support/dicom/index.js').StoredArray} StoredArray
 * @typedef {import('../test/support/dicom/index.js').CtSeriesOptions} CtSeriesOptions
 * @typedef {ReadonlyMap<string, Uint8Array>} Series
 *
 * @typedef {readonly string[]} Command arguments of the program; `OUT/` at the start of one is the folder for outputs
 *
 * @typedef {(series: string) => readonly Command[]} CommandsOn
 *
 * @typedef {object} Case
 * @property {string} input what the commands show, in words
 * @property {readonly Command[]} commands run one after the other, as later ones may find what earlier ones left
 *
 * @typedef {object} Side
 * @property {string} checkout
 * @property {string} outputs how its folders for outputs begin, in the scratch folder; as long for both sides
 *
 * @typedef {string | Buffer} Left what a command left: normalised where it is text
 * @typedef {Map<string, Left>} Outcome by what it is: the exit code, an output stream, a file
 *
 * @typedef {object} Result
 * @property {Case} of
 * @property {readonly Compared[]} compared
 *
 * @typedef {object} Compared
 * @property {Command} command
 * @property {string} exit
 * @property {readonly string[]} outputs names of files written
 * @property {readonly string[]} differences
 */

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const timeLimitMs = 120_000;
const timedOut = `none: it was stopped after ${timeLimitMs / 1000} s`;

// ---------------------------------------------------------------------------------------------- Generated series

/** @type {(stored: StoredArray) => Uint8Array} */
const bytesOf = (stored) => new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);

/** @type {(bytes: Uint8Array) => Series} */
const one = (bytes) => new Map([['one.dcm', bytes]]);

/** @type {(columns: number) => (stored: StoredArray) => Uint8Array} */
const rle = (columns) => (stored) => encodeRleFrame(bytesOf(stored), { columns, bytesPerSample: 2 });

const ct = /** @type {const} */ ({ rows: 64, instances: 18 });
const few = /** @type {const} */ ({ rows: 32, instances: 5 });
const plainText = new TextEncoder().encode('plain text, nothing else\n');
const alikeUuids = ['38902e14-b11f-4548-910e-771ee757dc82', '38902e14-0000-4000-8000-000000000001'];
const otherUuid = '5a0b1c2d-0000-4000-8000-000000000002';

/** A disc of an overlay plane, so that --overlays has something to draw. */
function overlayPlane() {
  const bits = new Uint8Array((ct.rows * ct.rows) / 8);
  for (let at = 0; at < ct.rows * ct.rows; at++) {
    const [x, y] = [(at % ct.rows) - 40, Math.floor(at / ct.rows) - 24];
    if (x * x + y * y < 100) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
  }
  return {
    60000010: { vr: 'US', value: ct.rows },
    60000011: { vr: 'US', value: ct.rows },
    60000040: { vr: 'CS', value: 'G' },
    60000050: { vr: 'SS', value: [1, 1] },
    60000100: { vr: 'US', value: 1 },
    60000102: { vr: 'US', value: 0 },
    60003000: { vr: 'OW', value: bits },
  };
}

/** One series whose instances take turns at the transfer syntaxes that the generator can write. */
function mixedSyntaxes() {
  /** @type {readonly CtSeriesOptions[]} */
  const written = [
    { transferSyntaxUid: transferSyntax.rleLossless },
    { transferSyntaxUid: transferSyntax.implicitLittleEndian },
    { transferSyntaxUid: transferSyntax.deflatedImageFrame, encodeFrame: (stored) => deflateRawSync(bytesOf(stored)) },
    { transferSyntaxUid: transferSyntax.encapsulatedUncompressed },
    { transferSyntaxUid: transferSyntax.explicitBigEndian },
  ];
  const taken = written.map((options, turn) =>
    [...ctSeries({ ...ct, ...options })].filter((_, index) => index % written.length === turn),
  );
  return new Map(taken.flat());
}

/** @type {(bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>} */
const withNoiseAtEnd = (bytes) => bytes.map((byte, at) => (at > bytes.length - 2000 ? at & 255 : byte));

/** Instances that end early, hold noise in place of compressed data, or are no DICOM: tiles that fail, and warnings. */
function damagedSeries() {
  const series = ctSeries({ ...ct, instances: 9, transferSyntaxUid: transferSyntax.rleLossless });
  for (const [index, [name, bytes]] of [...series].entries()) {
    if (index === 2) series.set(name, bytes.slice(0, bytes.length - 900));
    if (index === 4) series.set(name, bytes.slice(0, 300));
    if (index === 6) series.set(name, withNoiseAtEnd(bytes));
  }
  return series.set('notes.txt', plainText);
}

/** Larger than those of the tests, and shown with every command: by what is special about each. */
const shownInFull = new Map(
  /** @type {readonly (readonly [name: string, make: () => Series])[]} */ ([
    ['CT in random order', () => ctSeries({ seed: 3, rows: 96, instances: 45, sliceSpacing: 8, shuffleKeys: true })],
    [
      'CT with overlays and windows',
      () =>
        ctSeries({
          ...ct,
          seed: 4,
          windows: (index) => [
            { center: 40 + index, width: 400 },
            { center: -600, width: 1500, function: 'SIGMOID' },
          ],
          attributes: (attributes) => ({ ...attributes, ...overlayPlane() }),
        }),
    ],
    [
      'CT sagittal with gaps and repeats',
      () => ctSeries({ ...ct, instances: 6, orientation: 'sagittal', sliceOffsetsMm: [0, 2, 2, 7, 9, 30] }),
    ],
    ['MR echoes with windows', () => mrSeries({ ...ct, seed: 5, orientation: 'coronal', windowsPerInstance: true })],
    ['localizer of three directions', () => localizerSeries({ rows: 64, perOrientation: 5 })],
    ['PET', () => petSeries({ rows: 48, instances: 20 })],
    ['transfer syntaxes mixed', mixedSyntaxes],
    [
      'multi-frame with two volumes',
      () => one(enhancedMultiFrame({ slices: 12, rows: 64, columns: 48, volumes: 2, shuffleFrames: true })),
    ],
    [
      'multi-frame RLE in fragments',
      () =>
        one(
          enhancedMultiFrame({
            slices: 20,
            rows: 32,
            columns: 32,
            windowsPerFrame: true,
            transferSyntaxUid: transferSyntax.rleLossless,
            encodeFrame: rle(32),
            encapsulation: { offsetTable: 'empty', fragmentsPerFrame: 2 },
          }),
        ),
    ],
    ['Siemens mosaic', () => one(siemensMosaic({ slices: 14, rows: 40, columns: 32 }).bytes)],
    ['Siemens mosaic reversed', () => one(siemensMosaic({ reversed: true, csaVersion: 1, countIn: 'element' }).bytes)],
    ['UIH grid', () => one(uihGrid({ slices: 11, rows: 40, columns: 32, orientation: 'coronal' }).bytes)],
    ['segmentation', () => one(segmentation({ rows: 64, columns: 48, slices: 9, segments: 4 }))],
    ['dose', () => one(doseGrid({ rows: 40, columns: 56, slices: 15, bitsAllocated: 32 }))],
    ['whole slide', () => wholeSlideSeries({ width: 700, height: 500, tileSize: 96, levels: 3, tiling: 'sparse' })],
    ['palette colour', () => one(paletteUltrasound({ rows: 60, columns: 80, frames: 12, bits: 8 }))],
    ['colour by plane', () => one(secondaryCapture({ rows: 60, columns: 80, frames: 5, planarConfiguration: 1 }))],
    ['damaged', damagedSeries],
  ]),
);

/**
 * Modules of the tests in TypeScript, which Node 20 cannot import as they are: a small series of every kind, archives,
 * media.
 *
 * @param {string} scratch
 */
async function testModules(scratch) {
  const outdir = join(scratch, 'modules');
  const names = ['generated-series', 'zip', 'dicomdir'];
  await build({
    entryPoints: names.map((name) => join(root, 'test', 'support', `${name}.ts`)),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
  const [series, zip, dicomdir] = await Promise.all(
    names.map((name) => import(pathToFileURL(join(outdir, `${name}.mjs`)).href)),
  );
  return {
    .../** @type {typeof import('../test/support/generated-series.ts')} */ (series),
    .../** @type {typeof import('../test/support/zip.ts')} */ (zip),
    .../** @type {typeof import('../test/support/dicomdir.ts')} */ (dicomdir),
  };
}

// ---------------------------------------------------------------------------------------------------- Commands

/** @type {(kind: 'mosaic' | 'get-image', series: string, format: string, ...options: string[]) => Command} */
function picture(kind, series, format, ...options) {
  return [kind, series, `OUT/picture.${format}`, '--json', 'OUT/report.json', '--no-cache', ...options];
}

/** Every way to look at a series. @type {CommandsOn} */
function allCommands(series) {
  return [
    picture('mosaic', series, 'webp', '--verbose'),
    picture('mosaic', series, 'png', '--contrast', 'auto', '--tile-width', '4'),
    picture('mosaic', series, 'png', '--contrast', 'bone', '--tile-width', '3', '--image-width', '64'),
    picture('mosaic', series, 'jpg', '--start', '0.25', '--end', '0.75', '--tile-height', '2', '--quality', '80'),
    picture('mosaic', series, 'webp', '--draft', '--tile-width', '2', '--verbose'),
    picture('get-image', series, 'png', '--position', '0.5', '--contrast', '400,40'),
    picture('get-image', series, 'png', '--position', '0.25', '--slice-offset', '1', '--image-width', 'native'),
    picture('get-image', series, 'webp', '--position', '1', '--overlays', '--contrast', 'embedded', '--verbose'),
    ['index', 'get', series, '-', '--format', 'json', '--no-cache'],
  ];
}

/** Reduced and as it is. @type {CommandsOn} */
function imageCommands(series) {
  return [
    picture('mosaic', series, 'webp', '--verbose'),
    picture('get-image', series, 'png', '--position', '0.5', '--image-width', 'native', '--overlays'),
  ];
}

/** For what differs in how it is stored more than in what it shows. @type {CommandsOn} */
function someCommands(series) {
  return [...imageCommands(series), ['index', 'get', series, '-', '--format', 'json', '--no-cache']];
}

const refusedByMosaic = [
  ...['--tile-width 0', '--tile-width x', '--tile-width', '--tile-height 1001', '--image-width 0', '--quality 0'],
  ...['--start 0.8 --end 0.2', '--end 2', '--contrast nope', '--contrast 0,0', '--window-index 0', '--format gif'],
  ...['--budget nope', '--budget 10B', '--header nope', '--retries -1', '--concurrency 0', '--timeout 0'],
  ...['--position 0.5', '--unknown', 'too many'],
];
const refusedByImage = [
  ...['', '--position 2', '--position', '--position 0.5 --slice-offset x', '--position 0.5 --slice-offset 1000'],
  ...['--position 0.5 --frame 0', '--position 0.5 --frame 99', '--position 0.5 --tile-width 3', '--draft'],
];

/** Ways to end with an error, on a folder with a good series. @type {CommandsOn} */
function failingCommands(series) {
  /** @type {(options: string) => readonly string[]} */
  const parted = (options) => options.split(' ').filter((option) => option !== '');
  return [
    ...refusedByMosaic.map((options) => picture('mosaic', series, 'png', ...parted(options))),
    ...refusedByImage.map((options) => picture('get-image', series, 'png', ...parted(options))),
    ['mosaic', series, 'OUT/picture.gif'],
    ['mosaic', series, 'OUT/no/such/folder/picture.png', '--no-cache'],
    ['mosaic', series, 'OUT/same.png', '--json', 'OUT/same.png'],
    ['mosaic', series, '-'],
    ['mosaic', series, '-', '--format', 'png', '--json', '-'],
    ['mosaic', series],
    ['mosaic'],
    ['get-image', './nothing-here', '-', '--format', 'png', '--json', 'OUT/report.json'],
    ['nonsense', series],
    ['index', 'get', series],
    ['index', 'get', series, 'OUT/table.csv'],
    ['index', 'get', './nothing-here', '-', '--format', 'json', '--no-cache'],
    ['index', 'build', './nothing-here', './empty', '--cache-dir', 'OUT/cache'],
    ['index', 'clear'],
    ['index', 'clear', series, '--all'],
    ['index'],
    [],
  ];
}

/** On names with what chooses their root. @type {(names: readonly (readonly string[])[]) => readonly Command[]} */
function commandsOnNames(names) {
  return names.flatMap(([series = '', ...options]) => [
    picture('mosaic', series, 'webp', ...options),
    ['index', 'get', series, '-', '--format', 'jsonl', '--no-cache', ...options],
  ]);
}

/** @type {readonly Command[]} */
const helpCommands = [
  ...['mosaic', 'get-image', 'index', 'index build', 'index get', 'index clear'].map((name) => [
    ...name.split(' '),
    '--help',
  ]),
  ['--help'],
  ['help', 'image'],
  ['--version'],
];

/**
 * Pictures with an index: cold, then warm; then the index itself, and none again. Once in a folder that is named, once
 * in the one of the platform (each side has a home folder of its own).
 *
 * @type {(series: string) => readonly (readonly Command[])[]}
 */
function cacheSequences(series) {
  const named = ['--cache-dir', 'OUT/cache'];
  /** @type {(name: string, ...options: string[]) => Command} */
  const mosaic = (name, ...options) => [
    ...['mosaic', series, `OUT/${name}.png`, '--json', `OUT/${name}.json`, '--verbose'],
    ...options,
  ];
  return [
    [mosaic('cold', ...named), mosaic('warm', ...named), ['index', 'clear', series, ...named]],
    [
      ['index', 'build', series],
      ['index', 'build', series],
      mosaic('recalled'),
      ['get-image', series, 'OUT/image.png', '--position', '0.3', '--json', 'OUT/image.json', '--verbose'],
      ['index', 'get', series, 'OUT/headers.parquet'],
      ['index', 'clear', '--all'],
    ],
  ];
}

// ------------------------------------------------------------------------------------------------------- Inputs

/** @type {(input: string, commands: readonly Command[]) => readonly Case[]} */
const eachAlone = (input, commands) => commands.map((command) => ({ input, commands: [command] }));

/** @type {(name: string) => string} */
const folderName = (name) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

/** @typedef {Awaited<ReturnType<typeof testModules>>} TestModules */

/** @type {(scratch: string, modules: TestModules) => readonly Case[]} */
function generatedCases(scratch, { generatedSeries }) {
  /** @type {(all: ReadonlyMap<string, () => Series>, group: string, commands: CommandsOn) => readonly Case[]} */
  const cases = (all, group, commands) =>
    [...all].flatMap(([name, make]) => {
      const series = `./${group}/${folderName(name)}`;
      writeSeriesFolder(join(scratch, series), make());
      return eachAlone(name, commands(series));
    });
  return [
    ...cases(shownInFull, 'generated', allCommands),
    ...cases(generatedSeries, 'small', someCommands),
    ...eachAlone('CT with overlays and windows', [
      picture('mosaic', './generated/ct-with-overlays-and-windows', 'png', '--overlays', '--window-index', '2'),
    ]),
    ...eachAlone('whole slide', [
      picture('mosaic', './generated/whole-slide', 'png', '--include-label', '--tile-width', '3'),
    ]),
    ...eachAlone('multi-frame RLE in fragments', [
      picture(
        'get-image',
        './generated/multi-frame-rle-in-fragments/one.dcm',
        'png',
        '--position',
        '0',
        '--frame',
        '7',
      ),
    ]),
  ];
}

/** Many instances: drafts that read a sample only. @type {(scratch: string) => readonly Case[]} */
function draftCases(scratch) {
  const series = ctSeries({ seed: 9, instances: 240, rows: 16, sliceSpacing: 1.5, shuffleKeys: true });
  writeSeriesFolder(join(scratch, 'long'), series);
  writeSeriesFolder(join(scratch, 'long-in-order'), ctSeries({ instances: 240, rows: 16, instanceNumbers: 'missing' }));
  return eachAlone(
    'long series',
    ['./long', './long-in-order'].flatMap((path) => [
      picture('mosaic', path, 'png', '--draft', '--verbose'),
      picture('mosaic', path, 'webp', '--draft', '--tile-width', '3', '--start', '0.5'),
      picture('mosaic', path, 'png', '--budget', '600KB', '--verbose'),
      picture('mosaic', path, 'png', '--tile-width', '12', '--image-width', '32', '--concurrency', '3'),
    ]),
  );
}

/**
 * Puts two series into a folder, onto a medium with a DICOMDIR, and each into an archive.
 *
 * @type {(scratch: string, modules: TestModules) => void}
 */
function writeNamedSeries(scratch, { makeZip, makeDicomdir, seriesRecords }) {
  /** @type {Record<string, string[]>} */
  const listed = {};
  for (const folder of ['A', 'B']) {
    const uid = `2.25.${folder.charCodeAt(0)}`;
    const attributes = { SeriesInstanceUID: uid, SeriesDescription: `series ${folder}` };
    const series = ctSeries({ ...few, key: (at) => `IM${at}`, attributes: (given) => ({ ...given, ...attributes }) });
    for (const place of ['several', 'medium']) writeSeriesFolder(join(scratch, place, folder), series);
    listed[uid] = [...series.keys()].map((name) => `${folder}/${name}`);
    const files = [...series].map(([name, bytes]) => ({ name, bytes, stored: name.endsWith('1') }));
    writeFileSync(join(scratch, `${folder}.zip`), makeZip(files));
  }
  writeFileSync(join(scratch, 'medium', 'DICOMDIR'), makeDicomdir(seriesRecords(listed)));
}

/** Series whose folders are UUIDs, and folders without a picture. @type {(scratch: string) => void} */
function writeFolders(scratch) {
  for (const [seed, uuid] of [...alikeUuids, otherUuid].entries()) {
    writeSeriesFolder(join(scratch, 'root', uuid), ctSeries({ ...few, seed, shuffleKeys: true }));
  }
  mkdirSync(join(scratch, 'empty'));
  writeSeriesFolder(join(scratch, 'text'), new Map([['notes.txt', plainText]]));
  const document = { SOPClassUID: sopClass.basicTextSr, SOPInstanceUID: '2.25.7', Modality: 'SR' };
  writeSeriesFolder(join(scratch, 'document'), one(writeInstance(document)));
}

/**
 * Series by their names: folders below a root, prefixes, UIDs, a URL, an archive, a medium; names that lead nowhere. A
 * name that is no path comes with a local root, as the default one is on the network.
 *
 * @type {(scratch: string) => readonly Case[]}
 */
function nameCases(scratch) {
  const usable = [
    ...alikeUuids.map((uuid) => [uuid.replaceAll('-', ''), '--root', './root']),
    [otherUuid, '--root', './root'],
    [`${otherUuid.slice(0, 6)}*`, '--root', './root'],
    [pathToFileURL(join(scratch, 'root', otherUuid)).href],
    ['2.25.65', '--root', './several'],
    ['2.25.66', '--root', './medium'],
    ['./several/B/IM3'],
    ['./A.zip'],
  ];
  const unusable = [
    ['./nothing-here'],
    ['nothing', '--root', './root'],
    ['38902e14-ffff-4fff-8fff-ffffffffffff', '--root', './root'],
    ['38902e14*', '--root', './root'],
    ['ffff*', '--root', './root'],
    ['2.25.99', '--root', './several'],
    ['2.25.65', '--root', './nothing-here'],
    ['', '--root', './root'],
    ['./several'],
    ['./medium/DICOMDIR'],
    ['./empty'],
    ['./text'],
    ['./text/notes.txt'],
    ['./document'],
  ];
  return [
    ...eachAlone('names of series', commandsOnNames(usable)),
    ...eachAlone('names of series', [
      ['mosaic', './A.zip', '-', '--format', 'png', '--no-cache', '--quiet'],
      ['mosaic', './several/A', 'OUT/picture.png', '--json', '-', '--no-cache'],
      ['index', 'get', './several/A', './several/B', './A.zip', '-', '--format', 'jsonl', '--no-cache'],
      ['index', 'get', './several/A', 'OUT/headers.parquet', '--no-cache', '--quiet'],
    ]),
    ...eachAlone('names that lead nowhere', commandsOnNames(unusable)),
  ];
}

/** @type {(scratch: string, modules: TestModules) => readonly Case[]} */
function namedCases(scratch, modules) {
  writeNamedSeries(scratch, modules);
  writeFolders(scratch);
  const indexed = ['./several/A', './generated/multi-frame-with-two-volumes', './A.zip'];
  return [
    ...nameCases(scratch),
    ...eachAlone('options', failingCommands('./several/A')),
    ...eachAlone('help', helpCommands),
    ...indexed.flatMap((series) => cacheSequences(series).map((commands) => ({ input: 'indexes', commands }))),
  ];
}

/** The real series and files, where they lie beside the checkout. @type {(shared: string) => readonly Case[]} */
function realCases(shared) {
  const [series, files] = [join(shared, 'series'), join(shared, 'files')];
  const folders = existsSync(series) ? readdirSync(series).sort() : [];
  const paths = existsSync(files) ? filesBelow(files) : [];
  if (folders.length + paths.length === 0) {
    console.log(`Skipped: no real DICOM was found (looked for series/ and files/ in ${shared}).`);
    return [];
  }
  return [
    ...folders.flatMap((name) => eachAlone(name, allCommands(join(series, name)))),
    ...paths.flatMap((name) => eachAlone(name, imageCommands(join(files, name)))),
    ...eachAlone('all real series at once', commandsOnNames([[series]])),
    ...eachAlone(
      'folders of real files',
      commandsOnNames([...new Set(paths.map(dirname))].map((name) => [join(files, name)])),
    ),
  ];
}

/** @type {(folder: string) => readonly string[]} */
function filesBelow(folder) {
  const names = readdirSync(folder, { recursive: true }).map(String).sort();
  return names.filter((name) => statSync(join(folder, name)).isFile());
}

// ------------------------------------------------------------------------------------------------ Running commands

/**
 * The environment of both builds: nothing of the caller's that could choose another cache, endpoint or credentials.
 *
 * @type {(home: string) => NodeJS.ProcessEnv}
 */
function environment(home) {
  /** @type {NodeJS.ProcessEnv} */
  const kept = {};
  for (const name of ['PATH', 'Path', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP']) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  const homes = ['HOME', 'USERPROFILE', 'LOCALAPPDATA'].map((name) => [name, home]);
  return { ...kept, ...Object.fromEntries(homes), XDG_CACHE_HOME: join(home, 'cache'), NO_COLOR: '1' };
}

/**
 * Runs a command of one build and gathers what it left: its exit code, what it printed, and all files in its folder.
 *
 * @type {(side: Side, command: Command, scratch: string, folder: string) => Promise<Outcome>}
 */
function run(side, command, scratch, folder) {
  const outputs = `${side.outputs}-${folder}`;
  mkdirSync(join(scratch, outputs), { recursive: true });
  const parameters = command.map((text) => (text.startsWith('OUT/') ? join(outputs, text.slice('OUT/'.length)) : text));
  const options = {
    cwd: scratch,
    env: environment(join(scratch, outputs, 'home')),
    encoding: /** @type {const} */ ('buffer'),
    timeout: timeLimitMs,
    killSignal: /** @type {const} */ ('SIGKILL'),
    maxBuffer: 2 ** 30,
  };
  return new Promise((done) => {
    const program = join(side.checkout, 'dist', 'cli.js');
    execFile(process.execPath, [program, ...parameters], options, (error, stdout, stderr) => {
      const ended = error?.killed === true ? timedOut : String(error?.code ?? error?.signal ?? 0);
      /** @type {Outcome} */
      const outcome = new Map([['exit code', ended]]);
      outcome.set('stdout', normalised(stdout, side, outputs)).set('stderr', normalised(stderr, side, outputs));
      for (const name of filesBelow(join(scratch, outputs))) {
        outcome.set(`OUT/${name}`, normalised(readFileSync(join(scratch, outputs, name)), side, outputs));
      }
      done(outcome);
    });
  });
}

/**
 * Text without what may differ: times, the places of the build and of the outputs, and the lines of a stack, which name
 * places in the code. Bytes that are no text stay as they are.
 *
 * @type {(bytes: Buffer, side: Side, outputs: string) => Left}
 */
function normalised(bytes, side, outputs) {
  if (!isUtf8(bytes)) return bytes;
  return bytes
    .toString('utf8')
    .replaceAll(outputs, 'OUT')
    .replaceAll(join(side.checkout, 'dist'), 'BUILD/dist')
    .replaceAll(/^ +at .*\n/gm, '')
    .replaceAll(/"timingsMs": ?\{[^}]*\}/g, (timings) => timings.replaceAll(/[\d.]+/g, '0'))
    .replaceAll(/^(?:Stage .* after .*|Time: .*|.*, [\d.]+ m?s)$/gm, withoutTimes);
}

/** @type {(line: string) => string} */
function withoutTimes(line) {
  const time = /[\d.]+ m?s\b/g;
  return line.startsWith('Time: ') ? line.replaceAll(time, 'TIME') : line.replace(/[\d.]+ m?s$/, 'TIME');
}

// ----------------------------------------------------------------------------------------------------- Comparing

/** @type {(before: Outcome, after: Outcome) => readonly string[]} */
function differencesOf(before, after) {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const differences = names.flatMap((name) => differenceOf(name, before.get(name), after.get(name)));
  // Equal, and yet nothing that could be relied on.
  if (differences.length === 0 && before.get('exit code') === timedOut) return [`exit code: ${timedOut}`];
  return differences;
}

/** @type {(name: string, before: Left | undefined, after: Left | undefined) => readonly string[]} */
function differenceOf(name, before, after) {
  if (before === undefined || after === undefined) {
    return [`${name}: written ${before === undefined ? 'after, not before' : 'before, not after'}`];
  }
  if (typeof before === 'string' && typeof after === 'string') {
    return before === after ? [] : [`${name}: ${jsonDifference(before, after) ?? lineDifference(before, after)}`];
  }
  const [earlier, later] = [Buffer.from(before), Buffer.from(after)];
  return earlier.equals(later) ? [] : [`${name}: ${bytesDifference(earlier, later)}`];
}

/**
 * Where two texts of JSON first differ; undefined where one of them is none.
 *
 * @type {(before: string, after: string) => string | undefined}
 */
function jsonDifference(before, after) {
  try {
    const found = valueDifference(JSON.parse(before), JSON.parse(after), '');
    return found ?? 'the same values, written in another order or with other spaces';
  } catch {
    return undefined;
  }
}

/** @type {(before: unknown, after: unknown, path: string) => string | undefined} */
function valueDifference(before, after, path) {
  if (Object.is(before, after)) return undefined;
  if (!isObject(before) || !isObject(after)) {
    return `${path === '' ? '' : `${path} is `}${shown(before)} before, ${shown(after)} after`;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const step = Array.isArray(before) ? `[${key}]` : `${path === '' ? '' : '.'}${key}`;
    const found = valueDifference(before[key], after[key], `${path}${step}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}

/** @type {(before: string, after: string) => string} */
function lineDifference(before, after) {
  const [earlier, later] = [before.split('\n'), after.split('\n')];
  const at = earlier.findIndex((line, index) => line !== later[index]);
  const index = at === -1 ? earlier.length : at;
  return `line ${index + 1} is ${shown(earlier[index])} before, ${shown(later[index])} after`;
}

/** @type {(before: Buffer, after: Buffer) => string} */
function bytesDifference(before, after) {
  const [shorter, longer] = before.length < after.length ? [before, after] : [after, before];
  let count = longer.length - shorter.length;
  for (const [index, byte] of shorter.entries()) if (byte !== longer[index]) count++;
  const lengths = before.length === after.length ? '' : ` (${before.length} before, ${after.length} after)`;
  return `bytes differ: ${count} of ${longer.length} bytes${lengths}`;
}

/** @type {(value: unknown) => string} */
function shown(value) {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}

/**
 * Runs a case with one build and then the other, command by command.
 *
 * @type {(each: Case, folder: string, sides: readonly [Side, Side], scratch: string) => Promise<readonly Compared[]>}
 */
async function compare({ commands }, folder, sides, scratch) {
  const compared = [];
  for (const command of commands) {
    const before = await run(sides[0], command, scratch, folder);
    const after = await run(sides[1], command, scratch, folder);
    const outputs = [...before.keys()].filter((name) => name.startsWith('OUT/'));
    const exit = String(before.get('exit code'));
    compared.push({ command, exit, outputs, differences: differencesOf(before, after) });
  }
  for (const { outputs } of sides) rmSync(join(scratch, `${outputs}-${folder}`), { recursive: true, force: true });
  return compared;
}

/**
 * @template Item, Done
 * @param {readonly Item[]} items
 * @param {number} lanes
 * @param {(item: Item, index: number) => Promise<Done>} work
 * @returns {Promise<readonly Done[]>} in the order of the items
 */
async function mapAbreast(items, lanes, work) {
  /** @type {Done[]} */
  const results = new Array(items.length);
  // One iterator for all lanes: each takes what comes next.
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

// ------------------------------------------------------------------------------------------------------- Reporting

/** @type {(command: Command) => string} */
function commandLine(command) {
  const quoted = command.map((text) => (/^[\w./:,=+-]+$/.test(text) ? text : `'${text}'`));
  return ['node BUILD/dist/cli.js', ...quoted].join(' ');
}

/** How often each name is there. @type {(names: readonly string[], between: string) => string} */
function counted(names, between) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const name of [...names].sort()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count}${between}${name}`).join(', ');
}

/**
 * Prints every difference and then one line for all.
 *
 * @type {(results: readonly Result[], seconds: number) => number} the exit code
 */
function report(results, seconds) {
  const all = results.flatMap(({ of, compared }) => compared.map((each) => ({ ...each, input: of.input })));
  const different = all.filter(({ differences }) => differences.length > 0);
  for (const { input, command, differences } of different) {
    console.log(`different: ${input}\n  ${commandLine(command)}`);
    for (const difference of differences) console.log(`    ${difference}`);
  }
  const inputs = new Set(all.map(({ input }) => input)).size;
  const outputs = results
    .flatMap(({ compared }) => compared.at(-1)?.outputs ?? [])
    .map((name) => extname(name).slice(1));
  const total = `${all.length} commands on ${inputs} inputs with each build in ${Math.round(seconds)} s`;
  console.log(
    different.length === 0 ? `all equal: ${total}` : `not equal: ${different.length} of ${total} differ (see above)`,
  );
  console.log(`  files written before: ${counted(outputs, ' ')}`);
  console.log(
    `  exit codes before: ${counted(
      all.map(({ exit }) => exit),
      ' with ',
    )}`,
  );
  return different.length === 0 ? 0 : 1;
}

// ----------------------------------------------------------------------------------------------------------- Program

/**
 * Why these cannot be compared; undefined where they can.
 *
 * @type {(sides: readonly [Side, Side], scratch: string) => Promise<string | undefined>}
 */
async function problemWith(sides, scratch) {
  for (const side of sides) {
    if (!existsSync(join(side.checkout, 'dist', 'cli.js'))) {
      return `Expected a built checkout in ${side.checkout} but it has no dist/cli.js: run "npm run build" there.`;
    }
  }
  // Two builds that both fail everywhere, as without their packages, would be equal.
  writeSeriesFolder(join(scratch, 'probe'), ctSeries({ rows: 16, instances: 2 }));
  for (const side of sides) {
    const outcome = await run(side, picture('mosaic', './probe', 'webp'), scratch, 'probe');
    if (outcome.get('exit code') !== '0') {
      return `Expected ${side.checkout} to make a picture of a small CT but received:\n${outcome.get('stderr')}`;
    }
  }
  return undefined;
}

/** As the program names itself in what it prints. @type {(path: string) => string} */
function realPath(path) {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}

/** @typedef {{shared: string, only: string, jobs: number, verbose: boolean}} Settings */

/** @type {(checkouts: readonly [string, string], settings: Settings, scratch: string) => Promise<number>} */
async function main([before, after], { shared, only, jobs, verbose }, scratch) {
  const start = performance.now();
  /** @type {readonly [Side, Side]} */
  const sides = [
    { checkout: realPath(before), outputs: 'out-1' },
    { checkout: realPath(after), outputs: 'out-2' },
  ];
  const problem = await problemWith(sides, scratch);
  if (problem !== undefined) {
    console.error(problem);
    return 2;
  }
  const modules = await testModules(scratch);
  const all = [
    ...generatedCases(scratch, modules),
    ...draftCases(scratch),
    ...namedCases(scratch, modules),
    ...realCases(shared),
  ];
  const wanted = all.filter(({ input, commands }) =>
    `${input}\n${commands.map(commandLine).join('\n')}`.includes(only),
  );
  if (wanted.length === 0) {
    console.error(`Expected --only to be part of an input's name or a command, but '${only}' is in none of them.`);
    return 2;
  }
  let done = 0;
  const results = await mapAbreast(wanted, jobs, async (of, index) => {
    const compared = await compare(of, String(index), sides, scratch);
    done++;
    if (verbose) for (const each of compared) console.log(progressLine(of.input, each));
    else if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${wanted.length}\u001b[K`);
    return { of, compared };
  });
  if (process.stderr.isTTY && !verbose) process.stderr.write('\r\u001b[K');
  return report(results, (performance.now() - start) / 1000);
}

/** @type {(input: string, compared: Compared) => string} */
function progressLine(input, { command, exit, differences }) {
  return `${differences.length === 0 ? 'equal' : 'DIFFERENT'} (exit code ${exit}): ${input}: ${commandLine(command)}`;
}

/** The arguments of this program; undefined where they are wrong. */
function argumentsOf() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        series: { type: 'string', default: join(root, '..', 'shared', 'dicom') },
        only: { type: 'string', default: '' },
        jobs: { type: 'string', default: String(availableParallelism()) },
        verbose: { type: 'boolean', default: false },
      },
    });
    const [before, after, ...rest] = positionals;
    const jobs = Number(values.jobs);
    if (before === undefined || after === undefined || rest.length > 0 || !/^[1-9]\d*$/.test(values.jobs))
      return undefined;
    return { before, after, settings: { ...values, shared: resolve(values.series), jobs } };
  } catch {
    return undefined;
  }
}

const given = argumentsOf();
if (given === undefined) {
  console.error('Usage: same-pictures.js BEFORE AFTER [--series FOLDER] [--only TEXT] [--jobs COUNT] [--verbose]');
  process.exitCode = 2;
} else {
  // With its real path: the program prints real paths, and on some systems the temporary folder is a link.
  const scratch = mkdtempSync(join(realpathSync(tmpdir()), 'dicom-series-preview-same-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  process.exitCode = await main([given.before, given.after], given.settings, scratch);
}
