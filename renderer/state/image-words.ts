import type { ImageSummary } from '../../shared/contract.ts';

export const ORIGIN_WORDS: Readonly<Record<ImageSummary['origin'], string>> = {
  built: 'built here',
  loaded: 'loaded',
  pulled: 'pulled',
};
