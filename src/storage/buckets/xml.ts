import { Parser } from 'htmlparser2';
import { UnusableDocument } from '../../http/documents.ts';

/** An element of a small XML document. Names are without their namespace prefix, attributes are left out. */
export interface XmlElement {
  readonly name: string;
  /** Its own character data, without that of its children; entities are decoded. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: OpenElement[];
}

/** Listings need less than ten levels. The parser's work grows with the square of the depth. */
const maxDepth = 64;

/**
 * The root element of a document; undefined when it is not XML, or ends before its root element does.
 *
 * @throws UnusableDocument where elements are nested too deep
 */
export function parseXml(source: string): XmlElement | undefined {
  const stack: OpenElement[] = [];
  let root: OpenElement | undefined;
  const parser = new Parser(
    {
      onopentagname(name): void {
        const element = { name: name.slice(name.indexOf(':') + 1), text: '', children: [] };
        stack.at(-1)?.children.push(element);
        root ??= element;
        stack.push(element);
        if (stack.length > maxDepth) {
          throw new UnusableDocument(`its XML elements are nested more than ${maxDepth} deep`);
        }
      },
      ontext(text): void {
        const element = stack.at(-1);
        if (element !== undefined) element.text += text;
      },
      onclosetag(): void {
        stack.pop();
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(source);
  // `end` closes all open elements, so they are counted before.
  const isWhole = stack.length === 0;
  parser.end();
  return isWhole ? root : undefined;
}

/** The root element of a store's error document; undefined for any other text. */
export function parseErrorXml(source: string): XmlElement | undefined {
  if (!source.includes('<Error')) return undefined;
  try {
    const root = parseXml(source);
    return root?.name === 'Error' ? root : undefined;
  } catch (error) {
    if (error instanceof UnusableDocument) return undefined;
    throw error;
  }
}

/** The children with that name. */
export function childrenNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The text of the first child with that name, not trimmed. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

/** A number of bytes in a listing; undefined for other text. */
export function parseByteLength(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined;
}
