// As much of Markdown as the documents of this package use, as macros of man pages (groff_man(7)).

/**
 * The text below a heading, up to the next heading of the same or a higher level.
 *
 * @throws Error where no page has the heading
 */
export function sectionOf(heading: string, pages: readonly string[]): string {
  for (const page of pages) {
    const lines = page.split('\n');
    const from = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'));
    const level = /^#+/.exec(lines[from] ?? '')?.[0].length;
    if (level === undefined) continue;
    const rest = lines.slice(from + 1);
    const to = rest.findIndex((line) => (/^(#+) /.exec(line)?.[1]?.length ?? Infinity) <= level);
    return (to === -1 ? rest : rest.slice(0, to)).join('\n').trim();
  }
  throw new Error(`Expected a chapter '${heading}' in the documents but found none.`);
}

/** Paragraphs, lists, code blocks, and tables: a row is a term, in bold, and what the other columns say of it. */
export function roffOf(markdown: string): readonly string[] {
  const lines: string[] = [];
  for (const block of markdown.split(/\n\s*\n(?! )/)) {
    if (block.startsWith('```')) {
      const code = block.split('\n').slice(1, -1);
      lines.push('.PP', '.EX', ...code.map(escaped), '.EE');
    } else if (block.startsWith('|')) {
      lines.push(...tableOf(block));
    } else if (block.startsWith('- ')) {
      for (const item of block.split(/\n(?=- )/)) lines.push('.IP \\(bu 2', ...words(item.slice(2)));
    } else if (block.startsWith('#')) {
      lines.push(`.SS ${escaped(block.replace(/^#+ /, ''))}`);
    } else {
      lines.push('.PP', ...words(block));
    }
  }
  return lines;
}

function tableOf(block: string): readonly string[] {
  const [, , ...rows] = block.split('\n');
  return rows.flatMap((row) => {
    const [term = '', ...cells] = row.slice(1, -1).split('|');
    const text = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
    return ['.TP', `\\fB${escaped(plain(term.trim()))}\\fR`, ...words(text.join('; '))];
  });
}

/** Text to be filled, without marks of Markdown: code is bold, emphasis in italics. */
export function words(text: string): readonly string[] {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/)
    .map((part, index) => {
      if (index % 2 === 0) return escaped(part);
      if (part.startsWith('`')) return `\\fB${escaped(plain(part))}\\fR`;
      const [, marks = '', text = ''] = /^(\*+)(.*?)\*+$/.exec(part) ?? [];
      return `${marks === '*' ? '\\fI' : '\\fB'}${escaped(plain(text))}\\fR`;
    })
    .join('')
    .trim();
  return line === '' ? [] : [line.replace(/^[.']/, '\\&$&')];
}

/** Without links and marks of code. */
function plain(text: string): string {
  return text.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}

/** Characters that mean something to roff, as they are (groff_char(7)). */
export function escaped(text: string): string {
  const byCharacter: Readonly<Record<string, string>> = {
    ...{ '\\': '\\e', '-': '\\-', "'": '\\(aq', '`': '\\(ga', '^': '\\(ha', '~': '\\(ti', '"': '\\(dq' },
  };
  return text.replaceAll(/[\\'`^~"-]/g, (character) => byCharacter[character] ?? character).replace(/^\./, '\\&.');
}
