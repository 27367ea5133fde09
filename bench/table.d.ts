import type { CaseResult } from './bench.d.ts';

export declare function caseTable(result: CaseResult): string;
