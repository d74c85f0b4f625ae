/** Whether files are being dragged over the window. Every element under the pointer says enter and leave: only their balance tells. */
export interface DragDepth {
  enter(): void;
  leave(): void;
  /** The drag is over, whatever the balance says. */
  reset(): void;
}

export function createDragDepth(onChange: (dragging: boolean) => void): DragDepth {
  let depth = 0;
  function set(next: number): void {
    const was = depth > 0;
    depth = Math.max(0, next);
    if (was !== depth > 0) onChange(depth > 0);
  }
  return {
    enter: () => set(depth + 1),
    leave: () => set(depth - 1),
    reset: () => set(0),
  };
}
