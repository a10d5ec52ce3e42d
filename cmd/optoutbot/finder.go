package main

import (
	"context"

	"optoutbot/bot"
	"optoutbot/index"
)

// finder hands the index to the bot.
type finder struct{ ix *index.Index }

var _ bot.Finder = finder{}

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
