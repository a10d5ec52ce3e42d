package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"optoutbot/bot"
	"optoutbot/index"
	"optoutbot/kb"
)

// What became of a golden question.
const (
	wasRight   = "right"   // the answer was one that serves the person
	wasOffered = "offered" // such a one was among the choices
	wasWrong   = "wrong"   // another answer was given
	wasMissed  = "missed"  // the choices had none that serves
	wasSilent  = "silent"  // nothing was found
	wasQuiet   = "quiet"   // nothing was found, and rightly so
	wasLoud    = "loud"    // a question out of scope was answered
	wasAsked   = "asked"   // a question out of scope got a choice
)

// judged is a golden question with what became of it.
type judged struct {
	Q    string   `json:"q"`
	Lang string   `json:"lang"`
	Was  string   `json:"was"`
	IDs  []string `json:"ids"` // what was shown
}

func newKBEval(a *app) *cobra.Command {
	var baseline, save, golden string
	var limits bars
	var verbose, dev bool
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Try the golden questions: right, offered, wrong, silent",
		Long: `eval asks every golden question and says what became of it. Right: an answer that
serves the person. Offered: such an answer is among the two or three choices.
Wrong: another answer. Missed: a choice without it. Silent: nothing. Questions out of scope
should be met with silence (quiet).`,
		Example: `  optoutbot kb eval
  optoutbot kb eval --save /tmp/before.jsonl
  optoutbot kb eval --baseline /tmp/before.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, base, ix, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = ix.Close() }() // nothing was written
			questions := base.Golden
			if dev {
				questions = base.Dev
			}
			if golden != "" {
				if questions, err = readGolden(golden, a.lang); err != nil {
					return err
				}
			}
			all, err := a.judge(cmd.Context(), b, ix, base, questions)
			if err != nil {
				return err
			}
			failed := a.table(base, questions, all, limits)
			if verbose {
				a.listMisses(all)
			}
			if baseline != "" {
				if err := a.compare(baseline, all); err != nil {
					return err
				}
			}
			if save != "" {
				if err := saveJudged(save, all); err != nil {
					return err
				}
			}
			if failed {
				return errSaid
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&baseline, "baseline", "", "file of an earlier --save: show which questions moved")
	f.StringVar(&save, "save", "", "write what became of each question to this file")
	f.StringVar(&golden, "golden", "", "file of golden questions to use instead of the knowledge base's own")
	f.BoolVar(&dev, "dev", false, "try the questions on which settings are chosen, instead of those that are reported")
	f.BoolVarP(&verbose, "verbose", "v", false, "list the questions that went wrong")
	f.Float64Var(&limits.right, "min-right", 0, "fail when fewer percent are right")
	f.Float64Var(&limits.offered, "min-offered", 0, "fail when fewer percent are right or offered")
	f.Float64Var(&limits.wrong, "max-wrong", 100, "fail when more percent are wrong")
	f.Float64Var(&limits.quiet, "min-quiet", 0, "fail when fewer percent out of scope are met with silence")
	return cmd
}

// bars are the limits that fail the command, in percent.
type bars struct{ right, offered, wrong, quiet float64 }

func (a *app) judge(ctx context.Context, b *bot.Bot, ix *index.Index, base *kb.Base, questions map[string][]kb.Golden) ([]judged, error) {
	var all []judged
	for _, lang := range base.Languages {
		if a.lang != "" && a.lang != lang.Code {
			continue
		}
		for _, g := range questions[lang.Code] {
			found, err := finder{ix}.Find(ctx, g.Question, lang.Code)
			if err != nil {
				return nil, err
			}
			d := b.Decide(found)
			one := judged{Q: g.Question, Lang: lang.Code, Was: verdict(g, d)}
			for _, m := range d.Answers {
				one.IDs = append(one.IDs, m.ID)
			}
			if d.Outcome == bot.Answer {
				one.IDs = one.IDs[:1]
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// verdict says what became of a golden question.
func verdict(g kb.Golden, d bot.Decision) string {
	serves := func(m bot.Match) bool { return slices.Contains(g.IDs, m.ID) }
	if len(g.IDs) == 0 {
		switch d.Outcome {
		case bot.Answer:
			return wasLoud
		case bot.Choose:
			return wasAsked
		}
		return wasQuiet
	}
	switch {
	case d.Outcome == bot.Answer && serves(d.Answers[0]):
		return wasRight
	case d.Outcome == bot.Answer:
		return wasWrong
	case d.Outcome == bot.Choose && slices.ContainsFunc(d.Answers, serves):
		return wasOffered
	case d.Outcome == bot.Choose:
		return wasMissed
	}
	return wasSilent
}

// table prints the shares per language and reports whether one breaks a bar.
func (a *app) table(base *kb.Base, questions map[string][]kb.Golden, all []judged, limits bars) bool {
	fmt.Fprintln(a.out, "lang  in scope  right  right+offered  wrong  missed  silent | out of scope  quiet  asked  answered")
	failed := false
	for _, lang := range base.Languages {
		if len(questions[lang.Code]) == 0 || a.lang != "" && a.lang != lang.Code {
			continue
		}
		n := map[string]int{}
		for _, j := range all {
			if j.Lang == lang.Code {
				n[j.Was]++
			}
		}
		in := n[wasRight] + n[wasOffered] + n[wasWrong] + n[wasMissed] + n[wasSilent]
		out := n[wasQuiet] + n[wasAsked] + n[wasLoud]
		pc := func(x, of int) float64 { return 100 * float64(x) / float64(max(of, 1)) }
		right, offered := pc(n[wasRight], in), pc(n[wasRight]+n[wasOffered], in)
		wrong, quiet := pc(n[wasWrong], in), pc(n[wasQuiet], out)
		fmt.Fprintf(a.out, "%-4s  %8d  %5.1f  %13.1f  %5.1f  %6.1f  %6.1f | %12d  %5.1f  %5.1f  %8.1f\n", lang.Code, in,
			right, offered, wrong, pc(n[wasMissed], in), pc(n[wasSilent], in), out, quiet, pc(n[wasAsked], out), pc(n[wasLoud], out))
		if right < limits.right || offered < limits.offered || wrong > limits.wrong || out > 0 && quiet < limits.quiet {
			fmt.Fprintf(a.out, "%s breaks a bar: right ≥ %.1f, right+offered ≥ %.1f, wrong ≤ %.1f, quiet ≥ %.1f\n",
				lang.Code, limits.right, limits.offered, limits.wrong, limits.quiet)
			failed = true
		}
	}
	return failed
}

func (a *app) listMisses(all []judged) {
	for _, j := range all {
		if j.Was != wasRight && j.Was != wasOffered && j.Was != wasQuiet {
			fmt.Fprintf(a.out, "%-7s %q → %s\n", j.Was, j.Q, strings.Join(j.IDs, ", "))
		}
	}
}

// compare prints the questions whose fate differs from an earlier run's.
func (a *app) compare(name string, all []judged) error {
	before := map[string]judged{}
	err := readJSONL(name, func(line []byte) error {
		var j judged
		if err := json.Unmarshal(line, &j); err != nil {
			return err
		}
		before[j.Lang+" "+j.Q] = j
		return nil
	})
	if err != nil {
		return err
	}
	moved := 0
	for _, j := range all {
		old, ok := before[j.Lang+" "+j.Q]
		if !ok || old.Was == j.Was && slices.Equal(old.IDs, j.IDs) {
			continue
		}
		moved++
		fmt.Fprintf(a.out, "%q: %s %s → %s %s\n", j.Q, old.Was, strings.Join(old.IDs, ", "), j.Was, strings.Join(j.IDs, ", "))
	}
	fmt.Fprintf(a.out, "%d of %d questions moved\n", moved, len(all))
	return nil
}

func saveJudged(name string, all []judged) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	for _, j := range all {
		if err := enc.Encode(j); err != nil {
			_ = f.Close() // the first error says more
			return err
		}
	}
	return f.Close()
}

func readGolden(name, lang string) (map[string][]kb.Golden, error) {
	if lang == "" {
		lang = kb.English
	}
	out := map[string][]kb.Golden{}
	err := readJSONL(name, func(line []byte) error {
		var g kb.Golden
		err := json.Unmarshal(line, &g)
		out[lang] = append(out[lang], g)
		return err
	})
	return out, err
}

// readJSONL gives the lines of a file that are not empty.
func readJSONL(name string, each func([]byte) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	r := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, long, err := readLine(r)
		switch {
		case err != nil:
			return nil
		case long:
			return fmt.Errorf("%s:%d: the line is longer than %d bytes", name, n, maxLine)
		case len(strings.TrimSpace(string(line))) == 0:
			continue
		}
		if err := each(line); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
}
