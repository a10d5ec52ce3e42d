package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"optoutbot/kb"
)

func newKBNewLanguage(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "new-language XX",
		Short: "Lay out the files of a language, with the English text in place",
		Long: `new-language adds a line to languages.yaml and lays out every file that a
language needs, with the English text in place. Files that are there are left
alone, so it also adds what has come new since.`,
		Example: "  optoutbot kb new-language sv --kb kb/content",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.needFolder(); err != nil {
				return err
			}
			files, err := kb.LayOut(os.DirFS(a.kbDir), args[0])
			if err != nil {
				return fmt.Errorf("new language: %w", err)
			}
			if err := a.writeFiles(files); err != nil {
				return err
			}
			fmt.Fprintf(a.err, "%d files. Translate them as kb/README.md says, then run: optoutbot kb check --kb %s\n", len(files), a.kbDir)
			return nil
		},
	}
}

func newKBSign(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "sign XX [ENTRY...]",
		Short: "Say that a translation has been compared with the present English",
		Long: `sign writes into the files of a language from which English text each was made:
of all files, or of those of the entries named. Sign what a person has just
compared; kb check then tells when the English text changes.`,
		Example: "  optoutbot kb sign pl messenger deadline\n  optoutbot kb sign pl",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.needFolder(); err != nil {
				return err
			}
			files, err := kb.Sign(os.DirFS(a.kbDir), args[0], args[1:])
			if err != nil {
				return fmt.Errorf("sign: %w", err)
			}
			return a.writeFiles(files)
		},
	}
}

// needFolder finds the knowledge base that is to be written to.
func (a *app) needFolder() error {
	if a.kbDir == "" {
		a.kbDir = filepath.Join("kb", "content")
	}
	if _, err := os.Stat(filepath.Join(a.kbDir, "entries")); err != nil {
		return fmt.Errorf("there is no knowledge base in %s; name one with --kb", a.kbDir)
	}
	return nil
}

// writeFiles writes files of the knowledge base and names them.
func (a *app) writeFiles(files []kb.File) error {
	for _, f := range files {
		name := filepath.Join(a.kbDir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			return err
		}
		fmt.Fprintln(a.out, name)
	}
	return nil
}
