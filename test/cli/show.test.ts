import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { protocolOf, screenOf } from '../../src/cli/terminal.ts';
import { fakeContext } from './fake-library.ts';

const stream = { isTTY: true, columns: 100, write: () => true };

describe('the protocol of a terminal', () => {
  it.each([
    [{ TERM: 'xterm-kitty' }, 'kitty'],
    [{ TERM: 'xterm-256color', KITTY_WINDOW_ID: '1' }, 'kitty'],
    [{ TERM: 'xterm-ghostty' }, 'kitty'],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app' }, 'iterm2'],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'WezTerm' }, 'iterm2'],
    [{ TERM: 'foot' }, 'sixel'],
    [{ TERM: 'xterm-sixel' }, 'sixel'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'blocks'],
    [{ TERM: 'xterm-256color' }, 'blocks-256'],
    [{ TERM: 'tmux-256color', KITTY_WINDOW_ID: '1', TMUX: '/tmp/x', COLORTERM: 'truecolor' }, 'blocks'],
    [{ TERM: 'screen', TERM_PROGRAM: 'iTerm.app' }, 'blocks-256'],
  ] as const)('of %j is %s', (environment, protocol) => {
    expect(protocolOf(environment)).toBe(protocol);
  });

  it('needs a terminal unless it is named', () => {
    expect(() => screenOf({ ...stream, isTTY: false }, undefined, {})).toThrow('--protocol (kitty, iterm2, sixel');
    expect(() => screenOf(stream, undefined, { TERM: 'dumb' })).toThrow('--protocol');
    expect(screenOf({ ...stream, isTTY: false, columns: 0 }, 'sixel', {})).toEqual({ protocol: 'sixel', columns: 80 });
    expect(screenOf(stream, undefined, { TERM: 'xterm-kitty' })).toEqual({ protocol: 'kitty', columns: 100 });
  });
});

describe('show', () => {
  beforeEach(() => {
    for (const name of ['TMUX', 'KITTY_WINDOW_ID', 'TERM_PROGRAM', 'LC_TERMINAL']) vi.stubEnv(name, undefined);
    vi.stubEnv('TERM', 'xterm');
    vi.stubEnv('COLORTERM', 'truecolor');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('shows a mosaic as wide as the terminal, and writes no file', async () => {
    const context = fakeContext({}, { stdout: true });
    expect(await run(['show', './x', '--contrast', 'lung'], context)).toBe(0);
    expect(context.out().toString('utf8')).toBe('[blocks 60]\n');
    expect(context.err()).toMatch(/^shown: /);
    expect(context.files.size).toBe(0);
    const [call] = context.calls;
    expect(call).toMatchObject({
      kind: 'mosaic',
      options: { contrast: 'lung', columns: 2, width: 60, fit: true, format: 'png', outputs: [] },
    });
  });

  it('gives a terminal that shows pictures a larger one', async () => {
    const context = fakeContext();
    expect(await run(['show', './x', '--protocol', 'kitty'], context)).toBe(0);
    expect(context.calls[0]?.options).toMatchObject({ columns: 6, width: 480 });
  });

  it('is an error where nothing can show a picture', async () => {
    const context = fakeContext();
    expect(await run(['show', './x'], context)).toBe(2);
    expect([context.err(), context.calls]).toEqual([expect.stringContaining('--protocol'), []]);
  });

  it('is what --show does on other commands, with OUTPUT or without', async () => {
    const context = fakeContext({}, { stdout: true });
    expect(await run(['planes', './x', '--show'], context)).toBe(0);
    expect([context.out().toString('utf8'), context.files.size]).toEqual(['[blocks 60]\n', 0]);
    expect(await run(['get-image', './x', 'a.webp', '--position', '0', '--show'], context)).toBe(0);
    expect([context.out().toString('utf8'), [...context.files.keys()]]).toEqual([
      '[blocks 60]\n[blocks 60]\n',
      ['a.webp'],
    ]);
  });

  it.each([
    [['mosaic', './x'], 'Expected OUTPUT'],
    [['mosaic', './x', '-', '--show', '--format', 'png'], 'one thing on standard output'],
    [['mosaic', './x', 'a.png', '--show', '--json', '-'], 'one thing on standard output'],
    [['show', './x', '--protocol', 'ascii'], 'ascii'],
  ])('refuses %j', async (args, message) => {
    const context = fakeContext();
    expect(await run(args, context)).toBe(2);
    expect(context.err()).toContain(message);
  });
});
