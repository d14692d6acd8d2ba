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
__noinline int begin_service(struct sbx_task *st, __u64 task)
{
	struct sbx_scratch *s = scratch(SBX_SCRATCH_EXEC);
	struct task_struct *t = (void *)task;

	if (!st || !s)
		return 0;
	begin_event(s, SBX_EVENT_COMMAND, task);
	read_argv(s, t);
	st->who.phase = SBX_PHASE_SERVICE;
	st->who.command = hash_given(s) ^ st->who.exe_ino;
	s->event.actor = st->who;
	walk_file(s, task, BPF_CORE_READ(t, mm, exe_file));
	send_event(s);
	return 0;
}

/* A script is executed by its interpreter: the kernel's file is the latter's. */
__noinline int on_script(struct sbx_file_call *call, __u64 filename)
{
	struct sbx_scratch *s = scratch_of(call);
	struct sbx_file_key key = {.op = SBX_OP_EXECUTE, .how = SBX_BY_NAME};
	struct path base = {};
	long n;

	if (!s || !call)
		return 0;
	begin_event(s, SBX_EVENT_FILE, call->task);
	n = bpf_probe_read_kernel_str(s->data, SBX_PATH, (void *)filename);
	if (n < 0)
		return 0;
	s->event.given = n & (2 * SBX_PATH - 1);
	base_of(SBX_AT_FDCWD, s->data[0] == '/', &base);
	key.actor = call->actor;
	key.object = (__u64)base.dentry;
	key.place = (__u64)base.mnt;
	key.name = hash_given(s);
	if (reported(&key))
		return 0;
	describe(&s->event, base.dentry);
	walk_path(s, call->task, (__u64)base.dentry, (__u64)base.mnt);
	report(s, &key);
	return 0;
}

/*
 * The call ends here for its caller: who returns from it is another one, and
 * perhaps in another ABI.
 */
static __always_inline void end_exec(struct sbx_task *st, struct task_struct *task)
{
	struct sbx_call_key key = {.actor = st->actor};
	__u32 call = st->current_call;

	/* Then it is execve for the registers: there was a check, which knew better. */
	if (!entries_watched && call == SBX_CURRENT_UNKNOWN)
		call = call_of(task, (void *)bpf_task_pt_regs(task));
	if (call == SBX_CURRENT_NONE || call == SBX_CURRENT_UNKNOWN)
		return;
	key.nr = call;
	key.abi = call >> 16;
	count_call(&key, 1);
	if (st->checks)
		record_checks(st, &key);
	st->current_call = SBX_CURRENT_EXECUTED;
}

__noinline int on_exec(struct sbx_task *st, __u64 task, __u64 binprm)
{
	struct linux_binprm *bprm = (void *)binprm;
	struct sbx_file_call call = {.task = task, .scratch = SBX_SCRATCH_EXEC};
	__u64 file = (__u64)BPF_CORE_READ(bprm, file);

	if (!st)
		return 0;
	end_exec(st, (void *)bpf_get_current_task_btf());
	flush_calls(st);
	read_identity(st, task);
	read_executable(st, task);
	if (st->who.phase == SBX_PHASE_SETUP && image_of(file) != SBX_IMAGE_EXECUTOR)
		begin_service(st, task);
	st->actor = actor_of(st, task, SBX_SCRATCH_EXEC);
	if (st->who.phase == SBX_PHASE_SETUP)
		return 0;
	call.actor = st->actor;
	on_file(&call, file, SBX_OP_EXECUTE, 0);
	if (BPF_CORE_READ(bprm, interp) != BPF_CORE_READ(bprm, filename))
		on_script(&call, (__u64)BPF_CORE_READ(bprm, filename));
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(sbx_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct sbx_task *st = bpf_task_storage_get(&tasks, task, 0, 0);

	if (st && take(st, SBX_HOOK_EXEC))
		on_exec(st, bpf_get_current_task(), number_of(&st->number, bprm));
	return 0;
}

#endif
