package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"optoutbot/index"
)

func newIndex(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "index", Short: "Build the search index ahead of time"}
	var out string
	build := &cobra.Command{
		Use:     "build",
		Short:   "Build the index of the knowledge base into the cache, or into --out",
		Example: "  optoutbot index build\n  optoutbot index build --out /var/lib/optoutbot/index",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				_, _, ix, err := a.open(cmd.Context())
				if err != nil {
					return err
				}
				fmt.Fprintln(a.out, a.cacheDir())
				return ix.Close()
			}
			base, err := a.loadBase()
			if err != nil {
				return err
			}
			if names, err := os.ReadDir(out); err == nil && len(names) > 0 {
				return fmt.Errorf("%s is not empty; name a new folder", out)
			} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if err := index.Build(cmd.Context(), base, filepath.Clean(out), a.progress("Building the index")); err != nil {
				return err
			}
			fmt.Fprintln(a.out, out)
			return nil
		},
	}
	build.Flags().StringVar(&out, "out", "", "folder to build into; it must not exist or be empty")
	cmd.AddCommand(build)
	return cmd
}
