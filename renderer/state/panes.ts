/** Moves the focus to the next (or previous) visible pane below `container`: to the first thing in it that can have it. */
export function nextPane(container: HTMLElement, step: 1 | -1): void {
  const panes = [...container.querySelectorAll<HTMLElement>('[data-pane]')].filter(
    (pane) => pane.offsetParent !== null,
  );
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const from = at < 0 && step < 0 ? 0 : at;
  const pane = panes[(from + step + panes.length) % panes.length];
  pane?.querySelector<HTMLElement>('button:not([tabindex="-1"]), input, select, [tabindex="0"]')?.focus();
}
