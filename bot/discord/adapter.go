package discord

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"optoutbot/bot"
)

// DefaultAPI is Discord's own server.
const DefaultAPI = "https://discord.com/api/v10"

// Config is how the adapter runs. Token is required; the zero value of every
// other field means its default.
type Config struct {
	Token    string
	API      string    // of the server; default DefaultAPI. Without a path, /api/v10 is added
	Endpoint *Endpoint // receive interactions by HTTP; default: by the gateway
	Messages bool      // with an Endpoint: connect to the gateway too, for mentions and private messages
	Shard    int       // of Shards: the one that this process runs
	Shards   int       // 0: as many as Discord recommends, all in this process
	Limits   Limits    // the zero value is no limit: see DefaultLimits
	Workers  int       // interactions in hand at once; default 512

	Grace time.Duration // how long what is in hand may take at the end; default 10 s
}

// Endpoint is where Discord delivers interactions by HTTP.
type Endpoint struct {
	PublicKey string // the application's, in hexadecimal
	Listener  net.Listener
}

// answerer is the bot. Its methods may be called from many goroutines; replies
// belong to the caller.
type answerer interface {
	Ask(ctx context.Context, q bot.Question) (bot.Reply, error)
	Press(ctx context.Context, p bot.Press) (bot.Reply, error)
	Suggest(ctx context.Context, typed, hint string, n int) ([]bot.Suggestion, error)
	Profiles() []bot.Profile
	Choices(ctx context.Context, p bot.Place) (bot.Choices, error)
	Choose(ctx context.Context, p bot.Place, change func(*bot.Choices)) error
}

// Adapter runs the bot on Discord.
type Adapter struct {
	cfg        Config
	bot        answerer
	profiles   []bot.Profile
	log        *slog.Logger
	api        *client
	gate       *gate
	patience   *patience
	quick      *hands // for interactions
	slow       *hands // for messages
	seen       *recent[struct{}]
	channels   *recent[lastSeen]
	counts     counters
	me         atomic.Pointer[account]
	presenting sync.Once
	ids        atomic.Pointer[commandIDs] // nil before Discord has told them
	receiving  atomic.Int32               // ways in that are open: the endpoint, sessions at the gateway

	fatal context.CancelCauseFunc // ends Run with an error
	work  context.Context         // of the handlers; it outlives Run's by Grace
	sleep func(context.Context, time.Duration) error
	now   func() time.Time
	hello time.Duration // how long the gateway may take to begin
}

// account is who the bot is.
type account struct {
	user, app string
}

// How much is remembered: ids of what was answered, and channels in which
// something was said.
const (
	rememberedIDs      = 16384
	rememberedChannels = 1024
)

// waiting is how many messages are in hand or wait for it. More than that find
// no room: the gateway must not wait for them, or interactions would.
const waiting = 4096

// New returns an adapter for the bot. It fails on a configuration that cannot
// work, and names every fault in it.
func New(b answerer, log *slog.Logger, cfg Config) (*Adapter, error) {
	if cfg.API == "" {
		cfg.API = DefaultAPI
	}
	if cfg.Workers <= 0 {
		cfg.Workers = 512
	}
	if cfg.Grace <= 0 {
		cfg.Grace = 10 * time.Second
	}
	cfg.Token = strings.TrimPrefix(cfg.Token, "Bot ")
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	a := &Adapter{
		cfg: cfg, bot: b, profiles: b.Profiles(), log: log, sleep: sleep, now: time.Now, hello: 20 * time.Second,
		api:  newClient(versioned(cfg.API), cfg.Token, cfg.Workers),
		seen: newRecent[struct{}](rememberedIDs), channels: newRecent[lastSeen](rememberedChannels),
	}
	a.quick, a.slow = newHands(cfg.Workers, a.panicked), newHands(waiting, a.panicked)
	a.gate = newGate(cfg.Limits.PerSecond, a.clock)
	a.patience = &patience{limits: cfg.Limits, now: a.clock, moods: newRecent[*mood](rememberedChannels)}
	return a, nil
}

func (a *Adapter) clock() time.Time { return a.now() }

var (
	versionForm = regexp.MustCompile(`/v[0-9]+$`)
	tokenForm   = regexp.MustCompile(`^[!-~]{1,200}$`)
)

// versioned completes the address of the API.
func versioned(api string) string {
	api = strings.TrimRight(api, "/")
	if u, err := url.Parse(api); err == nil && u.Path == "" {
		api += "/api"
	}
	if !versionForm.MatchString(api) {
		api += "/v10"
	}
	return api
}

func (c Config) validate() error {
	var errs []error
	if !tokenForm.MatchString(c.Token) {
		errs = append(errs, errors.New("the token is empty or has spaces; copy it from the developer portal, under Bot"))
	}
	if u, err := url.Parse(c.API); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		errs = append(errs, errors.New("the address of the API is no URL like "+DefaultAPI))
	}
	if c.Shards < 0 || c.Shard < 0 || c.Shard > 0 && c.Shard >= c.Shards {
		errs = append(errs, fmt.Errorf("shard %d of %d: shards are counted from 0", c.Shard, c.Shards))
	}
	if e := c.Endpoint; e != nil {
		if key, err := hex.DecodeString(e.PublicKey); err != nil || len(key) != ed25519.PublicKeySize {
			errs = append(errs, errors.New("the public key has not the 64 letters and figures that the developer portal shows under General Information"))
		}
		if e.Listener == nil {
			errs = append(errs, errors.New("the interactions endpoint has no address to listen on"))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("discord: %w", err)
	}
	return nil
}

// Run receives and answers until ctx ends; then it takes no more, lets what is
// in hand finish and returns nil. It returns an error when it cannot go on, with
// what to do about it.
func (a *Adapter) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	a.fatal = stop
	work, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	a.work = work
	late := context.AfterFunc(ctx, func() { time.AfterFunc(a.cfg.Grace, abandon) })
	defer late()
	var parts sync.WaitGroup
	if a.cfg.Endpoint != nil {
		parts.Go(func() { a.fail(a.serve(ctx)) })
		parts.Go(func() { a.introduce(ctx) })
	}
	if a.cfg.Endpoint == nil || a.cfg.Messages {
		parts.Go(func() { a.fail(a.connect(ctx)) })
	}
	parts.Wait()
	a.quick.rest()
	a.slow.rest()
	a.api.http.CloseIdleConnections()
	a.log.Info("discord stopped", "counts", a.Counts())
	if cause := context.Cause(ctx); errors.Is(cause, errFatal) {
		return cause
	}
	return nil
}

// InHand is how many interactions and messages are in hand. It may be called at
// any time.
func (a *Adapter) InHand() int { return a.quick.inHand() + a.slow.inHand() }

// Share says how many replicas call for the bot: each takes its part of what
// Discord allows in all. It may be called at any time.
func (a *Adapter) Share(replicas int) { a.gate.share(a.cfg.Limits.PerSecond, replicas) }

// Ready reports whether Discord hands the adapter what people ask; its error
// says what it waits for.
func (a *Adapter) Ready() error {
	if a.receiving.Load() <= 0 {
		return errNotReady
	}
	return nil
}

var errNotReady = errors.New("not connected to Discord")

// fail ends Run with an error, unless it is nil or Run's end already.
func (a *Adapter) fail(err error) {
	switch {
	case err == nil, errors.Is(err, context.Canceled):
	case errors.Is(err, errFatal):
		a.fatal(err)
	default:
		a.fatal(fmt.Errorf("%w: %w", errFatal, err))
	}
}

// introduce finds out who the bot is, where no gateway says so, and presents it.
func (a *Adapter) introduce(ctx context.Context) {
	var app struct {
		ID  string `json:"id"`
		Bot user   `json:"bot"`
	}
	err := a.do(ctx, request{method: "GET", path: "/applications/@me", name: "the application", out: &app}, try{key: "app", twice: true})
	if err != nil || app.ID == "" {
		a.log.Warn("discord commands not set", "err", err)
		return
	}
	a.me.CompareAndSwap(nil, &account{user: app.Bot.ID, app: app.ID})
	a.presentOnce(ctx)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
