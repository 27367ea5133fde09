/** Commands for a shell that do with a series what its row tells. */

type Values = Readonly<Record<string, string | number | null>>;

/** What a row's picture was made with, as `atlas.json` tells. */
export interface AtlasAbout {
  readonly source?: string;
  readonly pictures?: {
    readonly views?: readonly string[];
    readonly mosaic?: Readonly<Record<string, unknown>>;
    readonly image?: Readonly<Record<string, unknown>>;
  };
}

/** Makes the picture of a series anew. undefined where its name holds what should not be pasted into a shell. */
export function remakeCommand(values: Values, { pictures }: AtlasAbout): string | undefined {
  const { name, root } = values;
  if (typeof name !== 'string' || name === '') return undefined;
  const isImage = pictures?.views?.[0] === 'image';
  const options = (isImage ? pictures?.image : pictures?.mosaic) ?? {};
  const { format = 'webp', ...others } = options;
  const words = [isImage ? 'get-image' : 'mosaic'];
  if (typeof root === 'string') words.push('--root', root);
  for (const [option, value] of Object.entries(others)) {
    if (value === false || value === null || (option === 'start' && value === 0) || (option === 'end' && value === 1)) {
      continue;
    }
    words.push(`--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    if (value !== true) words.push(String(value));
  }
  const uid = values['series_instance_uid'];
  return shellCommand(['dicom-series-preview', ...words, '--', name, `${uid === '' ? 'series' : uid}.${format}`]);
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
