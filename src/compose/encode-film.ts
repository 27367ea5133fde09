import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { onAbort } from '../base/abort.ts';
import { counted } from '../base/counted.ts';
import { MissingComponentError, OutputError, TimeoutError } from '../base/errors.ts';
import { ffmpegEnvironment, missingFfmpeg } from '../base/ffmpeg.ts';
import type { DisplayImage } from '../types/pixels.ts';
import type { FilmFormat } from '../types/report.ts';
import { encoder } from './encode.ts';

export interface FilmEncoding {
  readonly format: FilmFormat;
  /** 1 (smallest) .. 100 (best). GIF has no such choice. */
  readonly quality: number;
  readonly framesPerSecond: number;
  readonly loop: boolean;
  readonly signal: AbortSignal | undefined;
  /** The ffmpeg program. Default: `ffmpeg`, looked for on PATH. */
  readonly ffmpeg?: string | undefined;
}

const webpEffort = 2;

/** Whether a format needs ffmpeg. */
export function isVideo(format: FilmFormat): format is 'mp4' | 'webm' {
  return format === 'mp4' || format === 'webm';
}

/**
 * Encodes a film: WebP and GIF by sharp, MP4 and WebM by ffmpeg.
 *
 * @param frames all of one size and with as many channels
 * @throws OutputError where the encoder is missing, or fails; MissingComponentError without ffmpeg, or where it lacks the
 * encoder; TimeoutError, AbortedError
 */
export async function encodeFilm(frames: readonly DisplayImage[], encoding: FilmEncoding): Promise<Uint8Array> {
  const { format } = encoding;
  return isVideo(format) ? encodeVideo(frames, format, encoding) : encodeAnimation(frames, format, encoding);
}

async function encodeAnimation(
  frames: readonly DisplayImage[],
  format: 'webp' | 'gif',
  { quality, framesPerSecond, loop }: FilmEncoding,
): Promise<Uint8Array> {
  const { width, height, channels } = sizeOf(frames);
  const pages = new Uint8Array(width * height * channels * frames.length);
  for (const [index, { data }] of frames.entries()) pages.set(data, index * width * height * channels);
  const raw = { width, height: height * frames.length, channels, pageHeight: height };
  const picture = encoder()(pages, { raw, limitInputPixels: false }).toColourspace('srgb');
  const animation = { delay: delays(frames.length, framesPerSecond, format), loop: loop ? 0 : 1 };
  if (format === 'webp') picture.webp({ quality, effort: webpEffort, ...animation });
  else picture.gif({ effort: 4, dither: 0, interPaletteMaxError: 0, ...animation });
  try {
    const { buffer, byteOffset, byteLength } = await picture.toBuffer();
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    throw new OutputError(
      `Could not encode ${counted(frames.length, 'frame')} of ${width} x ${height} pixels as ${format}.`,
      {
        cause: error,
      },
    );
  }
}

/** Milliseconds of each frame. GIF has hundredths of a second: rounding is shared out, so that the film does not drift. */
function delays(count: number, framesPerSecond: number, format: 'webp' | 'gif'): number[] {
  const step = format === 'gif' ? 10 : 1;
  const at = (frame: number): number => Math.round((frame * 1000) / framesPerSecond / step) * step;
  // Browsers show frames of less than 20 ms slowly.
  return Array.from({ length: count }, (_, frame) => Math.max(at(frame + 1) - at(frame), 20));
}

function sizeOf(frames: readonly DisplayImage[]): Pick<DisplayImage, 'width' | 'height' | 'channels'> {
  const [first] = frames;
  if (first === undefined) throw new RangeError('Expected at least one frame.');
  const { width, height, channels } = first;
  if (frames.some((frame) => frame.width !== width || frame.height !== height || frame.channels !== channels)) {
    throw new RangeError('Expected frames of one size and with as many channels.');
  }
  return { width, height, channels };
}

/** ffmpeg is ended where it takes no frame, or does not finish, for so long. */
const timeoutMs = 60_000;
/** Of what ffmpeg says. */
const maxMessageLength = 4096;

/**
 * Whether ffmpeg is there: asked before frames are read for nothing.
 *
 * @throws MissingComponentError
 */
export function checkFfmpeg(program = 'ffmpeg'): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['-version'], { stdio: 'ignore', env: ffmpegEnvironment(), windowsHide: true });
    child.on('error', (error) => reject(missingFfmpeg('MP4 and WebM are encoded', error)));
    child.on('close', () => resolve());
  });
}

async function encodeVideo(
  frames: readonly DisplayImage[],
  format: 'mp4' | 'webm',
  encoding: FilmEncoding,
): Promise<Uint8Array> {
  // An MP4 that starts to play at once cannot be written to a pipe. Only this user can read the folder.
  const folder = await mkdtemp(join(tmpdir(), 'dicom-series-preview-'));
  try {
    const path = join(folder, `film.${format}`);
    await runEncoder(frames, [...argumentsFor(frames, format, encoding), path], encoding);
    return new Uint8Array(await readFile(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function argumentsFor(
  frames: readonly DisplayImage[],
  format: 'mp4' | 'webm',
  { quality, framesPerSecond }: FilmEncoding,
): readonly string[] {
  const { width, height, channels } = sizeOf(frames);
  const rate = String(framesPerSecond);
  // Constant rate factors: the lower, the better.
  const codec =
    format === 'mp4'
      ? [
          '-c:v',
          'libx264',
          '-preset',
          'medium',
          '-crf',
          String(Math.round(36 - quality / 5)),
          '-movflags',
          '+faststart',
        ]
      : [
          '-c:v',
          'libvpx-vp9',
          '-b:v',
          '0',
          '-crf',
          String(Math.round(46 - quality / 4)),
          '-deadline',
          'good',
          '-cpu-used',
          '4',
        ];
  return [
    ...['-hide_banner', '-loglevel', 'error', '-y', '-protocol_whitelist', 'pipe,file'],
    ...['-f', 'rawvideo', '-pix_fmt', channels === 1 ? 'gray' : 'rgb24', '-s', `${width}x${height}`, '-r', rate],
    ...['-i', 'pipe:0', '-an', '-sn', '-dn', '-map_metadata', '-1', '-fflags', '+bitexact', '-flags:v', '+bitexact'],
    // Players expect even sides and halved colour.
    ...['-vf', 'pad=ceil(iw/2)*2:ceil(ih/2)*2', '-pix_fmt', 'yuv420p', ...codec, '-f', format],
  ];
}

function runEncoder(
  frames: readonly DisplayImage[],
  parameters: readonly string[],
  { format, signal, ffmpeg = 'ffmpeg' }: FilmEncoding,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(ffmpeg, [...parameters], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: ffmpegEnvironment(),
      windowsHide: true,
    });
    let failure: Error | undefined;
    let said = '';
    const end = (error: Error): void => {
      failure ??= error;
      child.kill('SIGKILL');
    };
    const tooSlow = (): void =>
      end(new TimeoutError(`ffmpeg did not go on within ${timeoutMs} ms while it encoded.`, { timeoutMs }));
    let timer = setTimeout(tooSlow, timeoutMs);
    const release = onAbort(signal, end);
    const settle = (code: number | null): void => {
      clearTimeout(timer);
      release();
      if (failure === undefined && code !== 0) failure = failureOf(format, said);
      if (failure === undefined) resolve();
      else reject(failure);
    };
    child.stderr.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString('utf8')}`.slice(0, maxMessageLength);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= error.code === 'ENOENT' ? missingFfmpeg('MP4 and WebM are encoded', error) : error;
      settle(1);
    });
    child.on('close', settle);
    // Where ffmpeg ends early, its exit code says why.
    child.stdin.on('error', () => undefined);
    const goesOn = (): void => {
      clearTimeout(timer);
      timer = setTimeout(tooSlow, timeoutMs);
    };
    writeFrames(child.stdin, frames, goesOn);
  });
}

/** Writes frames as they are taken. */
function writeFrames(stdin: Writable, frames: readonly DisplayImage[], onTaken: () => void): void {
  let next = 0;
  const write = (): void => {
    onTaken();
    const frame = frames[next++];
    if (frame === undefined) stdin.end();
    else
      stdin.write(frame.data, (error) => {
        if (error === undefined || error === null) write();
      });
  };
  write();
}

function failureOf(format: FilmFormat, said: string): Error {
  if (/unknown encoder/i.test(said)) {
    const name = format === 'mp4' ? 'libx264' : 'libvpx-vp9';
    return new MissingComponentError(
      `This ffmpeg cannot encode ${format}: it lacks ${name}. Install one that has it, or write .webp or .gif, which need no ffmpeg.`,
      { component: `ffmpeg with ${name}` },
    );
  }
  return new OutputError(`ffmpeg could not encode the film as ${format}.`, { cause: new Error(said.trim()) });
}
