import type { FrameDecoder } from '../../codecs/frame-decoder.ts';
import { preloadEncoder } from '../../compose/encode.ts';
import { prepareDecoder } from '../../tiles/decode-members.ts';
import type { ScannedInstance } from '../../types/members.ts';
import type { PictureSettings } from '../../types/settings.ts';
import type { Store } from '../../types/storage.ts';

/**
 * Loads what a picture will need later while the program waits for a store: what parses headers (3 ms), the encoder (30-50 ms),
 * the decoder for the series' transfer syntax (12-60 ms, in its worker), the module of drafts. Nothing else is loaded early.
 */
export interface HeadStart {
  /** A listing over a network was asked for; `isUnderWay` tells whether the request has left. */
  readonly onListing: (isUnderWay: () => boolean) => void;
  /** The first header is known. */
  readonly onFirst: (instance: ScannedInstance) => void;
  /** Headers are being read. */
  readonly onHeaders: (store: Store) => void;
  /** The module of drafts. */
  readonly draft: () => Promise<typeof import('../../draft/draft.ts')>;
}

export function createHeadStart(
  decoder: FrameDecoder,
  { imageWidth, format }: Pick<PictureSettings, 'imageWidth' | 'format'>,
  isDraft: boolean,
): HeadStart {
  let drafting: Promise<typeof import('../../draft/draft.ts')> | undefined;
  const draft = (): Promise<typeof import('../../draft/draft.ts')> => {
    drafting ??= import('../../draft/draft.ts');
    return drafting;
  };
  return {
    onListing: (isUnderWay) => {
      import('../../series/header-pass/scan.ts').catch(() => undefined);
      preloadEncoder(format, isUnderWay);
      if (isDraft) draft().catch(() => undefined);
    },
    // A decoder may take as long to start as the header pass lasts.
    onFirst: (instance) => prepareDecoder(decoder, instance, imageWidth),
    // Headers on a local disk are read in this thread, which then has nothing to wait for.
    onHeaders: (store) => {
      if (store.readSync === undefined) preloadEncoder(format);
    },
    draft,
  };
}
