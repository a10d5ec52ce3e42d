package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"optoutbot/bot"
	"optoutbot/bot/discord"
	"optoutbot/bot/store"
	"optoutbot/bot/telegram"
	"optoutbot/index"
	"optoutbot/kb"
)

func newDoctor(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look whether everything is in order, and say what to do where it is not",
		Long: `doctor looks at the settings, the content, the index, the store, the addresses that
serve will listen on, and at how the bot is set up on each platform that there
is a token for. It changes nothing but to make the data folder and the store.
It ends with status 1 when there is a fault.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, _, err := a.readSettings(cmd.Flags())
			if err != nil {
				return err
			}
			d := &doctor{app: a, settings: s}
			d.examine(cmd.Context())
			return d.report()
		},
	}
	a.addOptions(cmd.Flags())
	return cmd
}

type doctor struct {
	app      *app
	settings settings
	found    []bot.Finding
}

func (d *doctor) add(what string, state bot.State, format string, args ...any) {
	d.found = append(d.found, bot.Finding{What: what, State: state, Text: fmt.Sprintf(format, args...)})
}

func (d *doctor) examine(ctx context.Context) {
	d.tokens()
	base := d.content()
	d.index(base)
	d.store(ctx)
	d.ports()
	if base == nil {
		return
	}
	if t := d.settings.Telegram; t.Token != "" {
		cfg := telegram.Config{Token: string(t.Token), URL: t.URL}
		if t.HookURL != "" {
			cfg.Webhook = &telegram.Webhook{URL: t.HookURL}
		}
		d.found = append(d.found, telegram.Examine(ctx, bot.New(base, nil, time.Now), cfg)...)
	}
	if s := d.settings.Discord; s.Token != "" {
		cfg := s.withoutListener()
		d.found = append(d.found, discord.Examine(ctx, bot.New(base, nil, time.Now), cfg)...)
	}
}

func (d *doctor) tokens() {
	if d.settings.Telegram.Token == "" && d.settings.Discord.Token == "" {
		d.add("tokens", bot.Fault, "there is none; set TELEGRAM_TOKEN_FILE or DISCORD_TOKEN_FILE (optoutbot chat needs none)")
	}
}

func (d *doctor) content() *kb.Base {
	var base *kb.Base
	var faults kb.Faults
	if d.app.kbDir == "" {
		base, faults = kb.Embedded(time.Now())
	} else {
		base, faults = kb.Load(os.DirFS(d.app.kbDir), time.Now())
	}
	if base == nil {
		d.add("content", bot.Fault, "it has %d faults, the first: %s; optoutbot kb check shows all", len(faults.Errors()), faults.Errors()[0])
		return nil
	}
	due := 0
	for _, e := range base.Entries {
		if e.ReviewBy.Before(time.Now()) {
			due++
		}
	}
	state, text := bot.Fine, ""
	if due > 0 {
		state, text = bot.Notice, fmt.Sprintf("; %d are due for review: compare them with their sources and set checked and review_by", due)
	}
	d.add("content", state, "%s with %d entries in %s%s", shortHash(base.Hash), len(base.Entries), languageCodes(base), text)
	return base
}

func (d *doctor) index(base *kb.Base) {
	if base == nil {
		return
	}
	if index.Fresh(base, d.app.cacheDir()) {
		d.add("index", bot.Fine, "it is built, in %s", d.app.cacheDir())
		return
	}
	d.add("index", bot.Notice, "it is not built yet; serve will take some seconds to start, unless you run optoutbot index build before")
}

func (d *doctor) store(ctx context.Context) {
	cfg, ok := d.settings.storeConfig()
	if !ok {
		d.add("store", bot.Notice, "nothing is kept, since DATA is off: no counts, and /language lasts for one message")
		return
	}
	s, err := store.Open(ctx, cfg)
	if err != nil {
		d.add("store", bot.Fault, "%v", err)
		return
	}
	err = errors.Join(s.Ping(ctx), s.Close())
	if err != nil {
		d.add("store", bot.Fault, "%v", err)
		return
	}
	where := "SQLite in " + filepath.Clean(d.settings.Data)
	if d.settings.Store != "" {
		where = "PostgreSQL at " + d.settings.Store.String()
	}
	d.add("store", bot.Fine, "%s, up to date", where)
}

// ports looks whether the addresses are free: they are not while serve runs.
func (d *doctor) ports() {
	at := map[string]string{"ADMIN": d.settings.Admin}
	if d.settings.Telegram.HookURL != "" {
		at["TELEGRAM_WEBHOOK_LISTEN"] = d.settings.Telegram.Listen
	}
	if d.settings.Discord.Key != "" {
		at["DISCORD_LISTEN"] = d.settings.Discord.Listen
	}
	for _, name := range []string{"ADMIN", "TELEGRAM_WEBHOOK_LISTEN", "DISCORD_LISTEN"} {
		if at[name] == "" {
			continue
		}
		l, err := net.Listen("tcp", at[name])
		if err != nil {
			d.add("address", bot.Notice, "%s: %v; fine if serve is running, else choose another", name, err)
			continue
		}
		_ = l.Close() // nothing was received
		d.add("address", bot.Fine, "%s: %s is free", name, at[name])
	}
}

// report writes what was found, a line each.
func (d *doctor) report() error {
	w := tabwriter.NewWriter(d.app.out, 0, 0, 2, ' ', 0)
	faults := 0
	for _, f := range d.found {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.State, f.What, f.Text)
		if f.State == bot.Fault {
			faults++
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if faults > 0 {
		return errSaid
	}
	return nil
}
