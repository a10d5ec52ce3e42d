package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"optoutbot/bot"
	"optoutbot/index"
	"optoutbot/kb"
)

// content is a knowledge base with what answers from it.
type content struct {
	bot  *bot.Bot
	base *kb.Base
	ix   *index.Index
}

// live is the bot as adapters use it. The content can be exchanged while
// questions are asked: each runs to its end on the content that it began with.
type live struct {
	mu      sync.RWMutex // held for reading by questions, for writing by the exchange
	now     content
	metrics *metrics
	log     *slog.Logger
}

func newLive(c content, m *metrics, log *slog.Logger) *live {
	m.content(c.base)
	return &live{now: c, metrics: m, log: log}
}

// exchange puts another content in the place of the present one, which it
// closes when no question needs it. Questions wait for less than one of them
// takes.
func (l *live) exchange(next content) error {
	l.mu.Lock()
	old := l.now
	l.now = next
	l.mu.Unlock()
	l.metrics.content(next.base)
	return old.ix.Close()
}

// Close closes the content.
func (l *live) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now.ix.Close()
}

// hash is that of the content in use.
func (l *live) hash() string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.now.base.Hash
}

// Ask is [bot.Bot.Ask], measured.
func (l *live) Ask(ctx context.Context, q bot.Question) (bot.Reply, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	start := time.Now()
	r, err := l.now.bot.Ask(ctx, q)
	l.took("question", q.Place, r, start)
	return r, l.complain(err)
}

// Press is [bot.Bot.Press], measured.
func (l *live) Press(ctx context.Context, p bot.Press) (bot.Reply, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	start := time.Now()
	r, err := l.now.bot.Press(ctx, p)
	l.took("press", p.Place, r, start)
	return r, l.complain(err)
}

// Suggest is [bot.Bot.Suggest], measured.
func (l *live) Suggest(ctx context.Context, typed, hint string, n int) ([]bot.Suggestion, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	start := time.Now()
	s, err := l.now.bot.Suggest(ctx, typed, hint, n)
	l.metrics.took("suggest", "", time.Since(start))
	return s, err
}

// Profiles is [bot.Bot.Profiles].
func (l *live) Profiles() []bot.Profile {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.now.bot.Profiles()
}

// Choices is [bot.Bot.Choices].
func (l *live) Choices(ctx context.Context, p bot.Place) (bot.Choices, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	c, err := l.now.bot.Choices(ctx, p)
	return c, l.complain(err)
}

// Choose is [bot.Bot.Choose].
func (l *live) Choose(ctx context.Context, p bot.Place, change func(*bot.Choices)) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.now.bot.Choose(ctx, p, change)
}

func (l *live) took(what string, at bot.Place, r bot.Reply, start time.Time) {
	d := time.Since(start)
	l.metrics.took(what, at.Platform, d)
	l.log.Debug(what, "platform", at.Platform, "lang", r.Lang, "outcome", string(r.Outcome), "entry", r.Entry, "took", d)
}

// complain counts a store that is away instead of handing its error on: that is
// logged where it began, and not once a question.
func (l *live) complain(err error) error {
	if errors.Is(err, errNoStore) {
		l.metrics.storeMissed.Inc()
		return nil
	}
	return err
}
