/**
 * What reading alone costs: node, the listing, 5 KB of each instance, then 36 of them whole. No DICOM. It prints the
 * milliseconds that opening, reading and closing for the headers took: `{"headers": ...}`.
 *
 *     node bench/floors/read-local.js FOLDER [HEADER_BYTES] [BODIES]
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';

const [folder = '.', headerBytes = '5120', bodies = '36'] = process.argv.slice(2);
const names = readdirSync(folder);
const header = Buffer.allocUnsafe(Number(headerBytes));
let total = 0;

/** @param {string} name @param {Buffer | undefined} target */
function read(name, target) {
  const file = openSync(`${folder}/${name}`, 'r');
  const bytes = target ?? Buffer.allocUnsafe(fstatSync(file).size);
  total += readSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
}

const start = performance.now();
if (Number(headerBytes) > 0) for (const name of names) read(name, header);
const headers = Math.round(100 * (performance.now() - start)) / 100;
const count = Math.min(Number(bodies), names.length);
for (let index = 0; index < count; index++) {
  read(names[Math.round((index * (names.length - 1)) / Math.max(1, count - 1))] ?? '', undefined);
}
console.log(JSON.stringify({ bytes: total, headers }));
