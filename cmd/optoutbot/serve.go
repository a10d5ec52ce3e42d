package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"optoutbot/bot"
	"optoutbot/bot/discord"
	"optoutbot/bot/telegram"
	"optoutbot/index"
	"optoutbot/kb"
)

func newServe(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the bot on every platform that it has a token for, until SIGTERM",
		Long: `serve runs the bot until SIGINT or SIGTERM. Each setting is a flag, an
environment variable (TELEGRAM_URL for --telegram-url) or a line in the file of
settings (telegram_url); optoutbot config lists all and what is in force.

With --kb the folder is watched, and its content taken when it has no faults;
SIGHUP has it read at once.`,
		Example: "  TELEGRAM_TOKEN_FILE=token.txt optoutbot serve",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, _, err := a.readSettings(cmd.Flags())
			if err != nil {
				return err
			}
			if s.Telegram.Token == "" && s.Discord.Token == "" {
				return errors.New(`there is no token, so there is nothing to serve.
  Telegram: get one from @BotFather and set TELEGRAM_TOKEN, or TELEGRAM_TOKEN_FILE to a file with it.
  Discord: get one from https://discord.com/developers/applications and set DISCORD_TOKEN, or DISCORD_TOKEN_FILE.
  To try the bot without a token: optoutbot chat`)
			}
			err = a.serve(cmd.Context(), s)
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				fmt.Fprintln(a.err, "optoutbot: stopped before it was ready")
				return nil
			}
			return err
		},
	}
	a.addOptions(cmd.Flags())
	return cmd
}

// adapter runs the bot on a platform until ctx ends.
type adapter interface {
	Run(ctx context.Context) error
	Ready() error // nil when the platform hands it questions
	LogCounts() slog.LogValuer
	InHand() int        // questions that are being answered
	Share(replicas int) // leaves a part of what the platform allows to other replicas
}

// serve opens the content and the store, and runs the adapters.
func (a *app) serve(ctx context.Context, s settings) error {
	log := a.logger(s)
	m := newMetrics()
	k, err := a.keeper(ctx, s, log)
	if err != nil {
		return err
	}
	if k != nil {
		m.store(k)
		defer func() { a.warn(log, "close the store", k.close()) }()
	}
	open := func(ctx context.Context, base *kb.Base) (content, error) {
		ix, err := a.openIndexOf(ctx, base)
		if err != nil {
			return content{}, err
		}
		return content{newBot(base, ix, s, m, k), base, ix}, nil
	}
	base, err := a.loadBase()
	if err != nil {
		return err
	}
	c, err := open(ctx, base)
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // reading the content leaves several times what stays, building an index much more
	l := newLive(c, m, log)
	defer func() { a.warn(log, "close the index", l.Close()) }()
	adapters, err := a.adapters(s, l, k, log)
	if err != nil {
		return err
	}
	services, err := a.services(s, l, k, adapters, log)
	if err != nil {
		return err
	}
	if a.kbDir != "" {
		services = append(services, service{"reload", (&reloader{app: a, live: l, log: log, open: open}).Run})
	}
	return runAll(ctx, log, adapters, services)
}

func (a *app) warn(log *slog.Logger, what string, err error) {
	if err != nil {
		log.Warn(what, "err", err)
	}
}

// logger writes text for people on a terminal and JSON for programs.
func (a *app) logger(s settings) *slog.Logger {
	o := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogFormat == "json" || s.LogFormat == "" && !isTerminal(a.err) {
		return slog.New(slog.NewJSONHandler(a.err, o))
	}
	return slog.New(slog.NewTextHandler(a.err, o))
}

// keeper opens the store; nil when nothing is to be kept.
func (a *app) keeper(ctx context.Context, s settings, log *slog.Logger) (*keeper, error) {
	cfg, ok := s.storeConfig()
	if !ok {
		return nil, nil
	}
	cfg.Log = log
	k, err := openKeeper(ctx, cfg, log)
	if err != nil {
		return nil, fmt.Errorf("%w\n  (DATA names another folder, and DATA=off keeps nothing)", err)
	}
	return k, nil
}

// newBot makes the bot of a content, with all that it counts and keeps.
func newBot(base *kb.Base, ix *index.Index, s settings, m *metrics, k *keeper) *bot.Bot {
	b := bot.New(base, finder{ix}, time.Now)
	var keeps []bot.Kept
	counters := []bot.Counter{m}
	if k != nil {
		counters = append(counters, k)
		b.Remembers(k)
		keeps = append(keeps, bot.KeptCounts, bot.KeptChoices)
		if s.Keep > 0 {
			b.Misses(k)
			keeps = append(keeps, bot.KeptUnanswered)
		}
	}
	if s.Telegram.Journal != "" || s.Store != "" && s.Telegram.Token != "" {
		keeps = append(keeps, bot.KeptUpdates)
	}
	b.Counts(counters...)
	b.Keeps(int((s.Keep+24*time.Hour-1)/(24*time.Hour)), keeps...)
	return b
}

// adapters makes an adapter for each platform that there is a token for. With a
// PostgreSQL, those that may run once run in one replica.
func (a *app) adapters(s settings, l *live, k *keeper, log *slog.Logger) (map[string]adapter, error) {
	all := map[string]adapter{}
	if s.Telegram.Token != "" {
		build := func() (adapter, error) { return a.telegram(s, l, k, log) }
		polls := s.Telegram.HookURL == ""
		one, err := once(polls && s.Store != "", k, "telegram "+s.Telegram.id(), log, build)
		if err != nil {
			return nil, err
		}
		all["telegram"] = one
	}
	if s.Discord.Token != "" {
		build := func() (adapter, error) {
			cfg, err := s.Discord.config()
			if err != nil {
				return nil, err
			}
			return discord.New(l, log.With("platform", "discord"), cfg)
		}
		gateway := s.Discord.Key == ""
		one, err := once(gateway && s.Store != "", k, fmt.Sprintf("discord shard %d of %d", s.Discord.Shard, s.Discord.Shards), log, build)
		if err != nil {
			return nil, err
		}
		all["discord"] = one
	}
	return all, nil
}

// once makes an adapter, or one that runs in one replica at a time.
func once(alone bool, k *keeper, lock string, log *slog.Logger, build func() (adapter, error)) (adapter, error) {
	one, err := build()
	if err != nil || !alone {
		return one, err
	}
	// It was built to see that its configuration is right.
	return &single{lock: lock, keeper: k, log: log, build: build}, nil
}

func (a *app) telegram(s settings, l *live, k *keeper, log *slog.Logger) (adapter, error) {
	if s.Telegram.Journal != "" {
		if err := os.MkdirAll(filepath.Dir(s.Telegram.Journal), 0o700); err != nil {
			return nil, fmt.Errorf("TELEGRAM_JOURNAL: %w", err)
		}
	}
	cfg, err := s.Telegram.config()
	if err != nil {
		return nil, err
	}
	if s.Store != "" {
		cfg.Shared = sharedUpdates{k}
	}
	return telegram.New(l, log.With("platform", "telegram"), cfg)
}

// service runs beside the adapters, and ends with them.
type service struct {
	name string
	run  func(context.Context) error
}

// services makes the admin address and what keeps the store in order.
func (a *app) services(s settings, l *live, k *keeper, adapters map[string]adapter, log *slog.Logger) ([]service, error) {
	var out []service
	var checks []check
	for name, one := range adapters {
		l.metrics.adapter(name, one)
		checks = append(checks, check{name, func(context.Context) error { return one.Ready() }})
	}
	checks = append(checks, check{"index", func(context.Context) error { return nil }}) // it is open by now
	if k != nil {
		checks = append(checks, check{"store", k.ready})
		out = append(out, service{"store", func(ctx context.Context) error { return k.run(ctx, s.Keep) }})
		out = append(out, service{"replicas", func(ctx context.Context) error {
			return k.beat(ctx, func(n int) {
				for _, one := range adapters {
					one.Share(n)
				}
			})
		}})
	}
	out = append(out, service{"systemd", (&supervised{checks, log}).Run})
	if s.Admin != "" {
		at, err := net.Listen("tcp", s.Admin)
		if err != nil {
			return nil, fmt.Errorf("ADMIN: %w; choose another address, or switch it off with ADMIN=off", err)
		}
		out = append(out, service{"admin", (&admin{listener: at, checks: checks, metrics: l.metrics.handler()}).Run})
	}
	return out, nil
}

// runAll runs adapters until each has ended, and the services as long as one of
// them runs. One that cannot go on does not end the others; when all have
// ended, the errors of the adapters are returned.
func runAll(ctx context.Context, log *slog.Logger, adapters map[string]adapter, services []service) error {
	beside, end := context.WithCancel(context.WithoutCancel(ctx))
	var aside sync.WaitGroup
	for _, s := range services {
		aside.Go(func() {
			if err := s.run(beside); err != nil {
				log.Error("a service ended", "service", s.name, "err", err)
			}
		})
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for name, one := range adapters {
		wg.Go(func() {
			if err := one.Run(ctx); err != nil {
				log.Error("adapter ended", "platform", name, "err", err)
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	end()
	aside.Wait()
	return errors.Join(errs...)
}
