import { nativeFrameBits } from '../dicom/pixel-data/native-frames.ts';
import type { PixelCoding } from '../dicom/transfer-syntaxes.ts';
import type { PixelDescription } from '../types/pixels.ts';
import { powerOfTwoFactor } from './check-description.ts';
import { reductionOfRle } from './native/rle-reduction.ts';

/** Bytes that decoding one frame takes. */
export interface DecodeCost {
  /** Of the decoded values. */
  readonly valueBytes: number;
  /** Of what the decoder needs besides its input and the values, until it is done. */
  readonly workBytes: number;
}

/** What is known of a frame before it is decoded. */
export interface FrameToDecode {
  readonly coding: PixelCoding;
  readonly description: PixelDescription;
  /** Bytes as stored. */
  readonly storedBytes: number;
  /** The greatest factor by which it may be decoded smaller. */
  readonly reduce: number;
  /** What the codestream tells: the greatest factor that it has. Default: what usual ones have. */
  readonly maxReduce?: number | undefined;
  /** Bits of a sample in the codestream. Default: those of the header. */
  readonly precision?: number | undefined;
}

/** The factor that usual JPEG 2000 has: five wavelet levels. */
const usualReduceOfJpeg2000 = 32;
/** The factor of JPEG with DCT; lossless JPEG has none. */
export const maxReduceOfJpeg = 8;

/**
 * What decoding a frame takes, as the decoders are made: every array that they take is counted, also those that most frames
 * do not need.
 */
export function decodeCost(frame: FrameToDecode): DecodeCost {
  const { coding, description, storedBytes } = frame;
  const { rows, columns, samplesPerPixel, planarConfiguration } = description;
  const factor = factorOf(frame);
  const stored = rows * columns * samplesPerPixel;
  const samples = Math.ceil(rows / factor) * Math.ceil(columns / factor) * samplesPerPixel;
  const width = widthOf(frame);
  const valueBytes = samples * width;
  switch (coding) {
    case 'native':
      // A copy where bits are masked or bytes are turned, and one more where colour lies by plane.
      return { valueBytes, workBytes: valueBytes * (samplesPerPixel > 1 && planarConfiguration === 1 ? 2 : 1) };
    case 'rle':
      return { valueBytes, workBytes: valueBytes };
    case 'deflated-frame':
      return { valueBytes, workBytes: Math.ceil(nativeFrameBits(description) / 8) + 2 * valueBytes };
    case 'jpeg':
      // Lossless: planes of 16 bits, two of each where an overflow is tried. DCT: coefficients and samples of 16 bits.
      return { valueBytes, workBytes: samples * 4 + 2 * valueBytes + 4 * storedBytes };
    // Foreign code has the frame in its own memory, with a copy of the input; another copy went to the worker.
    case 'jpeg-ls':
      return { valueBytes, workBytes: 2 * stored * width + 3 * storedBytes };
    case 'jpeg-2000':
      return { valueBytes, workBytes: samples * 12 + 2 * valueBytes + 4 * storedBytes };
    case 'jpeg-xl':
      return { valueBytes, workBytes: stored * 12 + 2 * valueBytes + 3 * storedBytes };
    case 'video':
      // ffmpeg decodes in a process of its own; its pictures come through a pipe.
      return { valueBytes, workBytes: 2 * valueBytes };
    default:
      return { valueBytes: 0, workBytes: 0 };
  }
}

function factorOf({ coding, description, reduce, maxReduce }: FrameToDecode): number {
  if (coding === 'rle') return reductionOfRle(description, reduce);
  if (coding === 'jpeg-2000') return powerOfTwoFactor(reduce, maxReduce ?? usualReduceOfJpeg2000);
  if (coding !== 'jpeg') return 1;
  const factor = powerOfTwoFactor(reduce, maxReduce ?? maxReduceOfJpeg);
  // Half the size is often made of the full one.
  return factor === 2 ? 1 : factor;
}

/** Bytes of a decoded value. */
function widthOf({ coding, description, precision = 0 }: FrameToDecode): number {
  const { bitsAllocated, kind } = description;
  if (kind !== 'integer') return kind === 'float' ? 4 : 8;
  if (coding.startsWith('jpeg') || coding === 'video') return Math.max(bitsAllocated, precision) <= 8 ? 1 : 2;
  if (bitsAllocated <= 8) return 1;
  if (bitsAllocated <= 16) return 2;
  return bitsAllocated <= 32 ? 4 : 8;
}
