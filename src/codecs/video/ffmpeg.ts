import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AbortedError, TimeoutError } from '../../base/errors.ts';
import { ffmpegEnvironment, missingFfmpeg } from '../../base/ffmpeg.ts';
import { type NetpbmPicture, readNetpbm } from './netpbm.ts';
import type { VideoFormat } from './video-format.ts';

/** One run of ffmpeg over a stream. */
export interface VideoRun {
  readonly program: string;
  readonly stream: Uint8Array;
  readonly format: VideoFormat;
  /** The frames that are wanted, from 0, ascending, each of them once. */
  readonly frames: readonly number[];
  readonly grey: boolean;
  /** Give 16 bits a sample, scaled to the full range; else 8. */
  readonly wide: boolean;
  /** The run is ended after so many milliseconds without a new frame. */
  readonly timeoutMs: number;
  readonly maxPictureByteLength: number;
  readonly signal: AbortSignal;
}

/**
 * Decodes frames of a stream.
 *
 * @returns the frames in the order asked for; fewer of them where the stream ends or breaks earlier
 * @throws {MissingComponentError} there is no ffmpeg
 * @throws {TimeoutError} no further frame came in time
 * @throws {AbortedError} the signal was aborted
 */
export async function runFfmpeg(run: VideoRun): Promise<readonly NetpbmPicture[]> {
  if (!run.format.seeks) return decodeFrom('pipe:0', run);
  // An MP4 with its index at the end cannot be read from a pipe. Only this user can read the folder.
  const folder = await mkdtemp(join(tmpdir(), 'dicom-series-preview-'));
  try {
    const path = join(folder, 'stream');
    if (!existsSync('/dev/fd')) {
      await writeFile(path, run.stream, { mode: 0o600 });
      return await decodeFrom(`file:${path}`, run);
    }
    const file = await open(path, 'wx+', 0o600);
    try {
      // A file without a name is gone with the last process that has it open, however that ends.
      await rm(folder, { recursive: true, force: true });
      await writeAt(file, run.stream);
      return await decodeFrom('file:/dev/fd/3', run, file.fd);
    } finally {
      await file.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes from the file's start, and leaves its position there: on some systems ffmpeg shares it. */
async function writeAt(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
}

function argumentsFor(input: string, run: VideoRun): readonly string[] {
  const wanted = run.frames.map((frame) => `eq(n\\,${frame})`).join('+');
  const pixels = run.grey ? (run.wide ? 'gray16be' : 'gray') : run.wide ? 'rgb48be' : 'rgb24';
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
    ...['-protocol_whitelist', 'pipe,file', '-f', run.format.demuxer, '-i', input],
    ...['-map', '0:v:0', '-an', '-sn', '-dn'],
    // Give the frames new time stamps, or ffmpeg would repeat and drop some to keep the frame rate.
    ...['-vf', `select=${wanted},setpts=N/25/TB`, '-r', '25', '-frames:v', String(run.frames.length)],
    ...['-sws_flags', 'bicubic+accurate_rnd+full_chroma_int'],
    ...['-f', 'image2pipe', '-c:v', run.grey ? 'pgm' : 'ppm', '-pix_fmt', pixels, 'pipe:1'],
  ];
}

/** @param file an open file that ffmpeg gets as its file 3 */
function decodeFrom(input: string, run: VideoRun, file?: number): Promise<readonly NetpbmPicture[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(run.program, argumentsFor(input, run), {
      stdio: ['pipe', 'pipe', 'ignore', file ?? 'ignore'],
      env: ffmpegEnvironment(),
      windowsHide: true,
    });
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new Error('Expected pipes to ffmpeg but there are none.');
    const pictures: NetpbmPicture[] = [];
    let held = Buffer.alloc(0);
    let failure: Error | undefined;
    const end = (error: Error): void => {
      failure ??= error;
      child.kill('SIGKILL');
    };
    const tooSlow = (): void => {
      const message = `ffmpeg gave no further frame within ${run.timeoutMs} ms: the stream may be broken, or long.`;
      end(new TimeoutError(message, { timeoutMs: run.timeoutMs }));
    };
    let timer = setTimeout(tooSlow, run.timeoutMs);
    const onAbort = (): void => end(new AbortedError({ cause: run.signal.reason }));
    run.signal.addEventListener('abort', onAbort, { once: true });
    if (run.signal.aborted) onAbort();

    const chunks: Buffer[] = [];
    let waitingBytes = 0;
    let neededBytes = 0;
    stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes < neededBytes) return;
      held = Buffer.concat(chunks.splice(0));
      try {
        for (let picture = readNetpbm(held); picture !== undefined; picture = readNetpbm(held)) {
          pictures.push({ ...picture, bytes: new Uint8Array(picture.bytes) });
          neededBytes = picture.byteLength;
          held = held.subarray(picture.byteLength);
          clearTimeout(timer);
          timer = setTimeout(tooSlow, run.timeoutMs);
        }
      } catch (error) {
        end(error instanceof Error ? error : new Error(String(error)));
      }
      chunks.push(held);
      waitingBytes = held.length;
      if (waitingBytes > run.maxPictureByteLength) end(new Error('ffmpeg gave a larger picture than was described.'));
    });
    // ffmpeg stops reading once it has the frames it needs: a broken pipe is no failure.
    stdin.on('error', () => undefined);
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= error.code === 'ENOENT' ? missingFfmpeg('Video frames are decoded', error) : error;
      finish();
    });
    child.on('close', () => finish());
    const finish = (): void => {
      clearTimeout(timer);
      run.signal.removeEventListener('abort', onAbort);
      if (failure === undefined) resolve(pictures);
      else reject(failure);
    };
    if (input === 'pipe:0') stdin.end(run.stream);
    else stdin.end();
  });
}
