package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version can be set when linking: -ldflags "-X main.version=1.2.3".
var version = ""

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program and of its content",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			base, err := a.loadBase()
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "optoutbot %s, content %s, %d entries\n", programVersion(), shortHash(base.Hash), len(base.Entries))
			return nil
		},
	}
}

// shortHash is a content's hash as people see it.
func shortHash(hash string) string { return hash[:min(12, len(hash))] }

func programVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return fmt.Sprintf("%.12s", s.Value)
		}
	}
	return info.Main.Version
}
