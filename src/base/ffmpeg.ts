import { MissingComponentError } from './errors.ts';

/** The variables that ffmpeg needs to start. It gets no others: they may hold credentials. */
const passedVariables: readonly string[] = [
  'PATH',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'SystemRoot',
  'TMPDIR',
  'TEMP',
];

/** The environment that ffmpeg is started with. */
export function ffmpegEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    passedVariables.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : [])),
  );
}

/** @param what is done with it, in words that begin a sentence */
export function missingFfmpeg(what: string, cause: unknown): MissingComponentError {
  return new MissingComponentError(
    `${what} by ffmpeg, which was not found on PATH. Install it (apt-get install ffmpeg, brew install ffmpeg, winget install ffmpeg) and try again.`,
    { component: 'ffmpeg', cause },
  );
}
