package discord_test

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
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
	"optoutbot/bot/discord"
	"optoutbot/bot/discord/dctest"
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

// ahead is how many interactions wait for their answer at once.
const ahead = 64

// load is a stream of interactions and the answers to them.
type load struct {
	server *dctest.Server
	room   chan struct{}

	mu   sync.Mutex
	took []time.Duration
	left sync.WaitGroup
}

func newLoad(tb testing.TB) *load {
	tb.Setenv("DISCORD_SPEC", "off") // what is measured is not the check of requests
	l := &load{server: dctest.New(dctest.Options{}), room: make(chan struct{}, ahead)}
	l.server.OnCall = func(c dctest.Call) {
		if c.Route == dctest.Callback {
			l.done(c.Took)
		}
	}
	return l
}

const keepTook = 200_000 // so that a long run measures the bot's memory and not its own

func (l *load) done(took time.Duration) {
	l.mu.Lock()
	if len(l.took) < keepTook {
		l.took = append(l.took, took)
	}
	l.mu.Unlock()
	<-l.room
	l.left.Done()
}

// byGateway asks n questions and waits for the answers.
func (l *load) byGateway(n int, questions []string) {
	l.left.Add(n)
	for i := range n {
		l.room <- struct{}{}
		l.server.Interact(dctest.Slash("1", "ask", "question", questions[i%len(questions)]))
	}
	l.left.Wait()
}

// byHTTP asks n questions by signed requests and waits for the answers.
func (l *load) byHTTP(tb testing.TB, e *dctest.Endpoint, n int, questions []string) {
	l.left.Add(n)
	for i := range n {
		l.room <- struct{}{}
		go func() {
			c, err := e.Interact(context.Background(), dctest.Slash("1", "ask", "question", questions[i%len(questions)]))
			if err != nil {
				tb.Error(err)
			}
			l.done(c.Took)
		}()
	}
	l.left.Wait()
}

func (l *load) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = nil
}

// report reports the rate and the times from delivery to answer.
func (l *load) report(b *testing.B, took time.Duration) {
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
// alone, as it is discordgo alone in the bot beside it.
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
	Choices(ctx context.Context, p bot.Place) (bot.Choices, error)
	Choose(ctx context.Context, p bot.Place, change func(*bot.Choices)) error
}

// BenchmarkAnswers measures answers a second from the interaction to its
// callback, on one machine with the server: of the adapter with an echo behind
// it, of the whole bot with its search, and beside them of a bare discordgo echo
// bot:
//
//	go test -run xxx -bench Answers -benchtime 20000x ./bot/discord
func BenchmarkAnswers(b *testing.B) {
	answers, questions := realBot(b)
	b.Run("discordgo-echo", func(b *testing.B) { benchBare(b, questions) })
	b.Run("gateway-echo", func(b *testing.B) { benchAdapter(b, echo{answers}, questions, false) })
	b.Run("http-echo", func(b *testing.B) { benchAdapter(b, echo{answers}, questions, true) })
	b.Run("gateway", func(b *testing.B) { benchAdapter(b, answers, questions, false) })
	b.Run("http", func(b *testing.B) { benchAdapter(b, answers, questions, true) })
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

// running starts an adapter and returns how to ask it, and how to end it.
func running(tb testing.TB, l *load, answers answerer, byHTTP bool) (ask func(n int, questions []string), end func()) {
	cfg := discord.Config{Token: dctest.Token, API: l.server.URL}
	ask = l.byGateway
	if byHTTP {
		at, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		e := l.server.NewEndpoint("http://" + at.Addr().String() + "/")
		cfg.Endpoint = &discord.Endpoint{PublicKey: e.Public, Listener: at}
		ask = func(n int, questions []string) { l.byHTTP(tb, e, n, questions) }
	}
	a, err := discord.New(answers, slog.New(slog.DiscardHandler), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(tb.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	if !byHTTP {
		if err := l.server.WaitReady(ctx, 1); err != nil {
			tb.Fatal(err)
		}
	}
	return ask, func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
	}
}

func benchAdapter(b *testing.B, answers answerer, questions []string, byHTTP bool) {
	l := newLoad(b)
	defer l.server.Close()
	ask, end := running(b, l, answers, byHTTP)
	defer end()
	measure(b, l, ask, questions)
}

func measure(b *testing.B, l *load, ask func(int, []string), questions []string) {
	ask(500, questions) // the first requests open connections
	l.reset()
	b.ResetTimer()
	begin := time.Now()
	ask(b.N, questions)
	took := time.Since(begin)
	b.StopTimer()
	l.report(b, took)
}

// benchBare is what discordgo's own examples do.
func benchBare(b *testing.B, questions []string) {
	l := newLoad(b)
	defer l.server.Close()
	api := l.server.URL + "/api/v9/"
	discordgo.EndpointAPI, discordgo.EndpointGateway = api, api+"gateway"
	s, err := discordgo.New("Bot " + dctest.Token)
	if err != nil {
		b.Fatal(err)
	}
	s.Identify.Intents = discordgo.IntentsGuildMessages
	s.AddHandler(func(s *discordgo.Session, i *discordgo.InteractionCreate) {
		err := s.InteractionRespond(i.Interaction, &discordgo.InteractionResponse{
			Type: discordgo.InteractionResponseChannelMessageWithSource,
			Data: &discordgo.InteractionResponseData{
				Content: i.ApplicationCommandData().Options[0].StringValue(), Components: []discordgo.MessageComponent{},
				Embeds: []*discordgo.MessageEmbed{}, AllowedMentions: &discordgo.MessageAllowedMentions{Parse: []discordgo.AllowedMentionType{}},
			},
		})
		if err != nil {
			b.Error(err)
		}
	})
	if err := s.Open(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }() // it was only measured
	measure(b, l, l.byGateway, questions)
}

// TestMemory answers so many interactions that what is kept for each would show.
// It runs only when OPTOUTBOT_INTERACTIONS says how many:
//
//	OPTOUTBOT_INTERACTIONS=1000000 go test -run TestMemory -v -timeout 60m ./bot/discord
func TestMemory(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("OPTOUTBOT_INTERACTIONS"))
	if err != nil {
		t.Skip("OPTOUTBOT_INTERACTIONS does not say how many interactions")
	}
	base, faults := kb.Embedded(time.Now())
	if base == nil {
		t.Fatal(faults)
	}
	for _, byHTTP := range []bool{false, true} {
		l := newLoad(t)
		ask, end := running(t, l, echo{bot.New(base, nil, time.Now)}, byHTTP)
		for i := range 10 {
			ask(n/20, []string{"a", "b"})
			fmt.Printf("by HTTP %v, %d interactions: %.1f MB\n", byHTTP, (i+1)*(n/20), heap())
		}
		end()
		l.server.Close()
	}
}
