// Makes src/base/kernels/kernel-bytes.ts of kernels.wat beside it (wabt).
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openAssembler from 'wabt';

/** @param {string} name */
const pathOf = (name) => fileURLToPath(new URL(`../src/base/kernels/${name}`, import.meta.url));
const assembler = await openAssembler();
const assembled = assembler.parseWat('kernels.wat', readFileSync(pathOf('kernels.wat'), 'utf8'), { simd: true });
const { buffer } = assembled.toBinary({});
writeFileSync(
  pathOf('kernel-bytes.ts'),
  `/** kernels.wat, assembled: made by \`npm run kernels\`. */
export const kernelBytes =
  '${Buffer.from(buffer).toString('base64')}';
`,
);
