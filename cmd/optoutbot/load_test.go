package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"optoutbot/bot/discord/dctest"
	"optoutbot/bot/telegram/tgtest"
)

// The size of the load run.
const (
	loadChats  = 2000
	loadKills  = 10
	loadSwaps  = 5
	loadPerSec = 100 // questions, half by Telegram and half by Discord: an index is built beside in time
	storeAway  = 10 * time.Second
)

// TestLoad asks two replicas of the real program behind a real nginx, with a real
// PostgreSQL, by Telegram's webhook and Discord's interactions, while replicas are
// killed, the database goes and comes, and the content is exchanged. In CI it is
// a small run; OPTOUTBOT_LOAD says how many questions:
//
//	OPTOUTBOT_LOAD=20000 go test -run TestLoad -v -timeout 30m ./cmd/optoutbot
//
// Every question must be answered. A repeated answer is counted, and is a fault
// unless a replica was killed, or the store was away, when it may happen.
func TestLoad(t *testing.T) {
	n, kills, swaps := 800, 2, 1
	if v, err := strconv.Atoi(os.Getenv("OPTOUTBOT_LOAD")); err == nil {
		n, kills, swaps = v, loadKills, loadSwaps
	}
	site := newSite(t)
	r := newLoadRun(t, site, n)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute+time.Duration(n)*20*time.Millisecond)
	defer cancel()
	var events []event
	for i := range kills {
		events = append(events, event{(i + 1) * n / (kills + 1), func() { site.kill(i % len(site.replicas)) }})
	}
	for i := range swaps {
		events = append(events, event{(2*i + 1) * n / (2 * swaps), func() {
			before := site.change(fmt.Sprintf("what is the reason number %d", i+1))
			if i%2 == 0 { // else a kill comes in between
				site.awaitContent(before)
			}
		}})
	}
	events = append(events, event{n / 2, site.loseStore})
	slices.SortStableFunc(events, func(a, b event) int { return a.at - b.at })
	begin := time.Now()
	r.ask(ctx, events)
	r.report(t, time.Since(begin))
	site.stop()
}

// event is something that happens when so many questions have been asked.
type event struct {
	at int
	do func()
}

// loadRun asks, and takes down what comes back.
type loadRun struct {
	site *site
	n    int

	mu       sync.Mutex
	asked    map[string]time.Time // by chat: when
	answers  map[string][]answer  // by chat
	late     []time.Duration      // from asking to the answer, of Telegram
	quick    []time.Duration      // the same of Discord
	again    int                  // interactions that were asked once more, since no replica answered
	answered chan struct{}        // gets something with an answer
}

// answer is an answer of a replica in a life.
type answer struct {
	life string
	at   time.Time
}

func newLoadRun(t *testing.T, s *site, n int) *loadRun {
	t.Helper()
	r := &loadRun{site: s, n: n, asked: map[string]time.Time{}, answers: map[string][]answer{}, answered: make(chan struct{}, 1)}
	s.telegram.OnCall = func(c tgtest.Call) {
		if c.Method == "sendMessage" {
			r.took(fmt.Sprintf("t%d/%d", c.Int("chat_id"), placeOf(c.Visible())), c.Before)
		}
	}
	return r
}

// placeOf is the number that a person's question has in its chat, by the entry
// that answers it: people of a chat ask for different ones.
func placeOf(answer string) int {
	place, first := -1, len(answer)
	for i, title := range loadTitles {
		if at := strings.Index(answer, title); at >= 0 && at < first { // titles of related topics follow
			place, first = i, at
		}
	}
	return place
}

// took takes an answer down.
func (r *loadRun) took(key, life string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if at, ok := r.asked[key]; ok && len(r.answers[key]) == 0 {
		r.late = append(r.late, now.Sub(at))
	}
	r.answers[key] = append(r.answers[key], answer{life, now})
	select {
	case r.answered <- struct{}{}:
	default:
	}
}

// ask asks all questions at a steady rate, lets the events happen, and waits for
// the last answer.
func (r *loadRun) ask(ctx context.Context, events []event) {
	tick := time.NewTicker(time.Second / loadPerSec)
	defer tick.Stop()
	var hands sync.WaitGroup
	room := make(chan struct{}, 128)
	due := make(chan func(), len(events))
	happened := make(chan struct{})
	go func() { // one after the other: the site is never without a replica
		defer close(happened)
		for do := range due {
			do()
		}
	}()
	for i := range r.n {
		for len(events) > 0 && events[0].at <= i {
			due <- events[0].do
			events = events[1:]
		}
		<-tick.C
		if i%2 == 0 {
			r.byTelegram(i / 2)
			continue
		}
		room <- struct{}{}
		hands.Go(func() {
			defer func() { <-room }()
			r.byDiscord(ctx, i/2)
		})
	}
	hands.Wait()
	close(due)
	<-happened
	for r.missing() > 0 && ctx.Err() == nil {
		select {
		case <-r.answered:
		case <-ctx.Done():
		}
	}
}

func (r *loadRun) byTelegram(i int) {
	chat, k := int64(1000+i%loadChats), i/loadChats%len(loadTitles)
	key := fmt.Sprintf("t%d/%d", chat, k)
	r.mu.Lock()
	r.asked[key] = time.Now()
	r.mu.Unlock()
	r.site.telegram.Deliver(tgtest.Private(chat, int64(i), "/start "+loadEntries[k]))
}

// byDiscord asks by an interaction, and again when no replica answers, as a
// person would.
func (r *loadRun) byDiscord(ctx context.Context, i int) {
	patience := time.NewTicker(100 * time.Millisecond)
	defer patience.Stop()
	for ctx.Err() == nil {
		begin := time.Now()
		c, err := r.site.endpoint.Interact(ctx, dctest.Slash(fmt.Sprint(5000+i%loadChats), "ask", "question", loadQuestions[i%len(loadQuestions)]))
		r.mu.Lock()
		if err == nil && c.Visible() != "" {
			r.quick = append(r.quick, time.Since(begin))
			r.mu.Unlock()
			return
		}
		r.again++
		r.mu.Unlock()
		<-patience.C
	}
}

// missing is how many questions have no answer.
func (r *loadRun) missing() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for key := range r.asked {
		if len(r.answers[key]) == 0 {
			n++
		}
	}
	return n
}

// report prints what became of the questions.
func (r *loadRun) report(t *testing.T, took time.Duration) {
	t.Helper()
	missing := r.missing()
	r.mu.Lock()
	defer r.mu.Unlock()
	killed, away, unexplained := 0, 0, 0
	for key, all := range r.answers {
		for i, a := range all[1:] {
			switch {
			case r.site.wasKilled(all[i].life) || r.site.wasKilled(a.life):
				killed++
			case r.site.storeWasAway(all[i].at, a.at):
				away++
			default:
				unexplained++
				t.Logf("twice: %s %v", key, all)
			}
		}
	}
	t.Logf("%d questions from %d chats on each platform in %v (%d a second asked)", r.n, loadChats, took.Round(time.Second), loadPerSec)
	t.Logf("Telegram: %d asked, %d without an answer; from delivery to answer p50 %v, p99 %v", len(r.asked), missing, percentile(r.late, 50), percentile(r.late, 99))
	t.Logf("Discord: %d answered, %d asked again since a replica was gone; p50 %v, p99 %v", len(r.quick), r.again, percentile(r.quick, 50), percentile(r.quick, 99))
	t.Logf("answered twice: %d since a replica was killed, %d since the store was away, %d without a reason", killed, away, unexplained)
	t.Logf("%d SIGKILLs, %d contents taken while answering; most memory of a replica %d MB", r.site.kills(), r.site.taken(), r.site.memory()>>20)
	if missing > 0 || unexplained > 0 || len(r.site.telegram.Wrong()) > 0 || len(r.site.discord.Wrong()) > 0 {
		t.Errorf("wrong requests: %v %v", r.site.telegram.Wrong(), r.site.discord.Wrong())
	}
}

// percentile is that of the nearest rank, to a tenth of a millisecond.
func percentile(d []time.Duration, p float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	d = slices.Clone(d)
	slices.Sort(d)
	return d[int(math.Ceil(float64(len(d))*p/100))-1].Round(100 * time.Microsecond)
}

// TestSoak asks the golden questions of all languages at a steady rate for a long
// time and looks whether memory, goroutines and open files stay. It runs when
// OPTOUTBOT_SOAK says for how long:
//
//	OPTOUTBOT_SOAK=30m go test -run TestSoak -v -timeout 60m ./cmd/optoutbot
func TestSoak(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("OPTOUTBOT_SOAK"))
	if err != nil {
		t.Skip("OPTOUTBOT_SOAK is not set to a time such as 30m; deploy/soak.sh does")
	}
	const perSecond = 500
	var questions []string
	for _, list := range mustEmbedded().Golden {
		for _, g := range list {
			questions = append(questions, g.Question)
		}
	}
	s := newSite(t)
	s.telegram.OnCall = func(tgtest.Call) {}
	tick, look := time.NewTicker(time.Second/50), time.NewTicker(max(long/60, time.Second))
	defer tick.Stop()
	defer look.Stop()
	end := time.After(long)
	var samples []sample
	for i := 0; ; {
		select {
		case <-end:
			fifth := len(samples) / 5
			first, last := mean(samples[fifth:2*fifth]), mean(samples[4*fifth:])
			t.Logf("both replicas, mean of the second fifth: %v; of the last: %v", first, last)
			if last.memory > first.memory*6/5 || last.goroutines > first.goroutines*6/5+50 || last.files > first.files*6/5+20 {
				t.Error("something grows")
			}
			s.stop()
			t.Logf("%d updates; most memory of a replica %d MB", i, s.memory()>>20)
			return
		case <-tick.C:
			for range perSecond / 50 {
				i++
				s.telegram.Deliver(tgtest.Private(int64(1000+i%loadChats), int64(i), questions[i%len(questions)]))
			}
		case <-look.C:
			samples = append(samples, s.look())
			t.Logf("%d updates, %d wait: %v", i, s.telegram.Waiting(), samples[len(samples)-1])
		}
	}
}

// sample is what the replicas use together.
type sample struct{ memory, goroutines, files int64 }

func mean(list []sample) (m sample) {
	for _, s := range list {
		m.memory, m.goroutines, m.files = m.memory+s.memory, m.goroutines+s.goroutines, m.files+s.files
	}
	n := int64(max(len(list), 1))
	return sample{m.memory / n, m.goroutines / n, m.files / n}
}

func (s sample) String() string {
	return fmt.Sprintf("%d MB, %d goroutines, %d files", s.memory>>20, s.goroutines, s.files)
}

// loadEntries are what is asked for, with the titles of their answers.
var loadEntries, loadTitles, loadQuestions = func() (entries, titles, questions []string) {
	base := mustEmbedded()
	for _, e := range base.Entries {
		if e.Kind == "answer" && len(entries) < 12 {
			entries = append(entries, e.ID)
			titles = append(titles, e.Texts["en"].Title)
			questions = append(questions, e.Texts["en"].Questions[:3]...)
		}
	}
	return entries, titles, questions
}()
