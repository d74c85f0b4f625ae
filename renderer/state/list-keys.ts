import type { Attachment } from 'svelte/attachments';

export interface ListKeyHandlers {
  /** Called with the row's data-row value, for keys other than moving. Answers whether the key meant something. */
  readonly onkey?: (key: string, row: string) => boolean;
}

/**
 * Lets Up, Down, J and K move the focus between the elements below it that carry `data-row`, and Home and End to the
 * first and last. Other keys pressed on a row go to `onkey`; typing in fields is left alone.
 */
export function listKeys({ onkey }: ListKeyHandlers = {}): Attachment<HTMLElement> {
  return (container) => {
    function keydown(event: KeyboardEvent): void {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.matches('input, select, textarea')) return;
      const rows = [...container.querySelectorAll<HTMLElement>('[data-row]')];
      const holder = target.closest('tr, li') ?? target;
      const at = rows.findIndex((row) => row === target || holder.contains(row));
      const next = nextIndex(event.key, at, rows.length);
      if (next !== undefined) {
        event.preventDefault();
        rows[next]?.focus();
      } else if (at >= 0 && onkey?.(event.key, rows[at]!.dataset['row'] ?? '')) {
        // The letter must not end up in the field of the dialog that it opens.
        event.preventDefault();
      }
    }
    container.addEventListener('keydown', keydown);
    return () => container.removeEventListener('keydown', keydown);
  };
}

/** Where a key moves from row `at` (-1 for none) of `count`; undefined for a key that does not move. */
export function nextIndex(key: string, at: number, count: number): number | undefined {
  if (count === 0) return undefined;
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return Math.min(count - 1, at + 1);
    case 'ArrowUp':
    case 'k':
      return Math.max(0, at - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
