import type { WrittenCase } from './parity-case.ts';

export const WRITTEN_CASES: readonly WrittenCase[] = [];
