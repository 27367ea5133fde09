import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server';
import { AbortedError, PreviewError, type PreviewErrorCode, type PreviewProgress, UsageError } from '../index.ts';
import { quotedMessage } from './quoted.ts';
import type { Roots } from './roots.ts';
import type { SeriesPool } from './series-pool.ts';
import type { ShownPictures } from './shown-pictures.ts';

/** What the tools of a connection work with. */
export interface Session {
  readonly roots: Roots;
  readonly pool: SeriesPool;
  readonly pictures: ShownPictures;
  /** Calls under way, of all connections of the server. */
  readonly calls: CallCount;
  /** Aborted when the client goes away, where the protocol does not tell; undefined where it does. */
  readonly gone?: AbortSignal;
  /** Told what nobody expected, for the log. */
  readonly onError: (error: unknown) => void;
}

/** Calls at a time, of all clients. What is drawn at a time is limited by the previewers. */
const maxCalls = 64;

/** How many calls are under way. */
export class CallCount {
  #count = 0;

  /** @throws UsageError where there are too many */
  enter(): () => void {
    if (this.#count >= maxCalls) {
      throw new UsageError(`Expected at most ${maxCalls} calls at a time. Wait until some have been answered.`);
    }
    this.#count++;
    return () => {
      this.#count--;
    };
  }
}

/** What a call may be ended by, and told. */
export interface CallRun {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PreviewProgress) => void;
}

/** What to try after an error: an agent that reads it can go on without asking. */
const nextSteps: Readonly<Record<PreviewErrorCode, string>> = {
  usage: 'Mend the arguments as the message says, and call again.',
  ambiguous: 'Give more of the name, or one of the names in the message.',
  'not-found':
    'Call list_series for the names there are (or find_idc_series for the Imaging Data Commons), and use the value of `series`.',
  'access-denied': 'This server may not read that. Tell the user: credentials are set where the server is started.',
  storage: 'Try once more. If it fails again, tell the user that the store cannot be read.',
  timeout: 'Try once more, with fewer images.',
  changed: 'The files changed meanwhile. Call again.',
  'not-dicom': 'This is not DICOM. Call list_series for series there are.',
  'invalid-dicom': 'The file is damaged. Try another image: view_image with another `position`.',
  decode: 'This image cannot be decoded. Try another one: view_image with another `position`.',
  unsupported: 'This kind of object has no picture here. series_info and read_headers still tell what it is.',
  'missing-component': 'Tell the user which package the message names.',
  privacy: 'The pixels may show who the patient is. Do not work around it: tell the user.',
  output: 'Ask for a smaller picture: less `maxSide`, or fewer `columns`.',
  aborted: 'The call was cancelled, or the server is ending.',
};

/** Progress is told this often at most. */
const minProgressMs = 500;

/**
 * Runs the work of a call. An error becomes an answer that says what was expected, what came, and what to try next.
 *
 * @throws AbortedError for a cancelled call, which nobody waits for
 */
export async function answering(
  session: Session,
  { mcpReq }: ServerContext,
  work: (run: CallRun) => Promise<CallToolResult>,
): Promise<CallToolResult> {
  const signal = signalOf(session, mcpReq.signal);
  const token = mcpReq._meta?.progressToken;
  let toldAt = performance.now();
  let step = 0;
  const onProgress = ({ stage, done, total }: PreviewProgress): void => {
    const now = performance.now();
    if (token === undefined || signal.aborted || now - toldAt < minProgressMs) return;
    toldAt = now;
    const message = `${stage}: ${done}${total === undefined ? '' : ` of ${total}`}`;
    const params = { progressToken: token, progress: ++step, message };
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
  try {
    const leave = session.calls.enter();
    try {
      return await work({ signal, onProgress });
    } finally {
      leave();
    }
  } catch (error) {
    if (error instanceof AbortedError && signal.aborted) throw error;
    return failure(session, error);
  }
}

/** Ends with the call, and with the client. */
export function signalOf({ gone }: Session, call: AbortSignal): AbortSignal {
  return gone === undefined ? call : AbortSignal.any([call, gone]);
}

function failure(session: Session, error: unknown): CallToolResult {
  if (!(error instanceof PreviewError)) {
    session.onError(error);
    return told(
      { code: 'internal', message: 'Something happened that should not have.' },
      'Tell the user; the log of the server says more.',
    );
  }
  const { code, message, warnings } = error;
  const said = warnings.slice(0, 5).map(quotedMessage);
  return told(
    { code, message: quotedMessage(message), ...(said.length === 0 ? {} : { warnings: said }) },
    nextSteps[code],
  );
}

function told(error: object, tryNext: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: JSON.stringify({ error, tryNext }) }] };
}

/** An answer in words and numbers: for clients that read structured content, and for those that read text. */
export function structured(content: Readonly<Record<string, unknown>>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(content) }], structuredContent: { ...content } };
}
