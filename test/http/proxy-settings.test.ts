import { describe, expect, it } from 'vitest';
import { findProxy, isExceptedFromProxy } from '../../src/http/proxy-settings.ts';
import { authorizationOf } from '../../src/http/url-parts.ts';

describe('which proxy a URL takes', () => {
  const https = new URL('https://bucket.example/x');
  const http = new URL('http://bucket.example/x');

  it.each([
    [https, {}, undefined],
    [https, { HTTPS_PROXY: 'http://p:1' }, 'http://p:1/'],
    [https, { https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:1' }, 'http://low:1/'],
    [https, { HTTP_PROXY: 'http://p:1' }, undefined],
    [http, { HTTP_PROXY: 'p:3128' }, 'http://p:3128/'],
    [http, { ALL_PROXY: 'https://p:1' }, 'https://p:1/'],
    [http, { http_proxy: ' ' }, undefined],
    [http, { http_proxy: 'http://p:1', NO_PROXY: '*' }, undefined],
  ] as const)('%s with %j', (url, environment, proxy) => {
    expect(findProxy(url, environment)?.href).toBe(proxy);
  });

  it.each(['socks5://user:topsecret@p:1', 'http://user:topsecret@[', '://topsecret'])(
    '%s is refused, and not repeated',
    (value) => {
      expect(() => findProxy(https, { HTTPS_PROXY: value })).toThrow(/HTTPS_PROXY/);
      expect(() => findProxy(https, { HTTPS_PROXY: value })).not.toThrow(/topsecret/);
    },
  );

  it('and which password', () => {
    expect(authorizationOf(new URL('http://u%40:p%3A@p'))).toBe(`Basic ${btoa('u@:p:')}`);
    expect(authorizationOf(new URL('http://p'))).toBeUndefined();
  });
});

describe('NO_PROXY', () => {
  it.each([
    ['https://host.example/', 'host.example', true],
    ['https://a.host.example/', 'host.example', true],
    ['https://a.host.example/', '.host.example', true],
    ['https://a.host.example/', '*.host.example', true],
    ['https://ahost.example/', 'host.example', false],
    ['https://host.example/', 'other, HOST.example', true],
    ['https://host.example:8443/', 'host.example:8443', true],
    ['https://host.example/', 'host.example:8443', false],
    ['https://host.example/', 'host.example:443', true],
    ['http://10.1.2.3/', '10.0.0.0/8', true],
    ['http://11.1.2.3/', '10.0.0.0/8', false],
    ['http://[fd00::1]/', 'fd00::/8', true],
    ['http://[::1]/', '::1', true],
    ['http://127.0.0.1/', '127.0.0.1', true],
    ['http://127.0.0.1/', '10.0.0.0/99', false],
    ['https://host.example/', '', false],
  ])('%s with %s', (url, noProxy, excepted) => {
    expect(isExceptedFromProxy(new URL(url), noProxy)).toBe(excepted);
  });
});
