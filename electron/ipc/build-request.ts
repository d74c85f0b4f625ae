import type { BuildOptions } from '../../shared/contract.ts';
import { EngineError } from '../engine/base/errors.ts';
import type { BuildRequest } from '../engine/build/build-request.ts';
import { parseBuildContext } from '../engine/build/parse-build-context.ts';

/**
 * A build of a project as its options ask for it. Paths of secrets go on as they are: what lies there is read by the build
 * and by nobody else. Fails with SSH_AGENT_UNKNOWN, and as parseBuildContext does.
 */
export function buildRequest(
  folder: string,
  options: BuildOptions,
  environment: Readonly<Record<string, string | undefined>>,
): BuildRequest {
  const { dockerfile, target, platform, secrets, ssh, network, contexts } = options;
  return {
    folder,
    tags: options.tags ?? [],
    buildArgs: options.buildArgs ?? {},
    labels: options.labels ?? {},
    noCache: options.noCache ?? false,
    trigger: { kind: 'manual' },
    ...(dockerfile === undefined ? {} : { dockerfile }),
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform }),
    ...(secrets === undefined ? {} : { secrets: secrets.map(({ id, file }) => ({ id, path: file })) }),
    ...(ssh === true ? { ssh: [{ id: 'default', paths: [agentSocket(environment)] }] } : {}),
    ...(network === undefined ? {} : { network }),
    ...(contexts === undefined
      ? {}
      : {
          contexts: Object.fromEntries(
            Object.entries(contexts).map(([name, value]) => parseBuildContext(`${name}=${value}`, folder)),
          ),
        }),
  };
}

function agentSocket(environment: Readonly<Record<string, string | undefined>>): string {
  const path = environment['SSH_AUTH_SOCK'];
  if (path !== undefined && path !== '') return path;
  throw new EngineError(
    'SSH_AGENT_UNKNOWN',
    'The build is to use your ssh agent, but SSH_AUTH_SOCK does not say where it is.',
    { hint: 'Start Slipway where an agent runs, or turn it off in the build options.' },
  );
}
