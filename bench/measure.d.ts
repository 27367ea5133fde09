import type { Measurement } from './bench.d.ts';

export declare const memoryMeter: string | undefined;
export declare function measure(
  command: readonly string[],
  options?: { readonly env?: Readonly<Record<string, string>> | undefined; readonly timeoutMs?: number },
): Promise<Measurement>;
