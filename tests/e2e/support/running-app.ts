import type { Page } from '@playwright/test';
import type { Control } from '../electron-double/control.ts';

export type HostKind = 'serve' | 'double' | 'electron';

/** The double's control, asked from the test's process. */
export type AsyncControl = {
  readonly [Name in keyof Control]: (
    ...args: Parameters<Control[Name]>
  ) => Promise<ReturnType<Control[Name]>>;
};

/** The application as a test has it, whichever host runs it. */
export interface RunningApp {
  readonly page: Page;
  /** Where the page is, as the browser names it. Of serve, with the token. */
  readonly url: string;
  /** What a person does outside the page; the double's only. */
  readonly control?: AsyncControl;
  /** Everything the application's process wrote. */
  output(): string;
  /** Ends the application as a person would; answers its process's exit code. */
  close(): Promise<number | null>;
}

/** What a host needs to start: fresh folders for each test. */
export interface HostFolders {
  readonly store: string;
  readonly profile: string;
}
