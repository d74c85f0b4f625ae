import { Option, type Command } from 'commander';
import { formatBytes, familiarReference, shortId } from '../../shared/format.ts';
import { EngineError } from '../engine/base/errors.ts';
import { ask } from './ask.ts';
import type { CommandContext } from './command-context.ts';
import { logIn, logOut } from '../engine/registry/log-in.ts';
import { readPassword } from './read-password.ts';
import { note, print } from './streams.ts';

/** Bytes between two lines of progress. */
const STEP = 16 * 1024 * 1024;

interface PushFlags {
  readonly json?: boolean;
  readonly compression: 'gzip' | 'zstd' | 'uncompressed';
}

interface LoginFlags {
  readonly username?: string;
  readonly passwordStdin?: boolean;
}

/** `pull`, `push`, `login` and `logout`. */
export function addRegistryCommands(program: Command, context: CommandContext): void {
  const { terminal, signal } = context;
  const report = (verb: string): ((current: number, total: number) => void) => {
    let next = 0;
    return (current, total) => {
      if (current < next && current < total) return;
      next = current + STEP;
      note(terminal, `${verb} ${formatBytes(current)} of ${formatBytes(total)}`);
    };
  };

  program
    .command('pull')
    .description('bring in an image from its registry')
    .argument('<image>', 'as [registry/]name[:tag][@digest]')
    .option('--platform <os/arch[/variant]>', 'which image of several; default: this machine’s')
    .option('--json', 'print what was pulled as JSON')
    .action(async (text: string, { platform, json }: { platform?: string; json?: boolean }) => {
      const { images } = await context.engine();
      const onTransfer = json ? undefined : report('Pulled');
      const pulled = await images.pull(text, { platform, onTransfer, signal });
      if (json) return print(terminal, JSON.stringify(pulled, null, 2));
      print(terminal, `Pulled ${familiarReference(pulled.reference)} (${shortId(pulled.id)})`);
    });

  program
    .command('push')
    .description('send an image to the registry that its name says')
    .argument('<image>', 'as [registry/]name[:tag]')
    .addOption(
      new Option('--compression <how>', 'how layers that are not compressed yet are sent')
        .choices(['gzip', 'zstd', 'uncompressed'])
        .default('gzip'),
    )
    .option('--json', 'print what was pushed as JSON')
    .action(async (text: string, { json, compression }: PushFlags) => {
      const { images } = await context.engine();
      const onTransfer = json ? undefined : report('Pushed');
      const pushed = await images.push(text, { compression, onTransfer, signal });
      if (json) return print(terminal, JSON.stringify(pushed, null, 2));
      print(terminal, `Pushed ${familiarReference(pushed.reference)} (${pushed.id})`);
    });

  program
    .command('login')
    .description('check a password with a registry and keep it where docker does')
    .argument('[registry]', 'host[:port]', 'docker.io')
    .option('-u, --username <name>', 'who you are there; asked for where it is missing')
    .option('--password-stdin', 'read the password from standard input instead of asking')
    .action(async (domain: string, flags: LoginFlags) => {
      const credential = await askCredential(domain, flags, context);
      await logIn(domain, credential, terminal.environment, signal);
      print(terminal, `Logged in to ${domain}.`);
    });

  program
    .command('logout')
    .description('forget the password for a registry')
    .argument('[registry]', 'host[:port]', 'docker.io')
    .action(async (domain: string) => {
      const known = await logOut(domain, terminal.environment, signal);
      print(terminal, known ? `Logged out of ${domain}.` : `Not logged in to ${domain}.`);
    });
}

async function askCredential(
  domain: string,
  { username, passwordStdin }: LoginFlags,
  { terminal, signal }: CommandContext,
): Promise<{ readonly username: string; readonly password: string }> {
  const instead = `Write for example: slipway login -u NAME --password-stdin ${domain} < FILE`;
  if (passwordStdin) {
    if (username !== undefined) return { username, password: await readPassword(process.stdin) };
    throw new EngineError('FLAG_INVALID', '--password-stdin needs --username.', { hint: instead });
  }
  const name = username ?? (await ask(`Username at ${domain}: `, { instead }, terminal, signal));
  return { username: name, password: await ask('Password: ', { hidden: true, instead }, terminal, signal) };
}
