package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"optoutbot/bot"
	"optoutbot/bot/discord"
	"optoutbot/bot/telegram"
)

func newServe(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the bot on every platform that it has a token for, until SIGTERM",
		Long: `serve runs the bot until SIGINT or SIGTERM. It is set by environment variables;
each secret may stand in a file that NAME_FILE names.

  TELEGRAM_TOKEN             the token that @BotFather gave
  TELEGRAM_URL               Bot API server (https://api.telegram.org)
  TELEGRAM_WEBHOOK_URL       receive by webhook at this address; default: by polling
  TELEGRAM_WEBHOOK_LISTEN    where the webhook listens (127.0.0.1:8080)
  TELEGRAM_WEBHOOK_SECRET    what the server must say; default: a new one each start
  TELEGRAM_JOURNAL           file for the numbers of answered updates, so that none
                             is answered twice after a crash (in the cache folder); off
  TELEGRAM_PER_SECOND        messages a second in all (30)
  TELEGRAM_CHAT_PER_SECOND   messages a second to a chat (1)
  TELEGRAM_GROUP_PER_MINUTE  messages a minute to a group (20)
  TELEGRAM_GROUP_ANSWERS     answers a minute in a group (10)
  TELEGRAM_PRIVATE_ANSWERS   answers a minute in a private chat (30)

` + discordHelp,
		Example: "  TELEGRAM_TOKEN_FILE=token.txt optoutbot serve\n  DISCORD_TOKEN_FILE=token.txt optoutbot serve",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.readSettings()
			if err != nil {
				return err
			}
			if s.Telegram.Token == "" && s.Discord.Token == "" {
				return errors.New(`there is no token, so there is nothing to serve.
  Telegram: get one from @BotFather and set TELEGRAM_TOKEN, or TELEGRAM_TOKEN_FILE to a file with it.
  Discord: get one from https://discord.com/developers/applications and set DISCORD_TOKEN, or DISCORD_TOKEN_FILE.
  To try the bot without a token: optoutbot chat`)
			}
			b, _, ix, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = ix.Close() }() // nothing was written
			return a.serve(cmd.Context(), b, s)
		},
	}
}

// adapter runs the bot on a platform until ctx ends.
type adapter interface {
	Run(ctx context.Context) error
}

// serve runs the adapters. One that cannot go on does not end the others; when
// all have ended, their errors are returned.
func (a *app) serve(ctx context.Context, b *bot.Bot, s settings) error {
	log := slog.New(slog.NewTextHandler(a.err, nil))
	all := map[string]adapter{}
	if s.Telegram.Token != "" {
		t, err := newTelegram(b, log.With("platform", "telegram"), s.Telegram)
		if err != nil {
			return err
		}
		all["telegram"] = t
	}
	if s.Discord.Token != "" {
		cfg, err := s.Discord.config()
		if err != nil {
			return err
		}
		d, err := discord.New(b, log.With("platform", "discord"), cfg)
		if err != nil {
			return err
		}
		all["discord"] = d
	}
	return runAll(ctx, log, all)
}

func newTelegram(b *bot.Bot, log *slog.Logger, s telegramSettings) (adapter, error) {
	if s.Journal != "" {
		if err := os.MkdirAll(filepath.Dir(s.Journal), 0o700); err != nil {
			return nil, fmt.Errorf("TELEGRAM_JOURNAL: %w", err)
		}
		b.Keeps(bot.KeptUpdates)
	}
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	return telegram.New(b, log, cfg)
}

// runAll runs adapters until each has ended.
func runAll(ctx context.Context, log *slog.Logger, all map[string]adapter) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for name, one := range all {
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
	return errors.Join(errs...)
}
