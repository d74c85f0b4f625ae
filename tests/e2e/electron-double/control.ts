import type { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import type { native as nativeState } from './native.ts';

/** What a test asks of the double's process, by name; inputs and answers are plain data. */
export interface Control {
  answerDialogs(answers: readonly (string | null)[]): void;
  setFocused(focused: boolean): void;
  shown(): {
    readonly dialogs: readonly string[];
    readonly errorBoxes: readonly string[];
    readonly notifications: readonly { readonly title: string; readonly body: string }[];
    readonly openedOutside: readonly string[];
  };
  webPreferences(): Electron.WebPreferences | undefined;
  menu(): readonly { readonly label: string; readonly items: readonly string[] }[];
  chooseMenuItem(label: string): void;
  secondInstance(argv: readonly string[], workingDirectory: string): void;
  permissionGranted(permission: string): boolean;
}

export interface ControlRequest {
  readonly id: number;
  readonly name: keyof Control;
  readonly args: readonly unknown[];
}

interface ControlledState {
  readonly native: typeof nativeState;
  readonly windowOptions: readonly Electron.BrowserWindowConstructorOptions[];
  readonly appEvents: EventEmitter;
}

/** Answers control requests from the process that started this one. */
export function serveControl({ native, windowOptions, appEvents }: ControlledState): void {
  const items = (
    menu: Electron.MenuItemConstructorOptions,
  ): readonly Electron.MenuItemConstructorOptions[] => (Array.isArray(menu.submenu) ? menu.submenu : []);

  const control: Control = {
    answerDialogs: (answers) => void native.dialogAnswers.push(...answers),
    setFocused(focused) {
      native.focused = focused;
    },
    shown: () => ({
      dialogs: native.dialogsShown,
      errorBoxes: native.errorBoxes,
      notifications: native.notifications,
      openedOutside: native.openedOutside,
    }),
    webPreferences: () => windowOptions[0]?.webPreferences,
    menu: () =>
      native.menu.map((menu) => ({
        label: menu.label ?? menu.role ?? '',
        items: items(menu).map((item) => item.label ?? item.role ?? item.type ?? ''),
      })),
    chooseMenuItem(label) {
      const item = native.menu.flatMap(items).find((candidate) => candidate.label === label);
      if (!item?.click) throw new Error(`The menu has no item ${label}.`);
      (item.click as () => void)();
    },
    secondInstance: (argv, workingDirectory) =>
      void appEvents.emit('second-instance', {}, argv, workingDirectory),
    permissionGranted: (permission) =>
      native.permissionCheck?.(
        null,
        permission as 'media',
        '',
        {} as Electron.PermissionCheckHandlerHandlerDetails,
      ) ?? true,
  };

  process.on('message', ({ id, name, args }: ControlRequest) => {
    try {
      const run = control[name] as (...args: readonly unknown[]) => unknown;
      process.send?.({ id, value: run(...args) });
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  });
}
