// What runs in the worker threads of WorkerPool: decodes one frame at a time with the codec that the message names.
import { parentPort } from 'node:worker_threads';
import { loadCodec, runCodec } from '../run-codec.ts';
import { toPlainError, type WorkerReply, type WorkerRequest } from './worker-messages.ts';

const port = parentPort;

port?.on('message', (request: WorkerRequest) => {
  if (request.kind === 'load') {
    // No need to report a failure here: the first frame that needs the library fails too, and reports it.
    loadCodec(request.coding, request.highThroughput).catch(() => undefined);
    return;
  }
  runCodec(request.coding, request.job).then(
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
