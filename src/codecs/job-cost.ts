import { findTransferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { FrameJob } from './codec.ts';
import { sniffCodestream } from './codestream-kind.ts';
import { type DecodeCost, decodeCost, type FrameToDecode, maxReduceOfJpeg } from './decode-cost.ts';
import { readJpegHeaders } from './jpeg/jpeg-headers.ts';
import { readJpeg2000Headers } from './jpeg2000/jpeg2000-headers.ts';

/** What decoding this frame takes, of which the bytes are there: a codestream may be another than its header says. */
export function costOfJob(job: FrameJob): DecodeCost {
  const { bytes, description, reduce = 1 } = job;
  const declared = findTransferSyntax(job.transferSyntaxUid)?.coding ?? 'none';
  const hasCodestream = declared.startsWith('jpeg');
  const coding = hasCodestream ? (sniffCodestream(bytes) ?? declared) : declared;
  const frame: FrameToDecode = { coding, description, storedBytes: bytes.length, reduce };
  if (coding === 'jpeg') {
    const headers = readJpegHeaders(bytes);
    const isReducible = (headers?.process ?? 0) <= 2;
    return decodeCost({ ...frame, maxReduce: isReducible ? maxReduceOfJpeg : 1, precision: headers?.precision });
  }
  if (coding === 'jpeg-2000') {
    const headers = readJpeg2000Headers(bytes);
    const maxReduce = 2 ** Math.min(headers?.decompositions ?? 0, 16);
    return decodeCost({ ...frame, maxReduce, precision: headers?.components[0]?.precision });
  }
  return decodeCost(frame);
}
