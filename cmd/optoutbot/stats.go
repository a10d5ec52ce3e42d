package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"optoutbot/bot"
	"optoutbot/bot/store"
)

// smallest is the least count that is shown as a number: with fewer, somebody
// who knows a small group could guess who asked.
const smallest = 5

func newStats(a *app) *cobra.Command {
	var days int
	var asCSV, asJSON bool
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Show what was asked for, how often, and how it went",
		Long: `stats shows the counts of the store: questions by day, language and outcome, the
entries that were shown, and votes. Counts under 5 are shown as <5. --csv and
--json give a line for each day, platform, language, entry and kind of event.`,
		Example: "  optoutbot stats --days 7\n  optoutbot stats --csv > counts.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days < 1 || days > 3660 {
				return errors.New("--days is from 1 to 3660")
			}
			s, err := a.openStore(cmd)
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }() // nothing was written
			rows, err := s.Stats(cmd.Context(), time.Now().AddDate(0, 0, 1-days))
			if err != nil {
				return err
			}
			switch {
			case asCSV:
				return writeCSV(a.out, rows)
			case asJSON:
				return writeJSON(a.out, rows)
			}
			return writeTables(a.out, rows, days)
		},
	}
	a.addOptions(cmd.Flags())
	cmd.Flags().IntVar(&days, "days", 30, "how many days, today with them")
	cmd.Flags().BoolVar(&asCSV, "csv", false, "comma-separated values")
	cmd.Flags().BoolVar(&asJSON, "json", false, "a JSON object a line")
	cmd.MarkFlagsMutuallyExclusive("csv", "json")
	return cmd
}

// openStore opens the store of the settings.
func (a *app) openStore(cmd *cobra.Command) (*store.Store, error) {
	s, _, err := a.readSettings(cmd.Flags())
	if err != nil {
		return nil, err
	}
	cfg, ok := s.storeConfig()
	if !ok {
		return nil, errors.New("nothing is kept, since DATA is off")
	}
	return store.Open(context.WithoutCancel(cmd.Context()), cfg)
}

// few is a count as it is shown.
func few(n int64) string {
	if n > 0 && n < smallest {
		return "<" + strconv.Itoa(smallest)
	}
	return strconv.FormatInt(n, 10)
}

func writeCSV(w io.Writer, rows []store.Row) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"day", "platform", "language", "entry", "what", "count"}) // Error tells
	for _, r := range rows {
		_ = c.Write([]string{r.Day, r.Platform, r.Lang, r.Entry, string(r.What), few(r.N)})
	}
	c.Flush()
	return c.Error()
}

func writeJSON(w io.Writer, rows []store.Row) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, r := range rows {
		err := e.Encode(struct {
			Day      string   `json:"day"`
			Platform string   `json:"platform"`
			Language string   `json:"language"`
			Entry    string   `json:"entry"`
			What     bot.What `json:"what"`
			Count    string   `json:"count"`
		}{r.Day, r.Platform, r.Lang, r.Entry, r.What, few(r.N)})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeTables shows the counts to a person.
func writeTables(w io.Writer, rows []store.Row, days int) error {
	if len(rows) == 0 {
		fmt.Fprintf(w, "Nothing was counted in the last %d days.\n", days)
		return nil
	}
	question := func(r store.Row) bool {
		return r.What == bot.Answered || r.What == bot.Offered || r.What == bot.Unanswered
	}
	barChart(w, "Questions by day", rows, question, func(r store.Row) string { return r.Day }, false)
	barChart(w, "Outcome (answer, choose: topics were offered, none)", rows, question, func(r store.Row) string { return string(r.What) }, true)
	barChart(w, "Language", rows, question, func(r store.Row) string { return r.Lang }, true)
	barChart(w, "Platform", rows, question, func(r store.Row) string { return r.Platform }, true)
	barChart(w, "Answers shown", rows, func(r store.Row) bool { return r.Entry != "" && (r.What == bot.Answered || r.What == bot.Opened) },
		func(r store.Row) string { return r.Entry }, true)
	return votes(w, rows)
}

// barWidth is how wide the longest bar is.
const barWidth = 24

// barChart shows the sums of some rows by a key, in the order of the keys or the
// greatest first.
func barChart(w io.Writer, title string, rows []store.Row, use func(store.Row) bool, key func(store.Row) string, greatest bool) {
	sums := map[string]int64{}
	for _, r := range rows {
		if use(r) {
			sums[key(r)] += r.N
		}
	}
	keys, most := make([]string, 0, len(sums)), int64(1)
	for k, n := range sums {
		keys, most = append(keys, k), max(most, n)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if greatest && sums[a] != sums[b] {
			return cmp.Compare(sums[b], sums[a])
		}
		return cmp.Compare(a, b)
	})
	fmt.Fprintf(w, "%s\n", title)
	for _, k := range keys {
		fmt.Fprintf(w, "  %-22s %6s  %s\n", cmp.Or(k, "-"), few(sums[k]), strings.Repeat("█", barLength(sums[k], most)))
	}
	fmt.Fprintln(w)
}

// barLength hides small counts, too: they all have the same bar.
func barLength(n, most int64) int {
	return int(max(n, smallest) * barWidth / max(most, smallest))
}

// votes shows how each answer was voted on, those that helped least first.
func votes(w io.Writer, rows []store.Row) error {
	type vote struct{ yes, no int64 }
	all := map[string]vote{}
	for _, r := range rows {
		v := all[r.Entry]
		switch r.What {
		case bot.Helped:
			v.yes += r.N
		case bot.NotHelped:
			v.no += r.N
		default:
			continue
		}
		all[r.Entry] = v
	}
	if len(all) == 0 {
		return nil
	}
	keys := make([]string, 0, len(all))
	for k := range all {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(max(all[b].no, smallest), max(all[a].no, smallest)), cmp.Compare(a, b))
	})
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "Votes\thelpful\tnot helpful\t")
	for _, k := range keys {
		fmt.Fprintf(t, "%s\t%s\t%s\t\n", k, few(all[k].yes), few(all[k].no))
	}
	return t.Flush()
}
