package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// All threads of a process that is started behind others have the last priority,
// not its first alone.
func TestStartBehind(t *testing.T) {
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "index", "build", "--kb", smallBase(t), "--cache", t.TempDir())
	if err := startBehind(cmd); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }() // killed
	defer func() { _ = cmd.Process.Kill() }()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for begin := time.Now(); time.Since(begin) < hang; <-again.C {
		threads := prioritiesOf(t, cmd.Process.Pid)
		if len(threads) < 4 {
			continue
		}
		for _, p := range threads {
			if p != fmt.Sprint(lowest) {
				t.Errorf("threads have the priorities %v", threads)
				break
			}
		}
		return
	}
	t.Fatal("it did not begin to work")
}

// prioritiesOf gives the nice value of each thread: proc(5), field 19 of
// /proc/PID/task/TID/stat.
func prioritiesOf(t *testing.T, pid int) []string {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // the thread has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		out = append(out, strings.Fields(rest)[19-3])
	}
	return out
}
