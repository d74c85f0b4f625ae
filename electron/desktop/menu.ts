import { Menu, type BrowserWindow, type MenuItemConstructorOptions } from 'electron';

type Key = Readonly<{ keyCode: string; modifiers: ('control' | 'meta' | 'shift')[] }>;

/**
 * The application menu. The page knows every key already, in both hosts; the menu shows these keys and, when an item is
 * chosen, sends the page the key press, so that each command is written once.
 */
export function installMenu(currentWindow: () => BrowserWindow | undefined): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform === 'darwin', press)));

  function press(key: Key): void {
    const contents = currentWindow()?.webContents;
    contents?.sendInputEvent({ type: 'keyDown', ...key });
    contents?.sendInputEvent({ type: 'keyUp', ...key });
  }
}

/** The menu as a template; `press` gets the key of the item that was chosen. */
export function menuTemplate(mac: boolean, press: (key: Key) => void): MenuItemConstructorOptions[] {
  const item = (label: string, keyCode: string, shift = false): MenuItemConstructorOptions => ({
    label,
    accelerator: `CmdOrCtrl+${shift ? 'Shift+' : ''}${keyCode}`,
    registerAccelerator: false,
    click: () =>
      press({ keyCode, modifiers: [mac ? 'meta' : 'control', ...(shift ? (['shift'] as const) : [])] }),
  });
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        item('Open Folder…', 'O'),
        item('Pull Image…', 'P'),
        { type: 'separator' },
        { role: mac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Build',
      submenu: [
        item('Build', 'B'),
        item('Build Without Cache', 'B', true),
        { type: 'separator' },
        item('Cancel Build', '.'),
      ],
    },
    {
      label: '&View',
      submenu: [
        item('Projects', '1'),
        item('Builds', '2'),
        item('Images', '3'),
        item('This Machine', '4'),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ];
}
