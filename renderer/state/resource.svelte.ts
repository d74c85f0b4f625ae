import type { ErrorPayload } from '../../shared/error-payload.ts';
import { errorOf } from '../transport/call-error.ts';

/** Something read through a call: its last value stays while it is read again. */
export interface Resource<Value> {
  readonly value: Value | undefined;
  /** Of the last reading. */
  readonly error: ErrorPayload | undefined;
  readonly loading: boolean;
  /** Reads again; when readings overlap the last one counts. Never fails. */
  reload(): Promise<void>;
}

export function createResource<Value>(load: () => Promise<Value>): Resource<Value> {
  let value = $state.raw<Value | undefined>(undefined);
  let error = $state.raw<ErrorPayload | undefined>(undefined);
  let loading = $state(false);
  let latest = 0;

  async function reload(): Promise<void> {
    const reading = ++latest;
    loading = true;
    try {
      const answer = await load();
      if (reading !== latest) return;
      value = answer;
      error = undefined;
    } catch (thrown) {
      if (reading === latest) error = errorOf(thrown);
    } finally {
      if (reading === latest) loading = false;
    }
  }

  return {
    get value() {
      return value;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    reload,
  };
}
