import type { FrameJob } from './codec.ts';
import { sniffCodestream } from './codestream-kind.ts';
import { type DecodableCoding, decodableCodingOf } from './decodable-coding.ts';
import { needsJpegTurbo } from './jpeg/jpeg.ts';
import { readJpegHeaders } from './jpeg/jpeg-headers.ts';
import { readJpeg2000Headers } from './jpeg2000/jpeg2000-headers.ts';

/** What is to be done with a frame. */
export interface Classification {
  readonly coding: DecodableCoding;
  /**
   * Foreign code (WebAssembly) may crash, hang or take all memory: it runs in worker threads only. The decoders written
   * here check every index and end in bounded time: they may run in the calling thread.
   */
  readonly needsWorker: boolean;
  /** Milliseconds of work, roughly, on a common machine. */
  readonly estimateMs: number;
}

/** Nanoseconds a sample, roughly, as measured. */
const costNs = {
  native: 0.5,
  rle: 3,
  'deflated-frame': 4,
  'jpeg-turbo': 3,
  'jpeg-lossless': 9,
  'jpeg-reduced': 5,
  'jpeg-dct': 18,
  'jpeg-ls': 15,
  'jpeg-2000': 90,
  'high-throughput': 6,
  'jpeg-xl': 40,
  video: 0,
} as const;

/**
 * Which codec a frame needs. For compressed frames the first bytes of the codestream decide, because the transfer
 * syntax in a header is sometimes not that of the data.
 *
 * @throws {UnsupportedError} an unknown transfer syntax, or one that no decoder exists for
 */
export function classify(job: FrameJob): Classification {
  const declared = decodableCodingOf(job.transferSyntaxUid);
  const { rows, columns, samplesPerPixel } = job.description;
  const samples = rows * columns * samplesPerPixel;
  const result = (decoder: keyof typeof costNs, coding: DecodableCoding, needsWorker: boolean): Classification => ({
    coding,
    needsWorker,
    estimateMs: (samples * costNs[decoder]) / 1e6,
  });
  if (declared === 'native' || declared === 'deflated-frame' || declared === 'video') {
    return result(declared, declared, false);
  }
  const actual = sniffCodestream(job.bytes) ?? declared;
  switch (actual) {
    case 'jpeg-ls':
      return result('jpeg-ls', actual, true);
    case 'jpeg-2000': {
      const highThroughput = readJpeg2000Headers(job.bytes)?.highThroughput === true;
      const whole = result(highThroughput ? 'high-throughput' : 'jpeg-2000', actual, true);
      return { ...whole, estimateMs: whole.estimateMs / Math.max(1, job.reduce ?? 1) ** 2 };
    }
    case 'jpeg-xl':
      return result('jpeg-xl', actual, true);
    case 'jpeg': {
      if (needsJpegTurbo(job)) return result('jpeg-turbo', actual, true);
      const lossless = readJpegHeaders(job.bytes)?.process === 3;
      const reduced = (job.reduce ?? 1) >= 2;
      return result(lossless ? 'jpeg-lossless' : reduced ? 'jpeg-reduced' : 'jpeg-dct', actual, false);
    }
    default:
      return result('rle', actual, false);
  }
}
