import type { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { EngineError } from '../engine/base/errors.ts';
import { note, print } from './streams.ts';

/** `slipway serve`: the same application in a browser; runs until interrupted. */
export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('open the application to a browser on this machine')
    .option('--port <number>', 'port on 127.0.0.1; default: a free one')
    .action(async ({ port }: { port?: string }) => {
      // Only this command needs the server and what it imports.
      const { startServe } = await import('../serve.ts');
      const served = await startServe({
        store: context.store(),
        version: program.version() ?? '',
        ...(port === undefined ? {} : { port: parsePort(port) }),
      });
      print(context.terminal, served.url);
      note(context.terminal, 'Open this address in a browser on this machine. Ctrl+C stops.');
      await new Promise<void>((resolve) =>
        context.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      await served.close();
    });
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Infinity;
  if (port <= 65_535) return port;
  throw new EngineError('FLAG_INVALID', `--port "${text}" is not a number from 0 to 65535.`);
}
