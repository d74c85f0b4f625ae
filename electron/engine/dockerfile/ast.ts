import type { SourceRange } from '../../../shared/source-range.ts';

/** A parsed Dockerfile: stages of typed instructions. Nothing is expanded yet; every text is as written. */
export interface Dockerfile {
  /** As the user named it; for messages. */
  readonly file: string;
  readonly text: string;
  readonly directives: { readonly syntax?: string; readonly escape: '\\' | '`'; readonly check?: string };
  /** ARGs before the first FROM. */
  readonly globalArgs: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
  readonly warnings: readonly ParseWarning[];
}

export interface ParseWarning {
  readonly code: string;
  readonly message: string;
  readonly range: SourceRange;
}

export interface Stage {
  readonly index: number;
  /** Lower-case. */
  readonly name?: string;
  readonly from: FromInstruction;
  readonly instructions: readonly Instruction[];
}

interface Common {
  readonly range: SourceRange;
  /** The logical line as written, continuations joined, heredoc bodies left out. */
  readonly source: string;
  /** The comment lines directly above, without `#`. */
  readonly comments: readonly string[];
}

export interface Heredoc {
  /** The delimiter word, quotes removed; also the file's name in COPY. */
  readonly name: string;
  readonly content: string;
  /** False where the delimiter was quoted. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are to be stripped. */
  readonly chomp: boolean;
  readonly fileDescriptor: number;
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** Exec form: the words of the JSON array. Shell form: the text. */
export type CommandLine =
  | { readonly form: 'exec'; readonly words: readonly string[] }
  | { readonly form: 'shell'; readonly text: string };

export interface FromInstruction extends Common {
  readonly kind: 'FROM';
  readonly image: string;
  readonly platform?: string;
  readonly stageName?: string;
}
export interface ArgInstruction extends Common {
  readonly kind: 'ARG';
  readonly args: readonly { readonly name: string; readonly default?: string }[];
}
export interface EnvInstruction extends Common {
  readonly kind: 'ENV';
  readonly pairs: readonly KeyValue[];
}
export interface LabelInstruction extends Common {
  readonly kind: 'LABEL';
  readonly pairs: readonly KeyValue[];
}
export interface MaintainerInstruction extends Common {
  readonly kind: 'MAINTAINER';
  readonly author: string;
}
export interface RunInstruction extends Common {
  readonly kind: 'RUN';
  readonly command: CommandLine;
  readonly heredocs: readonly Heredoc[];
  readonly mounts: readonly Mount[];
  readonly network: 'default' | 'none' | 'host';
  readonly security: 'sandbox' | 'insecure';
  readonly devices: readonly string[];
}
/** One --mount; options as written (keys lower-case, aliases resolved), checked, not expanded. */
export interface Mount {
  readonly type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';
  readonly target?: string;
  readonly source?: string;
  readonly from?: string;
  readonly id?: string;
  readonly readonly?: boolean;
  readonly required?: boolean;
  readonly sharing?: string;
  readonly mode?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly size?: string;
  readonly env?: string;
  readonly text: string;
}
export interface CmdInstruction extends Common {
  readonly kind: 'CMD';
  readonly command: CommandLine;
}
export interface EntrypointInstruction extends Common {
  readonly kind: 'ENTRYPOINT';
  readonly command: CommandLine;
}
export interface ShellInstruction extends Common {
  readonly kind: 'SHELL';
  readonly words: readonly string[];
}
export interface ExposeInstruction extends Common {
  readonly kind: 'EXPOSE';
  readonly ports: readonly string[];
}
export interface UserInstruction extends Common {
  readonly kind: 'USER';
  readonly user: string;
}
export interface WorkdirInstruction extends Common {
  readonly kind: 'WORKDIR';
  readonly path: string;
}
export interface VolumeInstruction extends Common {
  readonly kind: 'VOLUME';
  readonly paths: readonly string[];
}
export interface StopsignalInstruction extends Common {
  readonly kind: 'STOPSIGNAL';
  readonly signal: string;
}
export interface HealthcheckInstruction extends Common {
  readonly kind: 'HEALTHCHECK';
  /** `Test` as the image stores it: ["NONE"], ["CMD", …] or ["CMD-SHELL", text]. */
  readonly test: readonly string[];
  /** Nanoseconds; 0 means inherit. */
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}
export interface OnbuildInstruction extends Common {
  readonly kind: 'ONBUILD';
  /** The trigger's text without ONBUILD, heredoc bodies appended: what goes into the image's config. */
  readonly trigger: string;
}
interface CopyCommon extends Common {
  /** As written; heredoc sources are in `heredocs` instead. */
  readonly sources: readonly string[];
  readonly heredocs: readonly Heredoc[];
  readonly destination: string;
  readonly chown?: string;
  readonly chmod?: string;
  readonly link: boolean;
  readonly exclude: readonly string[];
}
export interface CopyInstruction extends CopyCommon {
  readonly kind: 'COPY';
  readonly from?: string;
  readonly parents: boolean;
}
export interface AddInstruction extends CopyCommon {
  readonly kind: 'ADD';
  readonly checksum?: string;
  readonly keepGitDir?: boolean;
  readonly unpack?: boolean;
}

export type Instruction =
  | ArgInstruction
  | EnvInstruction
  | LabelInstruction
  | MaintainerInstruction
  | RunInstruction
  | CmdInstruction
  | EntrypointInstruction
  | ShellInstruction
  | ExposeInstruction
  | UserInstruction
  | WorkdirInstruction
  | VolumeInstruction
  | StopsignalInstruction
  | HealthcheckInstruction
  | OnbuildInstruction
  | CopyInstruction
  | AddInstruction;
