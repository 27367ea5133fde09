import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createNameLookup } from '../../src/http/name-lookup.ts';

const allAddresses: readonly LookupAddress[] = [
  { address: '10.0.0.1', family: 4 },
  { address: '10.0.0.2', family: 4 },
  { address: '::1', family: 6 },
];

function ask(lookup: LookupFunction, options: { readonly all?: boolean; readonly family?: number }): Promise<unknown> {
  return new Promise((resolve, reject) => {
    lookup('host', options, (error, address) => (error === null ? resolve(address) : reject(error)));
  });
}

describe('looking names up', () => {
  it('asks once for many connections, and again after a minute', async () => {
    let asked = 0;
    let time = 0;
    const lookup = createNameLookup(
      async () => {
        asked += 1;
        return allAddresses;
      },
      () => time,
    );
    await Promise.all(Array.from({ length: 50 }, () => ask(lookup, { all: true })));
    expect(asked).toBe(1);
    time = 61_000;
    await ask(lookup, {});
    expect(asked).toBe(2);
  });

  it('uses all addresses in turn, the preferred family first', async () => {
    const lookup = createNameLookup(async () => allAddresses);
    const first = await Promise.all([ask(lookup, {}), ask(lookup, {}), ask(lookup, {})]);
    expect(new Set(first)).toEqual(new Set(['10.0.0.1', '10.0.0.2']));
    expect(await ask(lookup, { family: 6 })).toBe('::1');
    const all = await ask(lookup, { all: true });
    expect(all).toHaveLength(3);
    expect(all).toMatchObject({ 2: { address: '::1' } });
  });

  it('forgets a failure', async () => {
    let asked = 0;
    const lookup = createNameLookup(async () => {
      asked += 1;
      if (asked === 1) throw Object.assign(new Error('not now'), { code: 'EAI_AGAIN' });
      return allAddresses;
    });
    await expect(ask(lookup, {})).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(await ask(lookup, {})).toBe('10.0.0.1');
    await expect(
      ask(
        createNameLookup(async () => []),
        { all: true },
      ),
    ).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});
