import { Option } from 'commander';
import type { TerminalProtocol } from '../index.ts';
import type { TextStream } from './context.ts';
import { OptionError } from './values.ts';

const protocols: readonly TerminalProtocol[] = ['kitty', 'iterm2', 'sixel', 'blocks', 'blocks-256'];

type Environment = Readonly<Record<string, string | undefined>>;

/** The option that says how a terminal is to show a picture. */
export function protocolOption(): Option {
  return new Option('--protocol <name>', 'how the terminal shows pictures (default: as it says)').choices(protocols);
}

/**
 * What the terminal can show, by what it says in the environment. It is asked nothing: not all answer. Within tmux and
 * screen, which pass no pictures on, it is half-blocks.
 */
export function protocolOf(environment: Environment): TerminalProtocol {
  const { TERM = '', TERM_PROGRAM = '', LC_TERMINAL = '', COLORTERM = '' } = environment;
  const isWrapped = environment['TMUX'] !== undefined || /^(screen|tmux)/.test(TERM);
  if (!isWrapped) {
    const isKitty = environment['KITTY_WINDOW_ID'] !== undefined || /kitty|ghostty/.test(`${TERM} ${TERM_PROGRAM}`);
    if (isKitty) return 'kitty';
    if (TERM_PROGRAM === 'iTerm.app' || TERM_PROGRAM === 'WezTerm' || LC_TERMINAL === 'iTerm2') return 'iterm2';
    if (/sixel|^foot|^mlterm|^yaft/.test(TERM)) return 'sixel';
  }
  const hasTrueColour = /^(truecolor|24bit)$/i.test(COLORTERM) || /-direct$/.test(TERM) || TERM === '';
  return hasTrueColour ? 'blocks' : 'blocks-256';
}

/** Where pictures are shown, and how. */
export interface Screen {
  readonly protocol: TerminalProtocol;
  readonly columns: number;
}

/** Columns where the terminal does not tell, or tells 0. */
const usualColumns = 80;

/** @throws OptionError where standard output is no terminal, and no protocol is named */
export function screenOf(
  stdout: TextStream,
  protocol: TerminalProtocol | undefined,
  environment: Environment = process.env,
): Screen {
  if (protocol === undefined && (stdout.isTTY !== true || environment['TERM'] === 'dumb')) {
    throw new OptionError(
      `Expected a terminal that can show pictures, but standard output is none. Say how with --protocol (${protocols.join(', ')}), or name a file to write to.`,
    );
  }
  const { columns = 0 } = stdout;
  return {
    protocol: protocol ?? protocolOf(environment),
    columns: columns >= 1 ? Math.min(columns, 1000) : usualColumns,
  };
}
