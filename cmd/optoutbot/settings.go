package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"optoutbot/bot/telegram"
)

// secret is a value that is not shown: not in a log, not in an error, not when
// it is printed.
type secret string

const hidden = "***"

// String hides the value.
func (s secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the value.
func (s secret) GoString() string { return s.String() }

// MarshalText hides the value.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// settings come from the environment, so that no secret stands in a process
// list.
type settings struct {
	Telegram telegramSettings
	Discord  discordSettings
}

// telegramSettings has exported fields because fmt asks only those how they
// want to be printed.
type telegramSettings struct {
	Token   secret // empty: not on Telegram
	URL     string
	Journal string // empty: none
	Limits  telegram.Limits
	HookURL string // empty: by polling
	Listen  string
	HookKey secret
}

// environment reads settings and gathers what is wrong with them.
type environment struct {
	getenv func(string) string
	errs   []error
}

// readSettings reads all settings. Its error names every one that is wrong.
func (a *app) readSettings() (settings, error) {
	e := &environment{getenv: a.getenv}
	s := settings{Discord: e.discord()}
	t := &s.Telegram
	t.Token = e.secret("TELEGRAM_TOKEN")
	t.URL = e.text("TELEGRAM_URL", telegram.DefaultURL)
	t.HookURL = e.text("TELEGRAM_WEBHOOK_URL", "")
	t.Listen = e.text("TELEGRAM_WEBHOOK_LISTEN", "127.0.0.1:8080")
	t.HookKey = e.secret("TELEGRAM_WEBHOOK_SECRET")
	l := telegram.DefaultLimits()
	t.Limits = telegram.Limits{
		PerSecond:      e.number("TELEGRAM_PER_SECOND", l.PerSecond),
		ChatPerSecond:  e.number("TELEGRAM_CHAT_PER_SECOND", l.ChatPerSecond),
		GroupPerMinute: e.number("TELEGRAM_GROUP_PER_MINUTE", l.GroupPerMinute),
		Answers:        e.number("TELEGRAM_GROUP_ANSWERS", l.Answers),
		PrivateAnswers: e.number("TELEGRAM_PRIVATE_ANSWERS", l.PrivateAnswers),
	}
	// The part before the colon is the bot's public id: two bots on one machine
	// count their updates apart.
	id, _, _ := strings.Cut(string(t.Token), ":")
	switch journal := e.text("TELEGRAM_JOURNAL", ""); {
	case journal == "off" || t.Token == "":
	case journal != "":
		t.Journal = journal
	default:
		t.Journal = filepath.Join(a.cacheDir(), "telegram-"+filepath.Base(id)+".updates")
	}
	return s, errors.Join(e.errs...)
}

func (e *environment) text(name, otherwise string) string {
	if v := strings.TrimSpace(e.getenv(name)); v != "" {
		return v
	}
	return otherwise
}

// secret reads NAME, or the file that NAME_FILE names.
func (e *environment) secret(name string) secret {
	value, file := strings.TrimSpace(e.getenv(name)), e.getenv(name+"_FILE")
	switch {
	case value != "" && file != "":
		e.errs = append(e.errs, fmt.Errorf("%s and %s_FILE are both set; set one", name, name))
	case file != "":
		data, err := os.ReadFile(file)
		if err == nil && strings.TrimSpace(string(data)) == "" {
			err = fmt.Errorf("%s is empty", file)
		}
		if err != nil {
			e.errs = append(e.errs, fmt.Errorf("%s_FILE: %w", name, err))
		}
		value = strings.TrimSpace(string(data))
	}
	return secret(value)
}

func (e *environment) number(name string, otherwise int) int {
	v := e.text(name, "")
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		e.errs = append(e.errs, fmt.Errorf("%s: %q is no number of 0 or more (0 is no limit)", name, v))
	}
	return n
}

// config is what the adapter needs. With a webhook it listens already, so that
// an address in use is an error at the start.
func (t telegramSettings) config() (telegram.Config, error) {
	c := telegram.Config{Token: string(t.Token), URL: t.URL, Journal: t.Journal, Limits: t.Limits}
	if t.HookURL == "" {
		return c, nil
	}
	l, err := net.Listen("tcp", t.Listen)
	if err != nil {
		return c, fmt.Errorf("TELEGRAM_WEBHOOK_LISTEN: %w", err)
	}
	c.Webhook = &telegram.Webhook{URL: t.HookURL, Secret: string(t.HookKey), Listener: l}
	return c, nil
}
