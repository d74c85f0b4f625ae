import { BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { Dialogs } from '../ipc/services.ts';

/** Electron's file dialogs, in front of the window in use. */
export function createDialogs(): Dialogs {
  const open = async (options: OpenDialogOptions): Promise<string | null> => {
    const parent = BrowserWindow.getFocusedWindow();
    const { canceled, filePaths } = await (parent
      ? dialog.showOpenDialog(parent, options)
      : dialog.showOpenDialog(options));
    return canceled ? null : (filePaths[0] ?? null);
  };
  return {
    chooseFolder: () => open({ title: 'Choose a project folder', properties: ['openDirectory'] }),
    chooseArchive: () =>
      open({
        title: 'Choose an image archive',
        properties: ['openFile'],
        filters: [
          { name: 'Image archives', extensions: ['tar', 'gz', 'tgz', 'zst', 'oci'] },
          { name: 'All files', extensions: ['*'] },
        ],
      }),
    async chooseSavePath(suggestion) {
      const options = {
        title: 'Save image',
        defaultPath: suggestion.replace(/[/\\:]/g, '-'),
        properties: ['showOverwriteConfirmation' as const, 'createDirectory' as const],
      };
      const parent = BrowserWindow.getFocusedWindow();
      const { canceled, filePath } = await (parent
        ? dialog.showSaveDialog(parent, options)
        : dialog.showSaveDialog(options));
      return canceled || filePath === '' ? null : filePath;
    },
  };
}
