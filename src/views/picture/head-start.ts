import type { FrameDecoder } from '../../codecs/frame-decoder.ts';
import { preloadEncoder } from '../../compose/encode.ts';
import { prepareDecoder } from '../../tiles/decode-members.ts';
import type { ScannedInstance } from '../../types/members.ts';
import type { PictureSettings } from '../../types/settings.ts';
import type { Store } from '../../types/storage.ts';

/**
 * What a picture will need later is loaded while there is nothing to do but wait for a store: the encoder (30-50 ms), the
 * decoder of the series' transfer syntax (12-60 ms, in its worker), the way of drafts. All of it is told here.
 */
export interface HeadStart {
  /** A listing was asked for; `isUnderWay` says when the request has left. Not called for local disks. */
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
  { imageWidth }: Pick<PictureSettings, 'imageWidth'>,
  isDraft: boolean,
): HeadStart {
  let drafting: Promise<typeof import('../../draft/draft.ts')> | undefined;
  const draft = (): Promise<typeof import('../../draft/draft.ts')> => {
    drafting ??= import('../../draft/draft.ts');
    return drafting;
  };
  return {
    onListing: (isUnderWay) => {
      preloadEncoder(isUnderWay);
      if (isDraft) draft().catch(() => undefined);
    },
    // A decoder may take as long to start as the header pass lasts.
    onFirst: (instance) => prepareDecoder(decoder, instance, imageWidth),
    // A disk's headers are read in this thread, which has nothing to wait for.
    onHeaders: (store) => {
      if (store.readSync === undefined) preloadEncoder();
    },
    draft,
  };
}
