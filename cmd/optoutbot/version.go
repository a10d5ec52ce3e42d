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
			fmt.Fprintf(a.out, "optoutbot %s, content %.12s, %d entries\n", programVersion(), base.Hash, len(base.Entries))
			return nil
		},
	}
}

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
