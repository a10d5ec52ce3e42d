package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"optoutbot/index"
)

// report is what eval prints.
type report struct {
	index.Scores
	PeakRSSMB float64     `json:"peak_rss_mb"`
	Train     int         `json:"train"`
	Test      int         `json:"test"`
	Bleve     bleveReport `json:"bleve"`
}

// bleveReport is bleve alone on the same data, in the better of two analyses.
type bleveReport struct {
	Analysis string `json:"analysis"` // words as they are, or stemmed
	index.Scores
}

func newEval(a *app) *cobra.Command {
	var train, test, predictions string
	cmd := &cobra.Command{
		Use:   "eval --train TRAIN.jsonl --test TEST.jsonl",
		Short: "Build the engine from labelled texts and try it on others",
		Long: `eval builds the search engine from any labelled texts, {"text", "label"[, "lang"]} a
line, and tries it on others, beside bleve alone. The label oos in the test means: should find
nothing. It prints one JSON object.`,
		Example: "  optoutbot eval --train train.jsonl --test val.jsonl --predictions out.jsonl",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := readLabelled(train)
			if err != nil {
				return err
			}
			on, err := readLabelled(test)
			if err != nil {
				return err
			}
			bar := a.progress("Training and trying")
			bar(0, 3)
			r := report{Train: len(from), Test: len(on)}
			var out []index.Prediction
			if r.Scores, out, err = index.TryRanker(cmd.Context(), from, on); err != nil {
				return err
			}
			r.PeakRSSMB = peakRSS()
			bar(1, 3)
			for i, name := range []string{"words", "stemmed"} {
				s, err := index.TryBleve(cmd.Context(), from, on, i == 1)
				if err != nil {
					return err
				}
				if i == 0 || s.Accuracy > r.Bleve.Accuracy {
					r.Bleve = bleveReport{name, s}
				}
				bar(i+2, 3)
			}
			if predictions != "" {
				if err := savePredictions(predictions, out); err != nil {
					return err
				}
			}
			enc := json.NewEncoder(a.out)
			enc.SetIndent("", "  ")
			return enc.Encode(r)
		},
	}
	cmd.Flags().StringVar(&train, "train", "", "labelled texts to learn from (required)")
	cmd.Flags().StringVar(&test, "test", "", "labelled texts to be tried on (required)")
	cmd.Flags().StringVar(&predictions, "predictions", "", "write what was predicted to this file, a line each")
	_ = cmd.MarkFlagRequired("train") // the flag is defined above
	_ = cmd.MarkFlagRequired("test")
	return cmd
}

func readLabelled(name string) ([]index.Labelled, error) {
	var out []index.Labelled
	err := readJSONL(name, func(line []byte) error {
		var x index.Labelled
		if err := json.Unmarshal(line, &x); err != nil {
			return err
		}
		if x.Label == "" {
			return fmt.Errorf(`the line has no label; write {"text": "…", "label": "…"}`)
		}
		out = append(out, x)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: there are no texts in it", name)
	}
	return out, err
}

func savePredictions(name string, all []index.Prediction) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	for _, p := range all {
		p.Confidence = math.Round(p.Confidence*1e6) / 1e6
		if err := enc.Encode(p); err != nil {
			_ = f.Close() // the first error says more
			return err
		}
	}
	return f.Close()
}

// peakRSS is the most memory that the process has had, in MiB; where the
// system does not say so, what the Go runtime has taken.
func peakRSS() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for line := range strings.Lines(string(status)) {
			if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
				return math.Round(kb/1024*10) / 10
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return math.Round(float64(m.Sys)/(1<<20)*10) / 10
}
