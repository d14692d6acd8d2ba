/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Executions: where the service begins, and which command line it descends from. */
#ifndef SBX_EXEC_H
#define SBX_EXEC_H

/* The new image's argv, as it lies on its stack. */
static __always_inline void read_argv(struct sbx_scratch *s, struct task_struct *task)
{
	unsigned long start = BPF_CORE_READ(task, mm, arg_start), end = BPF_CORE_READ(task, mm, arg_end);
	__u32 len = end - start;

	if (len > SBX_ARGV)
		len = SBX_ARGV;
	if (!bpf_probe_read_user(s->data, len & (2 * SBX_ARGV - 1), (void *)start))
		s->event.given = len;
}

/* PID 1 has started a command of the unit: tells the Go side which. */
static __noinline void begin_service(struct sbx_task *st, struct task_struct *task, struct sbx_scratch *s)
{
	begin_event(s, SBX_EVENT_COMMAND, task);
	read_argv(s, task);
	st->who.phase = SBX_PHASE_SERVICE;
	st->who.command = hash_given(s) ^ st->who.exe_ino;
	s->event.command = st->who.command;
	s->event.actor = st->who;
	walk_path(s, task, BPF_CORE_READ(task, mm, exe_file, f_path.dentry),
		  BPF_CORE_READ(task, mm, exe_file, f_path.mnt));
	send_event(s);
}

/* A script is executed by its interpreter: the kernel's file is the latter's. */
static __noinline void on_script(struct sbx_file_call *call, const char *filename)
{
	struct sbx_scratch *s = scratch(SBX_SCRATCH_TRACEPOINT);
	struct sbx_file_key key = {.actor = call->st->actor, .op = SBX_OP_EXECUTE, .by_name = 1};
	struct path base;
	long n;

	if (!s)
		return;
	begin_event(s, SBX_EVENT_FILE, call->task);
	n = bpf_probe_read_kernel_str(s->data, SBX_PATH, filename);
	if (n < 0)
		return;
	s->event.given = n & (2 * SBX_PATH - 1);
	if (s->data[0] == '/')
		BPF_CORE_READ_INTO(&base, call->task, fs, root);
	else
		BPF_CORE_READ_INTO(&base, call->task, fs, pwd);
	key.dentry = (__u64)base.dentry;
	key.name = hash_given(s);
	if (reported(&key))
		return;
	s->event.key = key;
	describe(&s->event, base.dentry);
	walk_path(s, call->task, base.dentry, base.mnt);
	send_event(s);
}

static __noinline void on_exec(struct sbx_task *st, struct task_struct *task, struct linux_binprm *bprm)
{
	struct sbx_scratch *s = scratch(SBX_SCRATCH_TRACEPOINT);
	struct sbx_file_call call = {.st = st, .task = task};

	if (!s)
		return;
	flush_calls(st, task);
	/* A 64-bit program that executes a 32-bit one leaves the call by another ABI. */
	st->current_call = SBX_CURRENT_UNKNOWN;
	read_identity(st, task);
	read_executable(st, task);
	if (st->who.phase == SBX_PHASE_SETUP && !is_systemd(BPF_CORE_READ(bprm, file), true))
		begin_service(st, task, s);
	st->actor = actor_of(st, task, s);
	if (st->who.phase == SBX_PHASE_SETUP)
		return;
	on_file(&call, BPF_CORE_READ(bprm, file), SBX_OP_EXECUTE, 0);
	if (BPF_CORE_READ(bprm, interp) != BPF_CORE_READ(bprm, filename))
		on_script(&call, BPF_CORE_READ(bprm, filename));
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(sbx_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);

	if (st)
		on_exec(st, task, bprm);
	return 0;
}

#endif
