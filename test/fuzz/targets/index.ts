import type { FuzzTarget } from '../target.ts';
import { dicomdir, headerIndex, zip } from './archives.ts';
import { codecs } from './codecs.ts';
import { functionalGroups, headers } from './headers.ts';
import { idcIndex, idcThread } from './idc-index.ts';
import { html, json, multipart, xml } from './listings.ts';
import { encapsulation, lookupTables } from './pixel-data.ts';
import { wholeFiles } from './whole-files.ts';

export const targets: readonly FuzzTarget[] = [
  ...[headers, functionalGroups, encapsulation, lookupTables],
  ...codecs,
  ...[xml, html, json, multipart, zip, dicomdir, headerIndex, idcIndex, idcThread, wholeFiles],
];
