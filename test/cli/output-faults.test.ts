// What is on the disk after runs of the built program that were killed, or could not write.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkWritable } from '../../src/compose/write-output.ts';
import { ctSeries, seededRandom, wholeSlideSeries, writeSeriesFolder } from '../support/dicom/index.js';
import { repetitions } from '../support/repetitions.ts';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const library = new URL('../../dist/index.js', import.meta.url).href;
const isRoot = process.getuid?.() === 0;
const isWindows = process.platform === 'win32';

let work = '';
let series = '';
let folder = '';
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'output-faults-'));
  series = join(work, 'series');
  writeSeriesFolder(series, ctSeries({ instances: 12, rows: 32 }));
});
beforeEach(() => {
  folder = mkdtempSync(join(work, 'output-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

function mosaic(output: string, ...options: readonly string[]): ChildProcess {
  const args = [program, 'mosaic', series, output, '--no-cache', ...options];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<{ readonly status: number | null; readonly err: string }> {
  let err = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8');
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, err };
}

describe('kill -9', () => {
  it('while a file is written: never half of it, and the next run removes what is left', async () => {
    const length = 4_000_000;
    const output = join(folder, 'a.bin');
    const script = `
      import { writeWhole } from ${JSON.stringify(library)};
      const all = [1, 2].map((value) => new Uint8Array(${length}).fill(value));
      await writeWhole(${JSON.stringify(output)}, all[0]);
      process.stdout.write('ready');
      for (let turn = 0; ; turn++) await writeWhole(${JSON.stringify(output)}, all[turn % 2]);`;
    const random = seededRandom(1);
    let leftovers = 0;
    // On a fast disk a file is soon written: a few more runs, until one was ended in between.
    for (let run = 0; run < repetitions(5, 100) || (leftovers === 0 && run < 60); run++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const end = once(child, 'close');
      await once(child.stdout, 'data');
      await setTimeout(random() * 40);
      // A live writer's files are none of anybody's business.
      await checkWritable(join(folder, 'b.bin'));
      child.kill('SIGKILL');
      expect(await end).toEqual([null, 'SIGKILL']);
      const bytes = readFileSync(output);
      expect(bytes.length).toBe(length);
      expect(bytes.equals(Buffer.alloc(length, bytes[0]))).toBe(true);
      leftovers += readdirSync(folder).length - 1;
      await checkWritable(join(folder, 'b.bin'));
      expect(readdirSync(folder)).toEqual(['a.bin']);
    }
    expect(leftovers).toBeGreaterThan(0);
  });

  it('at any moment of a run: the old picture or the new one, and nothing else after the next run', async () => {
    const output = join(folder, 'a.png');
    const old = await sharp({ create: { width: 3, height: 3, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const startedAt = performance.now();
    expect(await ended(mosaic(output, '--image-width', '64'))).toMatchObject({ status: 0 });
    const lastsMs = performance.now() - startedAt;
    const whole = readFileSync(output);
    const random = seededRandom(2);
    for (let run = 0; run < repetitions(3, 100); run++) {
      writeFileSync(output, old);
      const child = mosaic(output, '--image-width', '64');
      const end = ended(child);
      await setTimeout(lastsMs * (0.3 + random() * 0.8));
      child.kill('SIGKILL');
      await end;
      const found = readFileSync(output);
      expect(found.equals(old) || found.equals(whole)).toBe(true);
    }
    expect(await ended(mosaic(output, '--image-width', '64'))).toMatchObject({ status: 0 });
    expect(readdirSync(folder)).toEqual(['a.png']);
    expect(readFileSync(output).equals(whole)).toBe(true);
  });
});

describe('an output that cannot be written', () => {
  it.skipIf(!readdirSync('/').includes('dev') || isWindows)('a full disk', async () => {
    const { status, err } = await ended(mosaic('/dev/full', '--format', 'png'));
    expect([status, err]).toEqual([1, expect.stringContaining('the disk is full')]);
  });

  it('a full disk keeps the old file, and gets no litter', async (context) => {
    const mounted = join(folder, 'disk');
    mkdirSync(mounted);
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', mounted]);
    context.skip(mount.status !== 0, 'a disk of 16 KB can be mounted by root alone');
    try {
      const output = join(mounted, 'a.png');
      writeFileSync(output, 'old');
      const { status, err } = await ended(mosaic(output));
      expect([status, err]).toEqual([1, expect.stringContaining('the disk is full')]);
      expect(readdirSync(mounted)).toEqual(['a.png']);
      expect(readFileSync(output, 'utf8')).toBe('old');
    } finally {
      spawnSync('umount', [mounted]);
    }
  });

  it.skipIf(isRoot || isWindows)('a folder that is read-only', async () => {
    chmodSync(folder, 0o500);
    const { status, err } = await ended(mosaic(join(folder, 'a.png')));
    chmodSync(folder, 0o700);
    expect([status, err]).toEqual([1, expect.stringContaining('not writable')]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a run that fails leaves the old file', async () => {
    const output = join(folder, 'a.png');
    writeFileSync(output, 'old');
    const { status } = await ended(mosaic(output, '--start', '0.999', '--end', '0.9991'));
    expect(status).toBe(2);
    expect([readdirSync(folder), readFileSync(output, 'utf8')]).toEqual([['a.png'], 'old']);
  });
});

it.skipIf(isWindows)('follows a link: what it points to is replaced, the link stays', async () => {
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'real.png'), 'old');
  symlinkSync(join('elsewhere', 'real.png'), join(folder, 'a.png'));
  expect(await ended(mosaic(join(folder, 'a.png')))).toMatchObject({ status: 0 });
  expect(lstatSync(join(folder, 'a.png')).isSymbolicLink()).toBe(true);
  expect(readlinkSync(join(folder, 'a.png'))).toBe(join('elsewhere', 'real.png'));
  expect(await sharp(join(elsewhere, 'real.png')).metadata()).toHaveProperty('format', 'png');
  expect([readdirSync(folder).sort(), readdirSync(elsewhere)]).toEqual([['a.png', 'elsewhere'], ['real.png']]);
});

describe.skipIf(isWindows)('a named pipe', () => {
  function makePipe(): string {
    const path = join(folder, 'pipe.png');
    spawnSync('mkfifo', [path]);
    return path;
  }

  it('gets the picture when it has a reader', async () => {
    const path = makePipe();
    const run = ended(mosaic(path));
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    for await (const chunk of reader.stdout) chunks.push(chunk as Buffer);
    expect(await run).toMatchObject({ status: 0 });
    expect(await sharp(Buffer.concat(chunks)).metadata()).toHaveProperty('format', 'png');
    expect(lstatSync(path).isFIFO()).toBe(true);
  });

  it('without a reader holds up no run that is interrupted', async () => {
    const child = mosaic(makePipe(), '--verbose');
    const end = ended(child);
    // The picture is done, and nobody takes it.
    await once(child.stderr as NodeJS.ReadableStream, 'data');
    await setTimeout(300);
    child.kill('SIGINT');
    expect(await end).toMatchObject({ status: 130 });
  });
});

describe('Ctrl-C', () => {
  it('twice in a row ends a run with 130, too', async () => {
    // The server never answers; the second signal comes before anything could be tidied up.
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const asked = once(server, 'request');
    const { port } = server.address() as AddressInfo;
    const args = ['mosaic', `http://127.0.0.1:${port}/1/`, join(folder, 'a.png'), '--no-cache'];
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    const end = ended(child);
    await asked;
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await end).toMatchObject({ status: 130 });
    expect(readdirSync(folder)).toEqual([]);
    server.closeAllConnections();
    server.close();
  });
});

describe.skipIf(isWindows)('ffmpeg', () => {
  /** Starts a run that decodes video by a stand-in for ffmpeg, which notes its number. */
  async function startWithFfmpeg(body: string): Promise<{ readonly child: ChildProcess; readonly pid: number }> {
    const stream = new Uint8Array(100);
    stream.set([0, 0, 1, 0xb3]);
    const video = join(folder, 'video');
    const options = { levels: 1, extraImages: false, photometricInterpretation: 'YBR_PARTIAL_420' };
    const transferSyntaxUid = '1.2.840.10008.1.2.4.100';
    writeSeriesFolder(video, wholeSlideSeries({ ...options, transferSyntaxUid, encodeFrame: () => stream }));
    const note = join(folder, 'pid');
    const script = `#!${process.execPath}\nrequire('node:fs').writeFileSync(${JSON.stringify(note)}, String(process.pid));${body}`;
    writeFileSync(join(folder, 'ffmpeg'), script, { mode: 0o755 });
    const child = spawn(process.execPath, [program, 'mosaic', video, join(folder, 'a.png'), '--no-cache'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` },
    });
    for (;;) {
      await setTimeout(20);
      const pid = readdirSync(folder).includes('pid') ? Number(readFileSync(note, 'utf8')) : 0;
      if (pid > 0) return { child, pid };
      if (child.exitCode !== null) throw new Error(`The run ended: ${String(child.stderr?.read())}`);
    }
  }

  function isRunning(pid: number): boolean {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  async function hasEnded(pid: number): Promise<void> {
    while (isRunning(pid)) await setTimeout(20);
  }

  it('that hangs ends with the run that is interrupted', async () => {
    const { child, pid } = await startWithFfmpeg('setInterval(() => undefined, 1000);');
    const end = ended(child);
    child.kill('SIGINT');
    expect(await end).toMatchObject({ status: 130 });
    await hasEnded(pid);
    expect(readdirSync(folder)).not.toContain('a.png');
  });

  it('ends with the run that is killed, since nobody writes to it any more', async () => {
    const { child, pid } = await startWithFfmpeg(
      "process.stdin.resume().on('end', () => setInterval(() => process.stdout.write('P6'), 20));",
    );
    const end = ended(child);
    child.kill('SIGKILL');
    await end;
    await hasEnded(pid);
    expect(isRunning(pid)).toBe(false);
  });
});
