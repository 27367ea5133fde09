import { atlasCases } from './atlas.js';
import { compressedCases } from './compressed.js';
import { largeCases } from './large.js';
import { manyCases } from './many.js';
import { nativeCases } from './native.js';
import { startUp } from './start-up.js';

/** All cases in the order of their running. @type {readonly import('../bench.d.ts').BenchCase[]} */
export const cases = [...nativeCases, ...compressedCases, ...largeCases, ...manyCases, ...atlasCases, startUp];
