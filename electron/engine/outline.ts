import type { DockerfileOutline } from '../../shared/contract.ts';
import type { Dockerfile } from './dockerfile/ast.ts';

/** What a form for a build needs to know of a Dockerfile: its stages, and every ARG once with its default as written. */
export function outlineOf(dockerfile: Dockerfile): DockerfileOutline {
  const args = new Map<string, DockerfileOutline['args'][number]>();
  const declarations = [
    ...dockerfile.globalArgs,
    ...dockerfile.stages.flatMap((stage) =>
      stage.instructions.filter((instruction) => instruction.kind === 'ARG'),
    ),
  ];
  for (const { args: declared, range } of declarations) {
    for (const { name, default: value } of declared) {
      const known = args.get(name);
      if (known?.default !== undefined) continue;
      args.set(name, {
        name,
        ...(value === undefined ? {} : { default: value }),
        range: known?.range ?? range,
      });
    }
  }
  return {
    file: dockerfile.file,
    stages: dockerfile.stages.map(({ name, from }) => ({
      ...(name === undefined ? {} : { name }),
      base: from.image,
      range: from.range,
    })),
    args: [...args.values()],
  };
}
