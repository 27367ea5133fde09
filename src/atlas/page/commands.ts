/** Commands for a shell that do with a series what its row tells. */

type Values = Readonly<Record<string, string | number | null>>;

/** What a row's picture was made with, as `atlas.json` tells. */
export interface AtlasAbout {
  readonly source?: string;
  readonly pictures?: {
    readonly views?: readonly string[];
    readonly mosaic?: Readonly<Record<string, unknown>>;
    readonly image?: Readonly<Record<string, unknown>>;
    readonly planes?: Readonly<Record<string, unknown>>;
  };
}

/** Makes the picture of a series anew. undefined where its name holds what should not be pasted into a shell. */
export function remakeCommand(values: Values, { pictures }: AtlasAbout): string | undefined {
  const { name, root } = values;
  if (typeof name !== 'string' || name === '') return undefined;
  const view = firstView(values, pictures?.views?.[0]);
  const { format = 'webp', ...others } = pictures?.[view] ?? {};
  const words: string[] = [view === 'image' ? 'get-image' : view];
  if (typeof root === 'string') words.push('--root', root);
  for (const [option, value] of Object.entries(others)) {
    const isDefault =
      (option === 'start' && value === 0) ||
      (option === 'end' && value === 1) ||
      // Planes have labels unless they are told not to.
      (view === 'planes' && option === 'labels');
    if (value === false || value === null || isDefault) continue;
    words.push(`--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    if (value !== true) words.push(String(value));
  }
  const uid = values['series_instance_uid'];
  return shellCommand(['dicom-series-preview', ...words, '--', name, `${uid === '' ? 'series' : uid}.${format}`]);
}

/** The view of the first picture that there is: not every series has all views. */
function firstView({ pictures }: Values, asked: string | undefined): 'mosaic' | 'image' | 'planes' {
  const [made]: readonly { readonly view?: unknown }[] = typeof pictures === 'string' ? JSON.parse(pictures) : [];
  const view = made?.view ?? asked;
  return view === 'image' || view === 'planes' ? view : 'mosaic';
}

/** Downloads a series of the Imaging Data Commons (idc-index); undefined for a series of another place. */
export function downloadCommand(values: Values, { source = '' }: AtlasAbout): string | undefined {
  const { name, root, series_instance_uid: uid } = values;
  const isOfIdc = [name, root, source].some((text) => typeof text === 'string' && /\bidc-open-data\b/.test(text));
  const isByUuid = root === null && typeof name === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(name);
  if (typeof uid !== 'string' || uid === '' || !(isOfIdc || isByUuid)) return undefined;
  return shellCommand(['idc', 'download', uid]);
}

/** Words for a POSIX shell. */
function shellCommand(words: readonly string[]): string | undefined {
  if (words.some((word) => [...word].some((letter) => letter < ' ' || letter === '\u007f'))) return undefined;
  const quoted = words.map((word) => (/^[\w.,:/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return quoted.join(' ');
}
