package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"optoutbot/bot"
	"optoutbot/bot/store"
)

func newGaps(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "gaps",
		Short: "Show questions that found nothing, if their words are kept",
		Long: `gaps shows the words of questions that found nothing, like ones together, the most
frequent first, each with the entry that comes nearest and a line to paste into
that entry's questions. A dot stands for what was left out: names, numbers,
links, and every word that the knowledge base does not use itself.

Nothing is kept unless the operator sets KEEP_UNANSWERED, for example to 30d.`,
		Example: "  optoutbot gaps\n  KEEP_UNANSWERED=30d optoutbot serve",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.openStore(cmd)
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }() // nothing was written
			all, err := s.Gaps(cmd.Context())
			if err != nil {
				return err
			}
			groups := groupGaps(all)
			if len(groups) == 0 {
				set, _, _ := a.readSettings(cmd.Flags()) // it was read without fault
				if set.Keep == 0 {
					return errors.New("no words of unanswered questions are kept; set KEEP_UNANSWERED, for example to 30d, and /privacy will say so")
				}
				fmt.Fprintln(a.out, "Every question has found something.")
				return nil
			}
			_, ix, err := a.openIndex(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = ix.Close() }() // nothing was written
			return writeGaps(cmd.Context(), a.out, groups, finder{ix})
		},
	}
	a.addOptions(cmd.Flags())
	return cmd
}

// gapGroup holds questions that are alike.
type gapGroup struct {
	lang  string
	n     int64
	words []string // the most frequent first
	set   map[string]bool
}

// alike is how much of their words two questions share to be in one group.
const alike = 0.5

// groupGaps puts questions to the first group whose first question is alike.
// The most frequent ones come first, so they make the groups.
func groupGaps(all []store.Gap) []*gapGroup {
	var groups []*gapGroup
	for _, g := range all {
		set := map[string]bool{}
		for w := range strings.FieldsSeq(g.Words) {
			if w != "·" {
				set[w] = true
			}
		}
		i := slices.IndexFunc(groups, func(o *gapGroup) bool { return o.lang == g.Lang && shared(o.set, set) >= alike })
		if i < 0 {
			groups = append(groups, &gapGroup{lang: g.Lang, set: set})
			i = len(groups) - 1
		}
		groups[i].n += g.N
		groups[i].words = append(groups[i].words, g.Words)
	}
	slices.SortStableFunc(groups, func(a, b *gapGroup) int { return int(b.n - a.n) })
	return groups
}

// shared is Jaccard's index: the shared part of all words of two sets.
func shared(a, b map[string]bool) float64 {
	both := 0
	for w := range a {
		if b[w] {
			both++
		}
	}
	if both == 0 {
		return 0
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

// shownWordings is how many wordings of a group are shown.
const shownWordings = 4

func writeGaps(ctx context.Context, w io.Writer, groups []*gapGroup, f bot.Finder) error {
	for _, g := range groups {
		line := strings.Join(strings.Fields(strings.ReplaceAll(g.words[0], "·", "")), " ")
		found, err := f.Find(ctx, line, g.lang)
		if err != nil {
			return fmt.Errorf("find: %w", err)
		}
		fmt.Fprintf(w, "%s × (%s)\n", few(g.n), g.lang)
		for _, words := range g.words[:min(shownWordings, len(g.words))] {
			fmt.Fprintf(w, "    %s\n", words)
		}
		if len(found.Matches) > 0 {
			m := found.Matches[0]
			fmt.Fprintf(w, "  nearest: %s (%.0f %%); if that answers it, add to entries/%s/%s.txt:\n    %s\n", m.ID, 100*m.Confidence, m.ID, g.lang, line)
		}
		fmt.Fprintf(w, "  if nothing does: optoutbot kb new my-topic, and in its %s.md\n    title: %s\n\n", g.lang, line)
	}
	return nil
}
