import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Order, Told } from './messages.ts';

/** What an input may cost. */
export interface Limits {
  readonly seconds: number;
  readonly megabytes: number;
}

/** What became of an order. */
export type Result =
  | { readonly kind: 'done' }
  /** The process is gone: it hung or crashed at this input, or took too much memory for it. */
  | { readonly kind: 'lost'; readonly index: number; readonly why: string };

/** A child process that tries inputs, started again whenever it is lost. */
export class FuzzProcess {
  readonly #script: string;
  readonly #limits: Limits;
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'fuzz-'));
  readonly #progress: number;
  #child: ChildProcess | undefined;

  constructor(script: string, limits: Limits) {
    this.#script = script;
    this.#limits = limits;
    writeFileSync(join(this.#folder, 'progress'), new Uint8Array(8));
    this.#progress = openSync(join(this.#folder, 'progress'), 'r');
  }

  /** @param onFind called with finds that the process survived */
  async run(order: Order, onFind: (index: number, why: string | undefined) => void): Promise<Result> {
    const child = await this.#start();
    return new Promise((resolve) => {
      let output = '';
      let last = -1;
      let since = performance.now();
      const end = (result: Result): void => {
        clearInterval(watch);
        child.removeAllListeners('message').removeAllListeners('exit');
        child.stderr?.removeAllListeners('data');
        resolve(result);
      };
      const lose = (why: string): void => {
        this.#child = undefined;
        const index = this.#index();
        child.kill('SIGKILL');
        end({ kind: 'lost', index, why });
      };
      const watch = setInterval(() => {
        const index = this.#index();
        if (index !== last) [last, since] = [index, performance.now()];
        else if (performance.now() - since > this.#limits.seconds * 1000) lose(`hang: over ${this.#limits.seconds} s`);
      }, 200);
      child.stderr?.on('data', (chunk) => {
        output = (output + String(chunk)).slice(-4000);
      });
      child.on('exit', (code, signal) => lose(`crash: exit ${code ?? signal}\n${output}`));
      child.on('message', (told: Told) => {
        if (told.kind === 'done') end({ kind: 'done' });
        if (told.kind !== 'looked-at') return;
        if (told.why?.startsWith('memory') === true) return lose(told.why);
        onFind(told.index, told.why);
        if (order.kind === 'input') end({ kind: 'done' });
      });
      child.send(order);
    });
  }

  close(): void {
    this.#child?.removeAllListeners('exit');
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
    closeSync(this.#progress);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #index(): number {
    const bytes = Buffer.alloc(8);
    readSync(this.#progress, bytes, 0, 8, 0);
    return bytes.readDoubleLE();
  }

  async #start(): Promise<ChildProcess> {
    if (this.#child !== undefined) return this.#child;
    const work = join(this.#folder, 'work');
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work);
    const child = fork(this.#script, [], {
      execArgv: [`--max-old-space-size=${this.#limits.megabytes}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        FUZZ_PROGRESS: join(this.#folder, 'progress'),
        FUZZ_WORK_FOLDER: work,
        FUZZ_MAX_RSS_MB: String(this.#limits.megabytes),
        DICOM_SERIES_PREVIEW_CACHE_DIR: join(work, 'cache'),
      },
    });
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (code) => reject(new Error(`The process ended with ${code} before it was ready.`)));
    });
    child.removeAllListeners('exit');
    this.#child = child;
    return child;
  }
}
