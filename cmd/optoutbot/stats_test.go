package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"optoutbot/bot"
	"optoutbot/bot/store"
)

// filled is a store in a folder with some counts and some gaps.
func filled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Where: dir})
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range map[bot.What]int{bot.Answered: 12, bot.Offered: 7, bot.Unanswered: 3, bot.Opened: 6, bot.Helped: 9, bot.NotHelped: 2} {
		for range n {
			s.Count(bot.Event{Platform: "telegram", Lang: "en", Entry: "messenger", What: what})
		}
	}
	for words, n := range map[string]int{"is the moon public": 3, "is the moon · public now": 2, "one two": 4} {
		for range n {
			if err := s.KeepUnanswered(t.Context(), "en", words); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func runFor(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out output
	err := run(t.Context(), args, streams{nil, &out, &out}, env(nil))
	return out.String(), err
}

func TestStats(t *testing.T) {
	dir, today := filled(t), time.Now().UTC().Format("2006-01-02")
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"Questions by day\n  " + today, "22  ████", "none                       <5  ", "messenger                  18  ", "messenger        9           <5"}},
		{[]string{"--csv"}, []string{"day,platform,language,entry,what,count\n", today + ",telegram,en,messenger,answer,12\n", ",none,<5\n"}},
		{[]string{"--json"}, []string{`{"day":"` + today + `","platform":"telegram","language":"en","entry":"messenger","what":"not_helpful","count":"<5"}`}},
	} {
		text, err := runFor(t, append([]string{"stats", "--data", dir}, c.args...)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%v: %q is not in\n%s", c.args, want, text)
			}
		}
	}
	if _, err := runFor(t, "stats", "--data", "off"); err == nil || !strings.Contains(err.Error(), "DATA is off") {
		t.Errorf("with nothing kept: got %v", err)
	}
	if text, err := runFor(t, "stats", "--data", t.TempDir()); err != nil || !strings.Contains(text, "Nothing was counted") {
		t.Errorf("an empty store: got %q, %v", text, err)
	}
}

func TestSmallCountsAreHidden(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 1: "<5", 4: "<5", 5: "5", 1234: "1234"} {
		if got := few(n); got != want {
			t.Errorf("%d is shown as %s, want %s", n, got, want)
		}
	}
	if barLength(1, 100) != barLength(4, 100) {
		t.Error("the bars tell small counts apart")
	}
}

func TestGaps(t *testing.T) {
	text, err := runFor(t, "gaps", "--data", filled(t), "--cache", cacheForTests(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"5 × (en)\n    is the moon public\n    is the moon · public now\n", "entries/", "title: is the moon public", "<5 × (en)\n    one two"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if _, err := runFor(t, "gaps", "--data", t.TempDir()); err == nil || !strings.Contains(err.Error(), "KEEP_UNANSWERED") {
		t.Errorf("with nothing kept: got %v", fmt.Sprint(err))
	}
}
