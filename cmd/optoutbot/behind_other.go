//go:build !unix

package main

import "os/exec"

// startBehind starts a process; there is no portable way to lower its priority.
func startBehind(cmd *exec.Cmd) error { return cmd.Start() }
