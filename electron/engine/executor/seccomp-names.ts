/**
 * The system calls of Docker's default profile (docs.docker.com/engine/security/seccomp), by what they are for. Names are
 * those of libseccomp; a runtime skips what it or the architecture does not know, so calls of 32-bit architectures and of new
 * kernels stand beside their relatives.
 */

const names = (text: string): readonly string[] => text.trim().split(/\s+/);

const FILES = names(`
  open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 flock ioctl
  name_to_handle_at access faccessat faccessat2
  read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek readahead
  sendfile sendfile64 splice tee vmsplice copy_file_range
  truncate truncate64 ftruncate ftruncate64 fallocate fadvise64 fadvise64_64 cachestat
  sync syncfs fsync fdatasync sync_file_range
  stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx
  statfs statfs64 fstatfs fstatfs64 statmount listmount
  chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32 umask
  utime utimes futimesat utimensat utimensat_time64
  getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
  listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat
`);

const FOLDERS = names(`
  chdir fchdir getcwd getdents getdents64 mkdir mkdirat rmdir mknod mknodat
  link linkat symlink symlinkat readlink readlinkat unlink unlinkat rename renameat renameat2
  inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark
`);

const WAITING = names(`
  poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64
  epoll_create epoll_create1 epoll_ctl epoll_ctl_old
  epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2
  io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64
`);

const MEMORY = names(`
  brk mmap mmap2 munmap mremap mprotect mseal madvise mincore msync remap_file_pages membarrier
  mlock mlock2 mlockall munlock munlockall memfd_create memfd_secret map_shadow_stack
  pkey_alloc pkey_free pkey_mprotect process_mrelease
`);

const PROCESSES = names(`
  fork vfork execve execveat exit exit_group wait4 waitid waitpid restart_syscall rseq prctl uretprobe
  getpid getppid gettid getpgid getpgrp setpgid getsid setsid pidfd_open pidfd_send_signal
  set_tid_address set_thread_area get_thread_area set_robust_list get_robust_list
  futex futex_time64 futex_wait futex_waitv futex_wake futex_requeue
  capget capset seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self riscv_hwprobe
`);

const USERS = names(`
  getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getgroups getgroups32
  getresuid getresuid32 getresgid getresgid32 setuid setuid32 setgid setgid32 setgroups setgroups32
  setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32
  setfsuid setfsuid32 setfsgid setfsgid32
`);

const SIGNALS = names(`
  kill tkill tgkill pause alarm sigaltstack signalfd signalfd4 sigprocmask sigreturn
  rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
  rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo
`);

const SCHEDULING = names(`
  getpriority setpriority ioprio_get ioprio_set getcpu getrlimit ugetrlimit setrlimit prlimit64 getrusage
  sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
  sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min
  sched_rr_get_interval sched_rr_get_interval_time64
`);

/** The clock itself is set only with a capability, which adjtimex and its relatives ask for when they change anything. */
const TIME = names(`
  time times gettimeofday nanosleep getitimer setitimer adjtimex clock_adjtime clock_adjtime64
  clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64
  timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
  timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
`);

/** Not `socket`, which is allowed by family. */
const COMMUNICATION = names(`
  pipe pipe2 socketpair socketcall bind listen accept accept4 connect shutdown
  getsockname getpeername getsockopt setsockopt
  send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64
  ipc msgget msgctl msgsnd msgrcv semget semctl semop semtimedop semtimedop_time64 shmget shmctl shmat shmdt
  mq_open mq_unlink mq_notify mq_getsetattr mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64
`);

const SYSTEM = names(`uname sysinfo getrandom`);

/** What every command may do, whatever its arguments. */
export const ALWAYS = [
  ...[FILES, FOLDERS, WAITING, MEMORY, PROCESSES, USERS, SIGNALS, SCHEDULING, TIME, COMMUNICATION, SYSTEM],
].flat();

/** Safe since Linux 4.8, before which a traced process could leave its filter. */
export const TRACING = names(`ptrace process_vm_readv process_vm_writev`);

/** What only one architecture has, by the machine's name in Go's terms. */
export const BY_ARCHITECTURE: Readonly<Record<string, readonly string[]>> = {
  amd64: names(`arch_prctl modify_ldt`),
  '386': names(`modify_ldt`),
  arm64: names(`arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls`),
  arm: names(`arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls`),
  ppc64le: names(`sync_file_range2 swapcontext`),
  s390x: names(`s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr`),
  riscv64: names(`riscv_flush_icache`),
};

/** What a command may do besides, with a capability. */
export const BY_CAPABILITY: Readonly<Record<string, readonly string[]>> = {
  CAP_SYS_CHROOT: names(`chroot`),
  CAP_DAC_READ_SEARCH: names(`open_by_handle_at`),
  CAP_SYS_ADMIN: names(`
    clone clone3 unshare setns sethostname setdomainname
    mount umount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick quotactl quotactl_fd
    bpf perf_event_open fanotify_init lookup_dcookie syslog lsm_get_self_attr lsm_set_self_attr lsm_list_modules
  `),
  CAP_SYS_BOOT: names(`reboot`),
  CAP_SYS_MODULE: names(`init_module finit_module delete_module`),
  CAP_SYS_PACCT: names(`acct`),
  CAP_SYS_PTRACE: names(`kcmp pidfd_getfd process_madvise ptrace process_vm_readv process_vm_writev`),
  CAP_SYS_RAWIO: names(`iopl ioperm`),
  CAP_SYS_TIME: names(`settimeofday stime clock_settime clock_settime64`),
  CAP_SYS_TTY_CONFIG: names(`vhangup`),
  CAP_SYS_NICE: names(`get_mempolicy mbind set_mempolicy set_mempolicy_home_node`),
  CAP_SYSLOG: names(`syslog`),
  CAP_BPF: names(`bpf`),
  CAP_PERFMON: names(`perf_event_open`),
};
