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
	IDs  []string `json:"ids"`            // what was shown
	As   string   `json:"as"`             // the language that it was taken for
	Bare bool     `json:"bare,omitempty"` // asked without accents

	same bool // it has no accents
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
should be met with silence (quiet). Language: in scope, taken for the
right one with no hint. A second row
shows the same questions without their accents.`,
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
			failed := a.table(base, all, limits)
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
	f.Float64Var(&limits.language, "min-language", 0, "fail when fewer percent are taken for the right language")
	f.Float64Var(&limits.quiet, "min-quiet", 0, "fail when fewer percent out of scope are met with silence")
	return cmd
}

// bars are the limits that fail the command, in percent.
type bars struct{ right, offered, wrong, quiet, language float64 }

// judge asks the golden questions as they are, without a hint of the language,
// and once more without accents where that makes a difference.
func (a *app) judge(ctx context.Context, b *bot.Bot, ix *index.Index, base *kb.Base, questions map[string][]kb.Golden) ([]judged, error) {
	var all []judged
	for _, lang := range base.Languages {
		if a.lang != "" && a.lang != lang.Code {
			continue
		}
		for _, g := range questions[lang.Code] {
			one, err := judgeOne(ctx, b, ix, g, lang.Code)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
			if g.Question = index.WithoutAccents(g.Question); g.Question == one.Q {
				all[len(all)-1].same = true
				continue
			}
			if one, err = judgeOne(ctx, b, ix, g, lang.Code); err != nil {
				return nil, err
			}
			one.Bare = true
			all = append(all, one)
		}
	}
	return all, nil
}

func judgeOne(ctx context.Context, b *bot.Bot, ix *index.Index, g kb.Golden, lang string) (judged, error) {
	found, err := finder{ix}.Find(ctx, g.Question, "")
	if err != nil {
		return judged{}, err
	}
	d := b.Decide(found)
	one := judged{Q: g.Question, Lang: lang, Was: verdict(g, d), As: found.Lang}
	for _, m := range d.Answers {
		one.IDs = append(one.IDs, m.ID)
	}
	if d.Outcome == bot.Answer {
		one.IDs = one.IDs[:1]
	}
	return one, nil
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

// table prints the shares per language, in a second row without accents, and
// reports whether one breaks a bar.
func (a *app) table(base *kb.Base, all []judged, limits bars) bool {
	fmt.Fprintln(a.out, "lang     in scope  right  right+offered  wrong  missed  silent | out of scope  quiet  asked  answered | language")
	failed := false
	for _, lang := range base.Languages {
		var typed, bare shares
		for _, j := range all {
			if j.Lang != lang.Code {
				continue
			}
			if !j.Bare {
				typed.add(j)
			}
			if j.Bare || j.same {
				bare.add(j)
			}
		}
		if typed.n == nil {
			continue
		}
		fmt.Fprintln(a.out, typed.row(lang.Code))
		if typed.accents() {
			fmt.Fprintln(a.out, bare.row(lang.Code+" bare"))
		}
		if typed.breaks(limits) {
			fmt.Fprintf(a.out, "%s breaks a bar: right ≥ %.1f, right+offered ≥ %.1f, wrong ≤ %.1f, quiet ≥ %.1f, language ≥ %.1f\n",
				lang.Code, limits.right, limits.offered, limits.wrong, limits.quiet, limits.language)
			failed = true
		}
	}
	return failed
}

// inScope reports whether an answer serves the question.
func (j *judged) inScope() bool { return j.Was != wasQuiet && j.Was != wasAsked && j.Was != wasLoud }

// shares counts what became of questions.
type shares struct {
	n               map[string]int
	language, asked int // in scope: taken for the right language; all
	same, all       int // without an accent; all
}

func (s *shares) add(j judged) {
	if s.n == nil {
		s.n = map[string]int{}
	}
	s.n[j.Was]++
	s.all++
	if j.inScope() {
		s.asked++
		if j.As == j.Lang {
			s.language++
		}
	}
	if j.same {
		s.same++
	}
}

// accents reports whether enough questions have accents for a row without.
func (s *shares) accents() bool { return 10*(s.all-s.same) > s.all }

func (s *shares) inScope() int {
	return s.n[wasRight] + s.n[wasOffered] + s.n[wasWrong] + s.n[wasMissed] + s.n[wasSilent]
}
func (s *shares) outOfScope() int { return s.n[wasQuiet] + s.n[wasAsked] + s.n[wasLoud] }

func percent(x, of int) float64 { return 100 * float64(x) / float64(max(of, 1)) }

func (s *shares) row(name string) string {
	in, out := s.inScope(), s.outOfScope()
	return fmt.Sprintf("%-7s  %8d  %5.1f  %13.1f  %5.1f  %6.1f  %6.1f | %12d  %5.1f  %5.1f  %8.1f | %8.1f", name, in,
		percent(s.n[wasRight], in), percent(s.n[wasRight]+s.n[wasOffered], in), percent(s.n[wasWrong], in), percent(s.n[wasMissed], in),
		percent(s.n[wasSilent], in), out, percent(s.n[wasQuiet], out), percent(s.n[wasAsked], out), percent(s.n[wasLoud], out), percent(s.language, s.asked))
}

func (s *shares) breaks(b bars) bool {
	in, out := s.inScope(), s.outOfScope()
	return percent(s.n[wasRight], in) < b.right || percent(s.n[wasRight]+s.n[wasOffered], in) < b.offered ||
		percent(s.n[wasWrong], in) > b.wrong || out > 0 && percent(s.n[wasQuiet], out) < b.quiet || percent(s.language, s.asked) < b.language
}

func (a *app) listMisses(all []judged) {
	for _, j := range all {
		if j.Was != wasRight && j.Was != wasOffered && j.Was != wasQuiet {
			fmt.Fprintf(a.out, "%-7s %q → %s\n", j.Was, j.Q, strings.Join(j.IDs, ", "))
		}
		if j.As != j.Lang {
			fmt.Fprintf(a.out, "%-7s %q, which is %s\n", "as "+j.As, j.Q, j.Lang)
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
