import type { SourceRange } from '../../../shared/source-range.ts';
import { EngineError } from '../base/errors.ts';

/** Where the instruction stands that is being carried out; goes into every error about it. */
export interface Place {
  /** The Dockerfile as the user named it. */
  readonly file: string;
  readonly range: SourceRange;
}

/** Runs `work`; an EngineError without a place in a file gets this one. */
export function withPlace<T>(place: Place, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof EngineError ? error.at(place.file, place.range) : error;
  }
}

/** {@link withPlace} for work that takes time. */
export async function withPlaceAsync<T>(place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof EngineError ? error.at(place.file, place.range) : error;
  }
}
