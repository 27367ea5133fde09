// The worker thread's side of WorkerPool: one frame at a time, decoded by whatever codec the message names.
import { parentPort } from 'node:worker_threads';
import { loadCodec, runCodec } from '../run-codec.ts';
import { toPlainError, type WorkerReply, type WorkerRequest } from './worker-messages.ts';

const port = parentPort;

port?.on('message', (request: WorkerRequest) => {
  if (request.kind === 'load') {
    // A library that does not load says so again with the first frame that needs it.
    loadCodec(request.family, request.highThroughput).catch(() => undefined);
    return;
  }
  runCodec(request.family, request.job).then(
    (frame) => {
      const { buffer } = frame.values;
      const reply: WorkerReply = { kind: 'frame', frame };
      port.postMessage(reply, buffer instanceof ArrayBuffer ? [buffer] : []);
    },
    (error: unknown) => {
      const reply: WorkerReply = { kind: 'error', error: toPlainError(error) };
      port.postMessage(reply);
    },
  );
});
