/** What a process has as its three streams. */
export type ProcessIo =
  /** Those of this process, as they are. */
  | { readonly kind: 'streams' }
  /** Those of this process, which are a terminal: the process gets one of its own that is connected with it. */
  | { readonly kind: 'terminal'; readonly size: TerminalSize }
  | NewTerminal;

/** A terminal that is made for the process; this process is the person in front of it. */
export interface NewTerminal {
  readonly kind: 'pty';
  readonly size: TerminalSize;
  /** Hears of the way to it before there is any output; again, should another one have to be made. */
  readonly onOpen: (terminal: PseudoTerminal) => void;
  /** The output as it comes, bytes as they are. Nothing more is read before the promise it answers has settled. */
  readonly onData: (data: Buffer) => void | Promise<void>;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The keyboard and the size of a terminal. Both do nothing once what runs in it has ended. */
export interface PseudoTerminal {
  /** Answers when the terminal has taken it, or has ended. */
  write(data: string | Uint8Array): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
}
