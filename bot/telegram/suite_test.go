package telegram

import (
	"context"
	"testing"

	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

func TestSuitePolling(t *testing.T) {
	bottest.Run(t, func(t testing.TB, b bottest.Answerer) bottest.Platform {
		return &platform{rig: newRig(t, b, nil).run(t)}
	})
}

func TestSuiteWebhook(t *testing.T) {
	bottest.Run(t, func(t testing.TB, b bottest.Answerer) bottest.Platform {
		return &platform{rig: newRig(t, b, func(c *Config) {
			byWebhook(t)(c)
			// With several connections the server itself delivers out of order.
			c.Workers = 1
		}).run(t)}
	})
}

// platform is Telegram for the suite.
type platform struct {
	*rig
	messages int64
}

func (p *platform) next() int64 { p.messages++; return p.messages }

func (p *platform) Say(person int64, text string) {
	p.Deliver(tgtest.Private(person, p.next(), text))
}

func (p *platform) SayInGroup(person int64, text string, toBot bool) {
	if !toBot {
		p.Deliver(tgtest.Group(-100, person, p.next(), text))
		return
	}
	p.Deliver(tgtest.Mention(tgtest.Group(-100, person, p.next(), "@"+tgtest.Username+" "+text), 0, len(tgtest.Username)+1))
}

func (p *platform) SayAsBot(self bool, text string) {
	u := tgtest.Private(1, p.next(), text)
	from := tgtest.User(4711)
	from["is_bot"] = true
	if self {
		from = tgtest.Bot()
	}
	tgtest.Message(u)["from"] = from
	p.Deliver(u)
}

func (p *platform) Press(person int64, data string) {
	p.Deliver(tgtest.Press(person, person, 1, data, nil))
}

func (p *platform) Sent(ctx context.Context, n int) ([]bottest.Message, error) {
	calls, err := p.Wait(ctx, "sendMessage", n)
	var out []bottest.Message
	for _, c := range calls {
		m := bottest.Message{Person: c.Int("chat_id"), Text: c.Visible()}
		for _, b := range c.Buttons() {
			if b.Data != "" {
				m.Data = append(m.Data, b.Data)
			}
		}
		out = append(out, m)
	}
	return out, err
}

func (p *platform) FailNext() {
	p.Order(tgtest.Fault{Kind: tgtest.Internal, Method: "sendMessage"})
}

func (p *platform) Stop() error { return p.stop() }

func (p *platform) Limit() int { return 4096 }
