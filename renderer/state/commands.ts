import type { Command } from './shortcuts.ts';

export type CommandHandlers = Partial<Record<Command, () => void>>;

/** Who answers a command now: the most recent of those that offered to. */
export interface Commands {
  /** Offers handlers until the answered function is called. */
  register(handlers: CommandHandlers): () => void;
  /** Whether anybody answered. */
  run(command: Command): boolean;
}

export function createCommands(): Commands {
  const offers: CommandHandlers[] = [];
  return {
    register(handlers) {
      offers.push(handlers);
      return () => void offers.splice(offers.lastIndexOf(handlers), 1);
    },
    run(command) {
      const handler = offers.findLast((offer) => offer[command])?.[command];
      handler?.();
      return handler !== undefined;
    },
  };
}
