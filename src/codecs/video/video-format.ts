/** A demuxer of ffmpeg, and whether it must be able to seek in the stream. */
export interface VideoFormat {
  readonly demuxer: 'mpegts' | 'mov' | 'mpeg' | 'mpegvideo' | 'h264' | 'hevc';
  readonly seeks: boolean;
}

/**
 * The format of a video stream, from its first bytes. ffmpeg is told the demuxer, so that it does not guess: some of
 * its formats are playlists, and it would open the files that they name.
 *
 * @returns undefined for formats that no video transfer syntax of DICOM has
 */
export function detectVideoFormat(bytes: Uint8Array): VideoFormat | undefined {
  if (bytes.length < 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(4) === 0x66747970) return { demuxer: 'mov', seeks: !indexComesFirst(view) };
  if (isTransportStream(bytes)) return { demuxer: 'mpegts', seeks: false };
  const at = startCode(bytes);
  if (at === undefined) return undefined;
  const code = bytes[at] ?? 0;
  if (code === 0xba) return { demuxer: 'mpeg', seeks: false };
  if (code === 0xb3) return { demuxer: 'mpegvideo', seeks: false };
  const h264 = code & 0x1f;
  if (code < 0x80 && (h264 === 7 || h264 === 9) && code >> 5 !== 2) return { demuxer: 'h264', seeks: false };
  const hevc = code >> 1;
  if (code < 0x80 && (hevc === 32 || hevc === 33 || hevc === 35)) return { demuxer: 'hevc', seeks: false };
  return h264 === 7 ? { demuxer: 'h264', seeks: false } : undefined;
}

/** MP4: whether the index (moov) comes before the media (mdat). If not, the reader must seek. */
function indexComesFirst(view: DataView): boolean {
  let at = 0;
  while (at + 16 <= view.byteLength) {
    const type = view.getUint32(at + 4);
    if (type === 0x6d6f6f76) return true;
    if (type === 0x6d646174) return false;
    const short = view.getUint32(at);
    const length = short === 1 ? view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12) : short;
    if (length < 8) return false;
    at += length;
  }
  return false;
}

/** Whether sync bytes (0x47) begin packets of 188 bytes, or of 192 bytes that begin with a time stamp. */
function isTransportStream(bytes: Uint8Array): boolean {
  const repeats = (first: number, distance: number): boolean => {
    if (bytes.length < first + distance + 1) return bytes[first] === 0x47 && bytes.length >= distance;
    return bytes[first] === 0x47 && bytes[first + distance] === 0x47;
  };
  return repeats(0, 188) || repeats(4, 192);
}

/** The offset of the byte behind the first start code 00 00 01, before which only zeros may come. */
function startCode(bytes: Uint8Array): number | undefined {
  let at = 0;
  while (at < 64 && bytes[at] === 0) at += 1;
  return at >= 2 && bytes[at] === 1 ? at + 1 : undefined;
}
