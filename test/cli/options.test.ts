import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { fakeContext } from './fake-library.ts';

const storageDefaults = { noSignRequest: false, timeoutMs: 30_000, retries: 5, noCache: false };

/** The options the library was called with, without what is there in every call. */
async function optionsOf(...args: string[]): Promise<object | undefined> {
  const context = fakeContext();
  expect([await run(args, context), context.err()]).toEqual([0, expect.any(String)]);
  const [call] = context.calls;
  const { signal: _signal, onProgress: _onProgress, ...options } = call?.options ?? {};
  return { kind: call?.kind, series: call?.series, ...options };
}

describe('mosaic options', () => {
  it('has the documented defaults', async () => {
    expect(await optionsOf('mosaic', 'abc*', 'a.webp')).toEqual({
      ...storageDefaults,
      kind: 'mosaic',
      series: 'abc*',
      start: 0,
      end: 1,
      format: 'webp',
      outputs: ['a.webp'],
    });
  });

  it('hands every option over', async () => {
    const args = '--root ./x --tile-width 3 --tile-height 2 --image-width native --contrast lung --start .1 --end 0.9';
    const more = '-q 80 --endpoint-url http://127.0.0.1:9 --region eu-west-1 --no-sign-request';
    const last =
      '--concurrency 7 --timeout 1.5 --retries 0 --format png --cache-dir c --no-cache --idc-index i.parquet --safety-limit frames=9 --safety-limit zipEntries=8';
    expect(await optionsOf('mosaic', './x', 'a.bin', ...`${args} ${more} ${last}`.split(' '))).toEqual({
      kind: 'mosaic',
      series: './x',
      root: './x',
      tileWidth: 3,
      tileHeight: 2,
      imageWidth: 'native',
      contrast: 'lung',
      start: 0.1,
      end: 0.9,
      quality: 80,
      endpointUrl: 'http://127.0.0.1:9',
      region: 'eu-west-1',
      noSignRequest: true,
      concurrency: 7,
      cacheDir: 'c',
      noCache: true,
      idcIndex: 'i.parquet',
      limits: { frames: 9, zipEntries: 8 },
      timeoutMs: 1_500,
      retries: 0,
      format: 'png',
      outputs: ['a.bin'],
    });
  });

  it('takes bytes with a unit and without', async () => {
    for (const [text, maxByteLength] of [
      ['40000', 40_000],
      ['40KB', 40_000],
      ['1500B', 1500],
    ] as const) {
      expect(await optionsOf('mosaic', 'u', 'a.webp', '--max-byte-length', text)).toMatchObject({ maxByteLength });
    }
  });

  it('takes a timeout of up to what the library takes', async () => {
    for (const [text, timeoutMs] of [
      ['0.001', 1],
      ['86400', 86_400_000],
    ] as const) {
      expect(await optionsOf('mosaic', 'u', 'a.webp', '--timeout', text)).toMatchObject({ timeoutMs });
    }
  });

  it('gathers headers', async () => {
    expect(
      await optionsOf('mosaic', 'u', 'a.webp', '--header', 'X-Api-Key: a:b', '--header', 'Accept-Language:en'),
    ).toMatchObject({ headers: { 'X-Api-Key': 'a:b', 'Accept-Language': 'en' } });
  });

  it.each([
    ['--contrast', '500,-100', { contrast: '500,-100' }],
    ['--contrast', '1500/-500', { contrast: '1500/-500' }],
  ])('takes %s %s', async (option, value, expected) => {
    expect(await optionsOf('mosaic', 'u', 'a.webp', option, value)).toMatchObject(expected);
    expect(await optionsOf('mosaic', 'u', 'a.webp', `${option}=${value}`)).toMatchObject(expected);
  });
});

describe('get-image options', () => {
  it.each(['get-image', 'image'])('%s has the documented defaults', async (name) => {
    expect(await optionsOf(name, 'u', 'a.png', '--position', '0.5')).toEqual({
      ...storageDefaults,
      kind: 'image',
      series: 'u',
      position: 0.5,
      sliceOffset: 0,
      format: 'png',
      outputs: ['a.png'],
    });
  });

  it('takes a negative offset and a frame', async () => {
    expect(
      await optionsOf('image', 'u', 'a.png', '--position', '1', '--slice-offset', '-3', '--frame', '7'),
    ).toMatchObject({ position: 1, sliceOffset: -3, frame: 7 });
  });
});

describe('usage errors', () => {
  const mosaic = (...args: string[]): string[] => ['mosaic', 'u', 'a.webp', ...args];
  const sheet = (...contrasts: string[]): string[] => [
    ...['contrast-sheet', 'u', 'a.webp'],
    ...contrasts.flatMap((contrast) => ['-c', contrast]),
  ];
  const image = (...args: string[]): string[] => ['get-image', 'u', 'a.webp', '--position', '0.5', ...args];

  it.each([
    [mosaic('--quality', 'abc'), "Expected a whole number for --quality but received 'abc'."],
    [mosaic('-q', '0'), 'Expected a whole number from 1 to 100 for --quality but received 0.'],
    [mosaic('-q', '25.5'), "received '25.5'"],
    [mosaic('-q', ''), "received ''"],
    [mosaic('--tile-width', '0'), 'Expected a whole number from 1 to 10000 for --tile-width but received 0.'],
    [mosaic('--tile-width', '200'), 'at most 10000 tiles (--tile-width x --tile-height) but received 200 x 200.'],
    [mosaic('--tile-height', '1e2'), "for --tile-height but received '1e2'"],
    [mosaic('--image-width', 'wide'), "Expected 'native' or a whole number for --image-width but received 'wide'."],
    [mosaic('--image-width', '-1'), "Expected 'native' or a whole number from 1 to 16384 for --image-width"],
    [mosaic('--image-width', '16385'), 'received 16385'],
    [mosaic('--start', '1.5'), 'from 0 (first image) to 1 (last image) for --start but received 1.5.'],
    [mosaic('--end', 'NaN'), "Expected a number, such as 0.5, for --end but received 'NaN'."],
    [mosaic('--start', '0.5', '--end', '0.5'), 'Expected --start to be less than --end but received 0.5 and 0.5.'],
    [mosaic('--timeout', '0'), "Expected seconds, from 0.001 to 86400, for --timeout but received '0'."],
    [mosaic('--timeout', '86400.1'), "from 0.001 to 86400, for --timeout but received '86400.1'."],
    [
      mosaic('--width', '300', '--image-width', '200'),
      'Expected either --image-width or --width, because each sets the size of the picture, but received both.',
    ],
    [mosaic('--max-side', '300', '--image-width', '200'), 'Expected either --max-side or --image-width, because'],
    [mosaic('--max-side', '300', '--height', '200'), 'Expected either --max-side or --height, because'],
    [
      ['planes', './x', 'a.webp', '--max-side', '300', '--width', '200'],
      'Expected either --max-side or --width, because',
    ],
    [
      sheet(...Array<string>(17).fill('bone')),
      'Expected 1 to 16 values for --contrast, such as lung and bone, but received 17.',
    ],
    [[...sheet('lung'), '--position', '2'], 'from 0 (first image) to 1 (last image) for --position but received 2.'],
    [
      [...sheet('lung'), '--position', '0.5', '--end', '0.9'],
      'Expected either --position or --end, because each chooses the rows, but received both.',
    ],
    ...['0', '8', '-5', '1.5', '4e4'].map((text): [string[], string] => [
      mosaic('--max-byte-length', text),
      `Expected bytes, such as 500MB, 2GB or 40000, for --max-byte-length but received '${text}'.`,
    ]),
    [mosaic('--budget', '5'), "or a time, such as 800ms or 1.5s, for --budget but received '5'."],
    [mosaic('--retries', '-1'), 'Expected a whole number from 0 to 100 for --retries'],
    [mosaic('--concurrency', '0'), 'Expected a whole number from 1 to 1024 for --concurrency'],
    [mosaic('--window-index', '0'), 'Expected a whole number from 1 to 1000 for --window-index'],
    [
      mosaic('--safety-limit', 'frames'),
      "Expected NAME=NUMBER, such as frames=100, for --safety-limit but received 'frames'.",
    ],
    [
      mosaic('--safety-limit', 'frames=1', '--safety-limit', 'frames=2'),
      'Expected each limit once, but --safety-limit gives frames twice.',
    ],
    [
      mosaic('--safety-limit', 'frames=0'),
      "Expected a whole number of 1 or more for 'frames' in --safety-limit but received 0.",
    ],
    [mosaic('--header', 'nonsense'), "Expected 'Name: value' for --header, such as"],
    [mosaic('--header', 'A: 1', '--header', 'a: 2'), 'Expected each header once, but --header gives a twice.'],
    [mosaic('--position', '0.5'), "--position makes no sense here: it chooses one instance, which is what 'get-image'"],
    [mosaic('--tile-widht', '4'), 'Did you mean --tile-width?'],
    [mosaic('--json', 'a.webp'), "OUTPUT and --json are both 'a.webp'"],
    [mosaic('--json', '--quiet'), "Expected a file name or - for --json but received '--quiet'."],
    [['mosaic', 'u', '-', '--format', 'png', '--json', '-'], 'both OUTPUT and --json are -'],
    [mosaic('too', 'many'), 'too many arguments'],
    [['mosaic', 'u'], 'Expected OUTPUT, a file to write to, or --show'],
    [['mosaic', 'u', 'a.gif'], 'received .gif'],
    [image('--start', '0.2'), '--start makes no sense here: get-image shows one instance, not a range.'],
    [image('--end', '0.2'), '--end makes no sense here: get-image shows one instance, not a range.'],
    [image('--tile-width', '2'), '--tile-width makes no sense here: get-image shows one instance, not a grid.'],
    [image('--tile-height=2'), '--tile-height makes no sense here: get-image shows one instance, not a grid.'],
    [image('--slice-offset', 'x'), 'Expected a whole number for --slice-offset'],
    [image('--frame', '0'), 'Expected a whole number of 1 or more for --frame but received 0.'],
    [['get-image', 'u', 'a.webp'], 'Expected --position, a number from 0'],
    [
      ['get-image', 'u', 'a.webp', '--position', '-0.1'],
      'Expected a number from 0 (first image) to 1 (last image) for --position but received -0.1.',
    ],
    [['mosiac', 'u', 'a.webp'], 'Did you mean mosaic?'],
  ])('%j', async (args, message) => {
    const context = fakeContext();
    expect(await run(args, context)).toBe(2);
    expect(context.err()).toMatch(/^error: /);
    expect(context.err()).toContain(message);
    expect(context.err()).toMatch(/--help'.*\n$/);
    expect(context.calls).toEqual([]);
    expect(context.out().length).toBe(0);
    expect([...context.files.keys()]).toEqual([]);
  });

  it('says what is wrong without loading the library', async () => {
    const context = fakeContext();
    await run(mosaic('-q', 'abc'), context);
    expect(context.loads()).toBe(0);
  });

  it('does not send a picture to a terminal', async () => {
    const context = fakeContext({}, { stdout: true });
    expect(await run(['mosaic', 'u', '-', '--format', 'webp'], context)).toBe(2);
    expect(context.err()).toContain('a terminal cannot show a picture');
  });

  it('prints the help, and fails, without a command', async () => {
    const context = fakeContext();
    expect(await run([], context)).toBe(2);
    expect(context.err()).toContain('Usage: dicom-series-preview');
  });
});

describe('contrast-sheet options', () => {
  it('hands them over, repeated ones as lists', async () => {
    const args = [
      '-c',
      'lung',
      '--contrast',
      '350,50',
      '--position',
      '0.2',
      '--position',
      '1',
      '--no-labels',
      '--gap',
      '0',
    ];
    expect(await optionsOf('contrast-mosaic', './x', 'a.png', ...args)).toEqual({
      ...storageDefaults,
      kind: 'contrast-sheet',
      series: './x',
      contrasts: ['lung', '350,50'],
      positions: [0.2, 1],
      labels: false,
      gap: 0,
      format: 'png',
      outputs: ['a.png'],
    });
  });

  it('asks for a contrast', async () => {
    const context = fakeContext();
    expect(await run(['contrast-sheet', './x', 'a.png'], context)).toBe(2);
    expect(context.err()).toContain('such as -c lung -c bone');
  });
});

describe('planes options', () => {
  it('hands them over', async () => {
    const args = '--at axial=0.2 --at Sagittal=.4 --projection max --slab 12.5 --full --image-width native --gap 1';
    expect(await optionsOf('planes', './x', 'a.png', ...args.split(' '))).toEqual({
      ...storageDefaults,
      kind: 'planes',
      series: './x',
      at: { axial: 0.2, sagittal: 0.4 },
      projection: 'max',
      slab: 12.5,
      full: true,
      imageWidth: 'native',
      gap: 1,
      labels: true,
      format: 'png',
      outputs: ['a.png'],
    });
  });

  it.each(['axial', 'axial=', 'oblique=0.5', 'axial=x'])('refuses --at %s', async (at) => {
    const context = fakeContext();
    expect(await run(['planes', './x', 'a.png', '--at', at], context)).toBe(2);
    expect(context.err()).toMatch(/--at/);
  });
});

describe('film options', () => {
  it('hands them over', async () => {
    const args = '--along time --fps 7.5 -n 30 --start 0.2 --end 0.8 --bounce --no-loop --labels';
    expect(await optionsOf('video', './x', 'a.mp4', ...args.split(' '))).toEqual({
      ...storageDefaults,
      kind: 'film',
      series: './x',
      along: 'time',
      fps: 7.5,
      samples: 30,
      start: 0.2,
      end: 0.8,
      bounce: true,
      loop: false,
      labels: true,
      format: 'mp4',
      outputs: ['a.mp4'],
    });
  });
});
