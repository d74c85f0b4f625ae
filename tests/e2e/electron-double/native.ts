import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { listening } from './typed-events.ts';

/** What a person would have seen or answered outside the page, for tests to read and to set. */
export const native = {
  /** Answers for the next file dialogs, first come first served; null is Cancel. */
  dialogAnswers: [] as (string | null)[],
  dialogsShown: [] as string[],
  errorBoxes: [] as string[],
  notifications: [] as { readonly title: string; readonly body: string }[],
  openedOutside: [] as string[],
  focused: true,
  menu: [] as readonly Electron.MenuItemConstructorOptions[],
  schemes: [] as readonly Electron.CustomScheme[],
  pageHandler: undefined as ((request: Request) => Response | Promise<Response>) | undefined,
  permissionCheck: undefined as Parameters<Electron.Session['setPermissionCheckHandler']>[0] | undefined,
};

function nextAnswer(title: string | undefined): string | null {
  native.dialogsShown.push(title ?? '');
  return native.dialogAnswers.shift() ?? null;
}

type Args<Options> = [Options] | [Electron.BaseWindow, Options];

export const dialog = {
  async showOpenDialog(...args: Args<Electron.OpenDialogOptions>): Promise<Electron.OpenDialogReturnValue> {
    const answer = nextAnswer((args[1] ?? (args[0] as Electron.OpenDialogOptions)).title);
    return { canceled: answer === null, filePaths: answer === null ? [] : [answer] };
  },
  async showSaveDialog(...args: Args<Electron.SaveDialogOptions>): Promise<Electron.SaveDialogReturnValue> {
    const answer = nextAnswer((args[1] ?? (args[0] as Electron.SaveDialogOptions)).title);
    return { canceled: answer === null, filePath: answer ?? '' };
  },
  showErrorBox(title: string, content: string): void {
    native.errorBoxes.push(`${title}: ${content}`);
  },
} satisfies Pick<Electron.Dialog, 'showOpenDialog' | 'showSaveDialog' | 'showErrorBox'>;

export class Notification implements Pick<Electron.Notification, 'on' | 'once' | 'show'> {
  static isSupported(): boolean {
    return true;
  }
  readonly #options: Electron.NotificationConstructorOptions;
  readonly on: Electron.Notification['on'];
  readonly once: Electron.Notification['once'];

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    this.#options = options;
    ({ on: this.on, once: this.once } = listening<Electron.Notification>(new EventEmitter()));
  }

  show(): void {
    native.notifications.push({ title: this.#options.title ?? '', body: this.#options.body ?? '' });
  }
}

type Template = Parameters<typeof Electron.Menu.buildFromTemplate>[0];

export const Menu = {
  buildFromTemplate: (template: Template) => template as unknown as Electron.Menu,
  setApplicationMenu(menu: Electron.Menu | null): void {
    native.menu = menu as unknown as Electron.MenuItemConstructorOptions[];
  },
} satisfies Pick<typeof Electron.Menu, 'buildFromTemplate' | 'setApplicationMenu'>;

export const shell = {
  async openExternal(url: string): Promise<void> {
    native.openedOutside.push(url);
  },
} satisfies Pick<Electron.Shell, 'openExternal'>;

export const nativeTheme = { shouldUseDarkColors: false } satisfies Pick<
  Electron.NativeTheme,
  'shouldUseDarkColors'
>;

export const protocol = {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    native.schemes = schemes;
  },
  handle(_scheme: string, handler: (request: Request) => Response | Promise<Response>): void {
    native.pageHandler = handler;
  },
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'>;

export const session = {
  defaultSession: {
    setPermissionRequestHandler: () => undefined,
    setPermissionCheckHandler(handler: typeof native.permissionCheck) {
      native.permissionCheck = handler;
    },
    setDevicePermissionHandler: () => undefined,
  } satisfies Pick<
    Electron.Session,
    'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
  > as unknown as Electron.Session,
};
