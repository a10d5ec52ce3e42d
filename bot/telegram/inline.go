package telegram

import (
	"context"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
)

// Limits and settings of inline results: Telegram Bot API, answerInlineQuery.
const (
	maxResults = 50
	maxID      = 64  // bytes of a result's id
	cacheTime  = 300 // seconds
)

// onQuery shows answers to what a person types after the bot's name in any
// chat.
func (a *Adapter) onQuery(c tele.Context) error {
	ctx, q := a.call(c).ctx, c.Query()
	if q.Sender == nil || q.Sender.IsBot {
		return nil
	}
	lang := q.Sender.LanguageCode
	found, err := a.bot.Suggest(ctx, q.Text, lang, maxResults)
	if err != nil {
		a.log.Error("nothing suggested", "err", err) // an empty list is shown
	}
	p := a.profile(lang)
	out := answerInlineQuery{
		ID: q.ID, Results: []article{}, CacheTime: cacheTime,
		// The server keeps results by what was typed; in several languages the
		// same letters have other results for other people.
		Personal: len(a.profiles) > 1,
		Button:   &inlineButton{Text: clip(clean(p.Name), maxLabel), Start: "topics"},
	}
	for _, s := range found {
		if x, ok := a.article(s, p); ok && len(out.Results) < maxResults {
			out.Results = append(out.Results, x)
		}
	}
	err = a.direct(ctx, func(ctx context.Context) error { return a.api.answerInlineQuery(ctx, out) })
	if refused(err, 400, "") {
		return nil // the person has typed on, and this answer is too late
	}
	if err == nil {
		a.counts.answers.Add(1)
	}
	return err
}

// article is an inline result: the title and the short answer, with the
// official link and the way to the whole answer below.
func (a *Adapter) article(s bot.Suggestion, p bot.Profile) (article, bool) {
	if s.ID == "" || len(s.ID) > maxID || s.Title == "" {
		return article{}, false
	}
	text := join([]para{{{text: clean(s.Title), bold: true}}, {{text: clean(s.Short)}}})
	if len(text) == 0 {
		return article{}, false
	}
	k := &markup{}
	if url := web(s.Link.URL); url != "" {
		k.add([]button{{Text: label(s.Link.Label + " (" + s.Link.Host + ")"), URL: url}})
	}
	k.add([]button{{Text: label(p.More), URL: a.deepLink(s.ID)}})
	return article{
		Type: "article", ID: s.ID, Title: clean(s.Title), Description: clean(s.Short), Keys: k,
		Content: textContent{Text: text[0].html, ParseMode: htmlMode, Preview: preview{Disabled: true}},
	}, true
}
