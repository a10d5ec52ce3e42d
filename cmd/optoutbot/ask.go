package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"optoutbot/bot"
	"optoutbot/index"
)

func newAsk(a *app) *cobra.Command {
	var asJSON, lines, explain bool
	cmd := &cobra.Command{
		Use:   "ask [QUESTION...]",
		Short: "Answer one question, or one a line with --jsonl",
		Example: `  optoutbot ask "can I still object?"
  optoutbot ask --explain does meta read my messenger chats
  echo '{"q": "is whatsapp used?"}' | optoutbot ask --jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case lines && (len(args) > 0 || asJSON || explain):
				return errors.New("--jsonl reads the questions from standard input; give no question and no other output flag")
			case !lines && len(args) == 0:
				return errors.New(`give a question, for example: optoutbot ask "can I still object?"`)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			b, _, ix, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = ix.Close() }() // nothing was written
			q := strings.Join(args, " ")
			switch {
			case lines:
				return a.askLines(cmd.Context(), b, ix)
			case asJSON:
				return json.NewEncoder(a.out).Encode(a.askOne(cmd.Context(), b, ix, question{Q: q, Lang: a.lang}))
			}
			r, err := b.Ask(cmd.Context(), bot.Question{Text: q, Lang: a.lang})
			newPrinter(a.out, a.getenv).reply(r)
			if explain && err == nil {
				err = a.explain(cmd.Context(), ix, q)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the outcome as one JSON object")
	cmd.Flags().BoolVar(&lines, "jsonl", false, `read {"q": …, "lang": …} a line from standard input, print a result a line`)
	cmd.Flags().BoolVar(&explain, "explain", false, "say which words and which question made the answer win")
	return cmd
}

// question is a line of ask --jsonl.
type question struct {
	Q    string `json:"q"`
	Lang string `json:"lang"`
}

// result is what ask prints for programs.
type result struct {
	Q        string        `json:"q"`
	Lang     string        `json:"lang"`
	Outcome  bot.Outcome   `json:"outcome"`
	Answers  []answerMatch `json:"answers"`
	Declined string        `json:"declined,omitempty"`
	Claim    string        `json:"claim,omitempty"`
	MS       float64       `json:"ms"`
}

type answerMatch struct {
	ID         string  `json:"id"`
	Confidence float64 `json:"confidence"`
}

// askOne decides on a question without composing the reply.
func (a *app) askOne(ctx context.Context, b *bot.Bot, ix *index.Index, q question) result {
	start := time.Now()
	found, err := finder{ix}.Find(ctx, q.Q, q.Lang)
	out := result{Q: q.Q, Lang: found.Lang, Outcome: bot.None, Answers: []answerMatch{}}
	if err == nil {
		d := b.Decide(found)
		out.Outcome, out.Declined, out.Claim = d.Outcome, d.Declined, d.Claim
		for _, m := range d.Answers {
			out.Answers = append(out.Answers, answerMatch{m.ID, math.Round(m.Confidence*1e4) / 1e4})
		}
	}
	out.MS = float64(time.Since(start).Microseconds()) / 1000
	return out
}

// maxLine bounds a line of ask --jsonl: 1 MiB. A longer one is a bad line.
const maxLine = 1 << 20

// askLines answers the questions on standard input, a line each, in order. A
// line that is no question gives an error in its place.
func (a *app) askLines(ctx context.Context, b *bot.Bot, ix *index.Index) error {
	in := bufio.NewReaderSize(a.in, 64<<10)
	out := bufio.NewWriter(a.out)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	bad := false
	for n := 1; ; n++ {
		line, long, err := readLine(in)
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		var one any
		var q question
		switch {
		case long:
			one, bad = lineError(n, fmt.Sprintf("it is longer than %d bytes", maxLine)), true
		case len(strings.TrimSpace(string(line))) == 0:
			one, bad = lineError(n, `it is empty; write {"q": "…"}`), true
		case decodeQuestion(line, &q) != nil:
			one, bad = lineError(n, `it is not an object like {"q": "…", "lang": "en"}`), true
		default:
			one = a.askOne(ctx, b, ix, q)
		}
		if err := enc.Encode(one); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		if in.Buffered() == 0 { // a program that waits for each answer gets it
			if err := out.Flush(); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if bad {
		return errSaid
	}
	return nil
}

func lineError(n int, what string) any {
	return map[string]string{"error": fmt.Sprintf("line %d: %s", n, what)}
}

func decodeQuestion(line []byte, q *question) error {
	var in struct {
		Q    *string `json:"q"`
		Lang string  `json:"lang"`
	}
	if err := json.Unmarshal(line, &in); err != nil {
		return err
	}
	if in.Q == nil {
		return errors.New("no q")
	}
	q.Q, q.Lang = *in.Q, in.Lang
	return nil
}

// readLine reads a line without its end. Of a line longer than maxLine the
// rest is passed over and long is true.
func readLine(r *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			long, line = true, nil
		} else if !long {
			line = append(line, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && (len(line) > 0 || long):
			return line, long, nil
		case err != nil:
			return nil, false, err
		}
		return line, long, nil
	}
}

// explain prints why the first entry won.
func (a *app) explain(ctx context.Context, ix *index.Index, q string) error {
	e, err := ix.Explain(ctx, q, a.lang)
	if err != nil {
		return err
	}
	if e.ID == "" {
		fmt.Fprintln(a.out, "\nNothing in the knowledge base shares a word with the question.")
		return nil
	}
	fmt.Fprintf(a.out, "\n%s came first with score %.2f", e.ID, e.Score)
	if e.Second != "" {
		fmt.Fprintf(a.out, ", %.2f before %s", e.Gap, e.Second)
	}
	fmt.Fprintf(a.out, ".\nThe most alike of its questions: %q\nWhat each word adds to the lead:\n", e.Nearest)
	for _, w := range e.Words {
		fmt.Fprintf(a.out, "  %+6.2f  %s\n", w.Weight, w.Word)
	}
	return nil
}
