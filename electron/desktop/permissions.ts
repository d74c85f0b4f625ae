import type { Session } from 'electron';

/** What the page itself uses: writing to the clipboard when a Copy button is pressed. */
const GRANTED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** Refuses the page every permission a browser could ask for (camera, notifications, devices, …) but copying text. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(GRANTED.has(permission)));
  session.setPermissionCheckHandler((_contents, permission) => GRANTED.has(permission));
  session.setDevicePermissionHandler(() => false);
}
