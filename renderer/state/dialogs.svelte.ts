import type { DropVerdict, ImageSummary, Project } from '../../shared/contract.ts';

/** A dialog and what it is about. One at a time; drops are refused while one is open. */
export type DialogRequest =
  | { readonly kind: 'options'; readonly project: Project }
  | { readonly kind: 'dockerfile'; readonly verdict: Extract<DropVerdict, { kind: 'project' }> }
  | { readonly kind: 'browse'; readonly pick: 'folder' | 'archive'; readonly reason?: string }
  | { readonly kind: 'tag'; readonly image: ImageSummary }
  | { readonly kind: 'save'; readonly image: ImageSummary }
  | { readonly kind: 'pull' }
  | { readonly kind: 'clean-up' }
  | { readonly kind: 'push'; readonly image: ImageSummary }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'about' }
  | Confirmation;

/** Asks before something is destroyed: names it, and says what goes with it. */
export interface Confirmation {
  readonly kind: 'confirm';
  readonly title: string;
  readonly message: string;
  readonly action: string;
  readonly run: () => void | Promise<void>;
}

export interface Dialogs {
  readonly current: DialogRequest | undefined;
  show(request: DialogRequest): void;
  close(): void;
}

export function createDialogs(): Dialogs {
  let current = $state.raw<DialogRequest | undefined>(undefined);
  return {
    get current() {
      return current;
    },
    show(request) {
      current = request;
    },
    close() {
      current = undefined;
    },
  };
}
