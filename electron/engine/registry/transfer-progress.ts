/** What a transfer has done: bytes so far, and of all that are not there yet. */
export type OnTransfer = (current: number, total: number) => void;

/** One blob's share of a transfer. */
export interface Share {
  /** How many bytes it has, once that is known better. */
  resize(size: number): void;
  /** How many of them have arrived; falls back when some have to be sent again. */
  reach(bytes: number): void;
  /** All of it is there. */
  finish(): void;
}

/** Adds up shares; `onTransfer` hears of every change, and never of more than the total. */
export function createTransferProgress(onTransfer: OnTransfer | undefined): (size: number) => Share {
  let current = 0;
  let total = 0;
  let told = '';
  const tell = (): void => {
    const now = `${current}/${total}`;
    if (now !== told) onTransfer?.(current, total);
    told = now;
  };
  return (size) => {
    let done = 0;
    total += size;
    const share: Share = {
      resize(next) {
        total += next - size;
        size = next;
        share.reach(done);
      },
      reach(bytes) {
        const next = Math.min(bytes, size);
        current += next - done;
        done = next;
        tell();
      },
      finish: () => share.reach(size),
    };
    return share;
  };
}
