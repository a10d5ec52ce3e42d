package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
)

// DefaultURL is Telegram's own server.
const DefaultURL = tele.DefaultApiURL

// Config is how the adapter runs. Token is required; the zero value of every
// other field means its default.
type Config struct {
	Token   string
	URL     string   // of the Bot API server; default DefaultURL
	Webhook *Webhook // receive updates by webhook; default: by polling
	Journal string   // file for the numbers of answered updates; default: none
	Limits  Limits   // the zero value is no limit: see DefaultLimits
	Workers int      // updates in hand at once; default 128
	Shared  Shared   // what other replicas of the bot handle; default: there are none

	Poll  time.Duration // how long the server holds a poll open; default 50 s
	Grace time.Duration // how long updates in hand may take at the end; default 10 s
}

// Webhook is how the server delivers updates.
type Webhook struct {
	URL      string       // what the server calls: https://…, through a proxy that speaks TLS
	Secret   string       // what it must say; default: a new one at each start
	Listener net.Listener // where it is received
}

// answerer is the bot. Its methods may be called from many goroutines; replies
// belong to the caller.
type answerer interface {
	Ask(ctx context.Context, q bot.Question) (bot.Reply, error)
	Press(ctx context.Context, p bot.Press) (bot.Reply, error)
	Suggest(ctx context.Context, typed, hint string, n int) ([]bot.Suggestion, error)
	Profiles() []bot.Profile
}

// Adapter runs the bot on Telegram.
type Adapter struct {
	cfg       Config
	bot       answerer
	profiles  []bot.Profile
	log       *slog.Logger
	api       *client
	router    *tele.Bot // finds the handler of an update; it never calls the server
	calls     sync.Map  // update id → *call: what the router's handlers need beside the update
	gate      *gate
	patience  *patience
	pool      *pool
	ledger    *ledger
	receiving atomic.Bool
	sending   chan struct{} // gets something from each message on its way
	guests    bool          // the server may bring questions from chats in which the bot is not
	secrets   secrets       // where messages for one are to be had
	openly    bool          // the server does not know of secret commands; of present alone
	counts    counters

	fatal context.CancelCauseFunc // ends Run with an error
	work  context.Context         // of the handlers; it outlives Run's by Grace
	sleep func(context.Context, time.Duration) error
	now   func() time.Time
}

// New returns an adapter for the bot. It fails on a configuration that cannot
// work, and names every fault in it.
func New(b answerer, log *slog.Logger, cfg Config) (*Adapter, error) {
	if cfg.URL == "" {
		cfg.URL = DefaultURL
	}
	if cfg.Workers <= 0 {
		cfg.Workers = 128
	}
	if cfg.Poll <= 0 {
		cfg.Poll = 50 * time.Second
	}
	if cfg.Grace <= 0 {
		cfg.Grace = 10 * time.Second
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	a := &Adapter{
		cfg: cfg, bot: b, profiles: b.Profiles(), log: log, sleep: sleep, now: time.Now,
		api:  newClient(cfg.URL, cfg.Token, cfg.Workers),
		pool: newPool(cfg.Workers), sending: make(chan struct{}, maxSending),
	}
	a.gate = newGate(cfg.Limits, a.clock, a.pause)
	a.patience = &patience{limits: cfg.Limits, now: a.clock}
	a.secrets.now = a.clock
	if err := a.route(); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Adapter) clock() time.Time                                 { return a.now() }
func (a *Adapter) pause(ctx context.Context, d time.Duration) error { return a.sleep(ctx, d) }

var (
	tokenForm  = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

func (c Config) validate() error {
	var errs []error
	if !tokenForm.MatchString(c.Token) {
		errs = append(errs, errors.New("the token has not the form NUMBER:LETTERS that @BotFather gives"))
	}
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		errs = append(errs, errors.New("the address of the Bot API server is no URL like https://api.telegram.org"))
	}
	if w := c.Webhook; w != nil {
		if u, err := url.Parse(w.URL); err != nil || u.Host == "" {
			errs = append(errs, errors.New("the address of the webhook is no URL like https://bot.example.org/telegram"))
		}
		if w.Secret != "" && !secretForm.MatchString(w.Secret) {
			errs = append(errs, errors.New("the secret of the webhook may have 1 to 256 of A-Z, a-z, 0-9, _ and -"))
		}
		if w.Listener == nil {
			errs = append(errs, errors.New("the webhook has no address to listen on"))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("telegram: %w", err)
	}
	return nil
}

// Run receives and answers updates until ctx ends; then it takes no more,
// lets those in hand finish, acknowledges them and returns nil. It returns an
// error when it cannot go on, with what to do about it.
func (a *Adapter) Run(ctx context.Context) (err error) {
	ctx, fatal := context.WithCancelCause(ctx)
	defer fatal(nil)
	a.fatal = fatal
	work, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	a.work = work
	if err := a.openLedger(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.closeLedger()) }()
	if err := a.hello(ctx); err != nil {
		return a.ended(ctx, err)
	}
	var profile sync.WaitGroup
	profile.Go(func() { a.present(ctx) })
	late := context.AfterFunc(ctx, func() { time.AfterFunc(a.cfg.Grace, abandon) })
	defer late()
	if a.cfg.Webhook != nil {
		err = a.serve(ctx)
	} else {
		a.receiving.Store(true)
		err = a.poll(ctx)
	}
	a.receiving.Store(false)
	fatal(err) // present ends too
	profile.Wait()
	a.api.http.CloseIdleConnections()
	a.log.Info("telegram stopped", "counts", a.Counts())
	return a.ended(ctx, err)
}

// Share says how many replicas send for the bot: each takes its part of what the
// server allows in all. It may be called at any time.
func (a *Adapter) Share(replicas int) { a.gate.share(replicas) }

// InHand is how many updates are in hand. It may be called at any time.
func (a *Adapter) InHand() int { return a.pool.inHand() }

// Ready reports whether the adapter receives updates; its error says what it
// waits for.
func (a *Adapter) Ready() error {
	if !a.receiving.Load() {
		return errNotReady
	}
	return nil
}

var errNotReady = errors.New("not connected to the Bot API server")

// errFatal marks errors after which there is no going on.
var errFatal = errors.New("telegram")

// errOther is the fatal error of two programs that receive with one token. The
// later of the two has the updates now: to ask for them once more, even to
// acknowledge some, would take them from it.
var errOther = fmt.Errorf("%w", errFatal)

// ended makes the end of ctx no error, unless it has a fatal cause.
func (a *Adapter) ended(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errFatal) {
		return cause
	}
	if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func (a *Adapter) openLedger() error {
	if a.cfg.Journal == "" {
		a.ledger = newLedger(nil, nil)
		return nil
	}
	j, ids, err := openJournal(a.cfg.Journal)
	if err != nil {
		return fmt.Errorf("telegram: %w", err)
	}
	a.ledger = newLedger(j, ids)
	return nil
}

func (a *Adapter) closeLedger() error {
	if a.ledger.log == nil {
		return nil
	}
	return a.ledger.log.close()
}

// hello asks the server who the bot is, and goes on asking while it cannot
// say.
func (a *Adapter) hello(ctx context.Context) error {
	for n := 0; ; n++ {
		one, cancel := context.WithTimeout(ctx, callTime)
		me, err := a.api.getMe(one)
		cancel()
		if err == nil {
			a.router.Me, a.guests = &me.User, me.Guests
			a.log.Info("telegram started", "bot", me.Username, "webhook", a.cfg.Webhook != nil)
			return nil
		}
		if err := a.trouble(ctx, err, n); err != nil {
			return err
		}
	}
}

// trouble waits after an error of receiving, longer after each; n counts the
// errors before it. It returns an error when there is no going on.
func (a *Adapter) trouble(ctx context.Context, err error, n int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if stop := final(err); stop != nil {
		a.fatal(stop)
		return stop
	}
	d := backoff(n)
	if api := (*apiError)(nil); errors.As(err, &api) && api.RetryAfter > 0 {
		d = api.RetryAfter
	}
	a.counts.troubles.Add(1)
	a.log.Warn("telegram does not answer as it should", "err", err, "again_in", d)
	return a.sleep(ctx, d)
}

// final makes an error one that ends the adapter, with what to do, or nil if
// it is worth trying again.
func final(err error) error {
	switch {
	case refused(err, 401, ""), refused(err, 404, ""):
		return fmt.Errorf("%w: the server does not know the token (%w); copy it anew from @BotFather into TELEGRAM_TOKEN, and see that TELEGRAM_URL is right", errFatal, err)
	case refused(err, 409, "webhook"):
		return fmt.Errorf("%w: a webhook is set for this bot (%w); set TELEGRAM_WEBHOOK_URL to receive by it, or remove it by calling deleteWebhook", errFatal, err)
	case refused(err, 409, ""):
		return fmt.Errorf("%w: another program receives this bot's updates (%w); stop it, or give this one a token of its own", errOther, err)
	}
	return nil
}

// maxSending is how many messages are on their way at once. A message on its
// way when the program is killed is sent again, since nobody knows its fate; the
// server's limits leave no use for more.
const maxSending = 16

// Times of calls, and of the waiting between them.
const (
	callTime   = 20 * time.Second
	firstDelay = 500 * time.Millisecond
	lastDelay  = 30 * time.Second
)

// backoff doubles the delay with each error, and takes a random part of it
// away, so that many bots do not come back at the same moment.
func backoff(n int) time.Duration {
	d := lastDelay
	if n < 6 {
		d = firstDelay << n
	}
	return d/2 + rand.N(d/2)
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
