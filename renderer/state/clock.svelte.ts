/** The time now, in milliseconds since 1970, renewed every `interval` milliseconds for as long as the component lives. */
export function useClock(interval: number, running: () => boolean = () => true): { readonly now: number } {
  let now = $state(Date.now());
  $effect(() => {
    if (!running()) return;
    now = Date.now();
    const timer = setInterval(() => (now = Date.now()), interval);
    return () => clearInterval(timer);
  });
  return {
    get now() {
      return now;
    },
  };
}
