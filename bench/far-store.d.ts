import type { Server } from 'node:http';

export interface FarStoreOptions {
  readonly folder: string;
  /** Default 40. */
  readonly firstByteDelayMs?: number;
  /** Of each connection. Default 60e6. */
  readonly bytesPerSecond?: number;
}

export interface FarStoreStatistics {
  /** All but those to the control addresses. */
  requests: number;
  listings: number;
  /** Replies with status 206. */
  ranges: number;
  bodyBytes: number;
  connections: number;
  /** Most requests under way at one time. */
  mostAbreast: number;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly byteLength: number;
  readonly kind?: 'listing';
  readonly read?: (offset: number, count: number) => Uint8Array;
  readonly close?: () => void;
}

export declare function createFarStore(options: FarStoreOptions): {
  readonly server: Server;
  statistics(): FarStoreStatistics;
  requests(): readonly { readonly method: string; readonly url: string; readonly range: string | undefined }[];
};
