package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"optoutbot/kb"
)

// now is the clock of the program.
func now() time.Time { return time.Now() }

func newKB(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kb",
		Short: "Check, measure and extend the knowledge base",
	}
	cmd.AddCommand(newKBCheck(a), newKBEval(a), newKBNew(a), newKBNewLanguage(a), newKBSign(a))
	return cmd
}

func newKBCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "check",
		Short:   "List every fault as file:line: message; exit 1 if there is any",
		Example: "  optoutbot kb check\n  optoutbot kb check --kb kb/content",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			base, faults := kb.Load(a.content(), now())
			for _, f := range faults {
				f.File = filepath.Join(a.kbDir, f.File)
				fmt.Fprintln(a.out, f)
			}
			bad := len(faults.Errors())
			if bad > 0 {
				fmt.Fprintf(a.err, "%d faults, %d warnings\n", bad, len(faults)-bad)
				return errSaid
			}
			questions := 0
			for _, e := range base.Entries {
				for _, t := range e.Texts {
					questions += len(t.Questions)
				}
			}
			fmt.Fprintf(a.err, "no faults, %d warnings: %d entries, %d questions, %d links, %d sources, %d claims\n",
				len(faults), len(base.Entries), questions, len(base.Links), len(base.Sources), len(base.Claims))
			return nil
		},
	}
}

var validID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

func newKBNew(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "new ID",
		Short:   "Lay out the files of a new entry, with what to fill in",
		Example: "  optoutbot kb new my-topic --kb kb/content",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			id := args[0]
			if !validID.MatchString(id) {
				return fmt.Errorf("%q cannot be an id: use 1 to 32 of a–z, 0–9 and -", id)
			}
			if err := a.needFolder(); err != nil {
				return err
			}
			dir := filepath.Join(a.kbDir, "entries", id)
			if err := os.Mkdir(dir, 0o755); err != nil {
				return fmt.Errorf("new entry: %w", err)
			}
			today := now()
			fill := strings.NewReplacer("{today}", today.Format("2006-01-02"), "{review}", today.AddDate(0, 3, 0).Format("2006-01-02"))
			for name, text := range newEntry {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(fill.Replace(text)), 0o644); err != nil {
					return fmt.Errorf("new entry: %w", err)
				}
				fmt.Fprintln(a.out, filepath.Join(dir, name))
			}
			fmt.Fprintf(a.err, "Fill these in, then run: optoutbot kb check --kb %s\n", a.kbDir)
			return nil
		},
	}
}

// newEntry is what kb new writes. It is not accepted by kb check until it has
// been filled in.
var newEntry = map[string]string{
	"entry.yaml": `# Where the topic stands in the menu; see sections.yaml.
section: data
services: [facebook, instagram]
# Where the answer holds: EU, EEA, CH, UK, US or all.
regions: [EU, EEA, CH]
# Ids of links.yaml, the most useful first.
links: []
# Ids of sources.yaml, the best evidence first.
sources: []
# Ids of other entries that a reader wants next.
related: []
checked: {today}
review_by: {review}
`,
	"en.md": `---
title:
---
The short answer, at most 300 characters: it is all that some people read.

Then the detail, in short paragraphs or lists. Say who says what.
`,
	"en.txt": `# How people ask it, a question a line; 100 and more, in many different words.
`,
}
