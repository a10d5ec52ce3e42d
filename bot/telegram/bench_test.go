package telegram_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
	"optoutbot/bot/telegram"
	"optoutbot/bot/telegram/tgtest"
	"optoutbot/index"
	"optoutbot/kb"
)

// finder is the search engine as the program uses it.
type finder struct{ ix *index.Index }

func (f finder) Find(ctx context.Context, text, hint string) (bot.Found, error) {
	r, err := f.ix.Find(ctx, text, hint)
	out := bot.Found{Lang: r.Lang, Foreign: r.Foreign, Claim: r.Claim}
	for _, m := range r.Matches {
		out.Matches = append(out.Matches, bot.Match(m))
	}
	return out, err
}

func (f finder) Suggest(ctx context.Context, typed, lang string, n int) ([]string, error) {
	return f.ix.Suggest(ctx, typed, lang, n)
}

func (f finder) FindClaim(ctx context.Context, text, lang string) (string, error) {
	return f.ix.FindClaim(ctx, text, lang)
}

// load is a stream of questions and the answers to them: at any time no more
// than ahead are waiting, as many as a batch has.
type load struct {
	server *tgtest.Server
	ahead  chan struct{}

	mu    sync.Mutex
	begun map[int64]time.Time // by chat
	took  []time.Duration
	done  chan struct{}
	left  int
}

const (
	ahead    = 100
	keepTook = 200_000 // latencies kept, so that a long run measures the bot's memory and not its own
)

func newLoad() *load {
	l := &load{server: tgtest.New(), ahead: make(chan struct{}, ahead), begun: map[int64]time.Time{}, done: make(chan struct{})}
	l.server.OnCall = l.onCall
	l.server.Lenient = true // checking costs more than what is measured, and telebot puts numbers in quotation marks
	return l
}

func (l *load) onCall(c tgtest.Call) {
	if c.Method != "sendMessage" {
		return
	}
	chat, now := c.Int("chat_id"), time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if begin, ok := l.begun[chat]; ok {
		delete(l.begun, chat)
		if len(l.took) < keepTook {
			l.took = append(l.took, now.Sub(begin))
		}
		<-l.ahead
		if l.left--; l.left == 0 {
			close(l.done)
		}
	}
}

// ask asks n questions, each in a chat of its own, and waits for the answers.
func (l *load) ask(n int, questions []string) {
	l.mu.Lock()
	l.left, l.took, l.done = n, nil, make(chan struct{})
	l.mu.Unlock()
	for i := range n {
		l.ahead <- struct{}{}
		chat := int64(i + 1)
		l.mu.Lock()
		l.begun[chat] = time.Now()
		l.mu.Unlock()
		l.server.Deliver(tgtest.Private(chat, int64(i), questions[i%len(questions)]))
	}
	<-l.done
}

// cpu is the processor time that the process has used, the server's with it. On
// a machine with other work it says more than the clock.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure asks b.N questions and reports the rate and the latencies.
func (l *load) measure(b *testing.B, questions []string) {
	l.ask(200, questions) // the first requests open connections
	b.ResetTimer()
	begin, used := time.Now(), cpu()
	l.ask(b.N, questions)
	took := time.Since(begin)
	used = cpu() - used
	b.StopTimer()
	b.ReportMetric(float64(used.Microseconds())/float64(b.N), "cpu-µs/answer")
	slices.Sort(l.took)
	at := func(p float64) float64 { return float64(l.took[int(p*float64(len(l.took)-1))].Microseconds()) / 1000 }
	b.ReportMetric(float64(b.N)/took.Seconds(), "answers/s")
	b.ReportMetric(at(0.50), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(heap(), "heap-MB")
}

// heap is the memory in use after collection, in MiB.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// echo answers with the question, so that what is measured is the adapter
// alone, as it is telebot alone in the bot beside it.
type echo struct{ *bot.Bot }

func (echo) Ask(_ context.Context, q bot.Question) (bot.Reply, error) {
	return bot.Reply{Blocks: []bot.Block{{Kind: bot.Paragraph, Items: []bot.Item{{{Text: q.Text}}}}}}, nil
}

// answerer is what the adapter asks.
type answerer interface {
	Ask(ctx context.Context, q bot.Question) (bot.Reply, error)
	Press(ctx context.Context, p bot.Press) (bot.Reply, error)
	Suggest(ctx context.Context, typed, hint string, n int) ([]bot.Suggestion, error)
	Profiles() []bot.Profile
}

// BenchmarkAnswers measures answers a second from the update to sendMessage on
// one machine with the server: of the adapter with an echo behind it, of the
// whole bot with its search, and beside them of a bare telebot echo bot:
//
//	go test -run xxx -bench Answers -benchtime 20000x ./bot/telegram
func BenchmarkAnswers(b *testing.B) {
	answers, questions := realBot(b)
	b.Run("telebot-echo", func(b *testing.B) { benchEcho(b, questions) })
	b.Run("polling-echo", func(b *testing.B) { benchAdapter(b, echo{answers}, questions, false) })
	b.Run("webhook-echo", func(b *testing.B) { benchAdapter(b, echo{answers}, questions, true) })
	b.Run("polling", func(b *testing.B) { benchAdapter(b, answers, questions, false) })
	b.Run("webhook", func(b *testing.B) { benchAdapter(b, answers, questions, true) })
}

// realBot is the bot with its search engine, and the questions on which the
// engine's settings were chosen.
func realBot(b *testing.B) (*bot.Bot, []string) {
	base, faults := kb.Embedded(time.Now())
	if base == nil {
		b.Fatal(faults)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		b.Fatal(err)
	}
	ix, err := index.Cached(b.Context(), base, filepath.Join(dir, "optoutbot"), func(int, int) {}, func(error) {})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = ix.Close() }) // nothing was written
	var questions []string
	for _, g := range base.Dev[kb.English] {
		questions = append(questions, g.Question)
	}
	return bot.New(base, finder{ix}, time.Now), questions
}

func benchAdapter(b *testing.B, answers answerer, questions []string, hook bool) {
	l := newLoad()
	defer l.server.Close()
	cfg := telegram.Config{Token: tgtest.Token, URL: l.server.URL, Journal: filepath.Join(b.TempDir(), "updates")}
	if hook {
		at, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		cfg.Webhook = &telegram.Webhook{URL: "http://" + at.Addr().String() + "/", Listener: at}
	}
	a, err := telegram.New(answers, slog.New(slog.DiscardHandler), cfg)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	l.measure(b, questions)
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// benchEcho is what telebot's own documentation begins with.
func benchEcho(b *testing.B, questions []string) {
	l := newLoad()
	defer l.server.Close()
	bare, err := tele.NewBot(tele.Settings{
		URL: l.server.URL, Token: tgtest.Token, Poller: &tele.LongPoller{Timeout: 10 * time.Second, Limit: 100},
	})
	if err != nil {
		b.Fatal(err)
	}
	bare.Handle(tele.OnText, func(c tele.Context) error { return c.Send(c.Text()) })
	go bare.Start()
	l.measure(b, questions)
	bare.Stop()
}

// TestMemory answers so many updates that what is kept for each would show. It
// runs only when OPTOUTBOT_UPDATES says how many:
//
//	OPTOUTBOT_UPDATES=1000000 go test -run TestMemory -v -timeout 60m ./bot/telegram
func TestMemory(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("OPTOUTBOT_UPDATES"))
	if err != nil {
		t.Skip("OPTOUTBOT_UPDATES does not say how many updates")
	}
	base, faults := kb.Embedded(time.Now())
	if base == nil {
		t.Fatal(faults)
	}
	l := newLoad()
	defer l.server.Close()
	a, err := telegram.New(bot.New(base, nil, time.Now), slog.New(slog.DiscardHandler), telegram.Config{
		Token: tgtest.Token, URL: l.server.URL, Journal: filepath.Join(t.TempDir(), "updates"),
		// High limits, so that the meters of the chats are at work.
		Limits: telegram.Limits{PerSecond: 1 << 20, ChatPerSecond: 1 << 10, GroupPerMinute: 1 << 10, Answers: 1 << 10, PrivateAnswers: 1 << 10},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	for i := range 10 {
		l.ask(n/10, []string{"/help", "/topics", "/start messenger"})
		fmt.Printf("%d updates: %.1f MB\n", (i+1)*(n/10), heap())
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
