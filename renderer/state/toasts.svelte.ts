import type { ErrorPayload } from '../../shared/error-payload.ts';
import { errorOf } from '../transport/call-error.ts';

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

export interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'error';
  readonly message: string;
  readonly hint?: string | undefined;
  readonly action?: ToastAction | undefined;
}

export interface Toasts {
  readonly items: readonly Toast[];
  /** Says that something is done; goes by itself. */
  done(message: string, action?: ToastAction): void;
  /** Says what went wrong; stays until it is dismissed. */
  failed(thrown: unknown): void;
  dismiss(id: number): void;
  /** While a pointer or the focus rests on them nothing goes by itself. */
  hold(held: boolean): void;
}

const SHOWN_MS = 6_000;
/** Long enough to reach for Undo. */
const SHOWN_WITH_ACTION_MS = 12_000;
const MOST_AT_ONCE = 4;

export function createToasts(): Toasts {
  let items = $state.raw<readonly Toast[]>([]);
  let nextId = 1;
  let held = false;

  function add(toast: Omit<Toast, 'id'>, shownFor?: number): void {
    const id = nextId++;
    items = [...items, { ...toast, id }].slice(-MOST_AT_ONCE);
    if (shownFor !== undefined) setTimeout(() => leave(id, shownFor), shownFor);
  }

  function leave(id: number, shownFor: number): void {
    if (held) setTimeout(() => leave(id, shownFor), shownFor / 2);
    else dismiss(id);
  }

  function dismiss(id: number): void {
    items = items.filter((toast) => toast.id !== id);
  }

  return {
    get items() {
      return items;
    },
    done(message, action) {
      add({ kind: 'done', message, action }, action ? SHOWN_WITH_ACTION_MS : SHOWN_MS);
    },
    failed(thrown) {
      const payload: ErrorPayload = errorOf(thrown);
      add({ kind: 'error', message: payload.message, hint: payload.hint });
    },
    dismiss,
    hold(next) {
      held = next;
    },
  };
}
