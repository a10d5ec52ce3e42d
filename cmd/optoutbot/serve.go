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
  TELEGRAM_PRIVATE_ANSWERS   answers a minute in a private chat (30)`,
		Example: "  TELEGRAM_TOKEN_FILE=token.txt optoutbot serve",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.readSettings()
			if err != nil {
				return err
			}
			if s.Telegram.Token == "" {
				return errors.New(`there is no token, so there is nothing to serve.
  Telegram: get one from @BotFather and set TELEGRAM_TOKEN, or TELEGRAM_TOKEN_FILE to a file with it.
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
	if s.Telegram.Journal != "" {
		if err := os.MkdirAll(filepath.Dir(s.Telegram.Journal), 0o700); err != nil {
			return fmt.Errorf("TELEGRAM_JOURNAL: %w", err)
		}
		b.Keeps(bot.KeptUpdates)
	}
	cfg, err := s.Telegram.config()
	if err != nil {
		return err
	}
	t, err := telegram.New(b, log.With("platform", "telegram"), cfg)
	if err != nil {
		return err
	}
	return runAll(ctx, log, map[string]adapter{"telegram": t})
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
