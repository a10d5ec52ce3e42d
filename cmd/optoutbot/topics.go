package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"optoutbot/bot"
	"optoutbot/kb"
)

func newTopics(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "topics",
		Short:   "List all topics with their ids",
		Example: "  optoutbot topics",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			base, err := a.loadBase()
			if err != nil {
				return err
			}
			lang := base.Language(a.lang)
			if lang == nil {
				lang = base.Languages[0]
			}
			p := newPrinter(a.out, a.getenv)
			for _, s := range base.Sections {
				entries := base.InSection(s)
				if len(entries) == 0 {
					continue
				}
				fmt.Fprintln(a.out, p.style(styleHead, lang.Section[s]))
				for _, e := range entries {
					fmt.Fprintf(a.out, "  %-22s %s\n", e.ID, e.Texts[lang.Code].Title)
				}
			}
			return nil
		},
	}
}

func newShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show the answer with the id",
		Example: "  optoutbot show messenger",
		Args:    cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			base, err := a.loadBase()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return entryIDs(base), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			base, err := a.loadBase()
			if err != nil {
				return err
			}
			r, ok := bot.New(base, nil, now).Show(args[0], a.lang)
			if !ok {
				return fmt.Errorf("there is no topic %q; see: optoutbot topics", args[0])
			}
			newPrinter(a.out, a.getenv).reply(r)
			return nil
		},
	}
}

func entryIDs(base *kb.Base) []string {
	var out []string
	for _, e := range base.Entries {
		out = append(out, e.ID)
	}
	return out
}
