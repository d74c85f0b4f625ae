/** Why changes have to be looked for, and what puts that right, in one or two sentences; from the system's error. */
export function pollingReason({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): string {
  const how = 'so changes are looked for once a second.';
  switch (code) {
    case 'ENOSPC':
      return `The system watches no more folders for this user, ${how} Raise the limit with "sudo sysctl fs.inotify.max_user_watches=524288".`;
    case 'EMFILE':
      return `The system allows no further watcher for this user, ${how} Raise the limit with "sudo sysctl fs.inotify.max_user_instances=1024".`;
    default:
      return `Changes in this folder cannot be heard of (${message}), ${how}`;
  }
}
