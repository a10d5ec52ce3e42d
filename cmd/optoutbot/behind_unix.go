//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// lowest is the last priority: setpriority(2).
const lowest = 19

// startBehind starts a process behind all others. Linux keeps a priority for
// each thread, so that one call for a process takes only its first; one for a
// group of processes takes all threads of them.
func startBehind(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	// Where it may not be lowered, it is built at the usual one.
	_ = syscall.Setpriority(syscall.PRIO_PGRP, cmd.Process.Pid, lowest)
	return nil
}
