package telegram

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"optoutbot/bot/telegram/tgtest"
)

var hello = sendMessage{ChatID: 1, Text: "hello", ParseMode: htmlMode}

func TestClientErrors(t *testing.T) {
	for _, c := range []struct {
		name      string
		fault     tgtest.Fault
		code      int // of an apiError, or 0
		temporary bool
		sent      int
	}{
		{"unauthorized", tgtest.Fault{Kind: tgtest.Unauthorized}, 401, false, 0},
		{"conflict", tgtest.Fault{Kind: tgtest.Conflict}, 409, false, 0},
		{"too many", tgtest.Fault{Kind: tgtest.TooMany, Value: 7}, 429, true, 0},
		{"too many, a page", tgtest.Fault{Kind: tgtest.TooManyHTML}, 429, true, 0},
		{"internal", tgtest.Fault{Kind: tgtest.Internal}, 500, true, 0},
		{"bad gateway, a page", tgtest.Fault{Kind: tgtest.BadGateway}, 502, true, 0},
		{"a page and no error", tgtest.Fault{Kind: tgtest.Page}, 0, true, 0},
		{"blocked", tgtest.Fault{Kind: tgtest.Blocked}, 403, false, 0},
		{"cut before", tgtest.Fault{Kind: tgtest.CutBefore}, 0, true, 0},
		{"cut after", tgtest.Fault{Kind: tgtest.CutAfter}, 0, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := tgtest.New()
			defer s.Close()
			s.Order(c.fault)
			err := trySend(t.Context(), newClient(s.URL, tgtest.Token, 1), hello)
			api := (*apiError)(nil)
			if errors.As(err, &api) != (c.code != 0) || api != nil && api.Code != c.code {
				t.Errorf("got %v, want code %d", err, c.code)
			}
			if temporary(err) != c.temporary {
				t.Errorf("%v: got temporary %v, want %v", err, !c.temporary, c.temporary)
			}
			if n := len(s.Calls("sendMessage")); n != c.sent {
				t.Errorf("got %d messages, want %d", n, c.sent)
			}
			if err != nil && strings.Contains(err.Error(), tgtest.Token) {
				t.Errorf("the error has the token: %v", err)
			}
		})
	}
}

func trySend(ctx context.Context, c *client, m sendMessage) error {
	_, err := c.sendMessage(ctx, m)
	return err
}

// A message that is out is not sent again because the rest of the answer is
// missing or slow.
func TestClientBrokenSuccess(t *testing.T) {
	for _, kind := range []tgtest.Kind{tgtest.CutBody, tgtest.Slow} {
		s := tgtest.New()
		s.Order(tgtest.Fault{Kind: kind})
		if err := trySend(t.Context(), newClient(s.URL, tgtest.Token, 1), hello); err != nil {
			t.Errorf("kind %d: got %v, want success", kind, err)
		}
		s.Close()
	}
}

func TestClientRetryAfter(t *testing.T) {
	for value, want := range map[int64]time.Duration{7: 7 * time.Second, 0: time.Second, -3: time.Second, 1 << 60: maxRetryAfter} {
		s := tgtest.New()
		s.Order(tgtest.Fault{Kind: tgtest.TooMany, Value: value})
		err := trySend(t.Context(), newClient(s.URL, tgtest.Token, 1), hello)
		api := (*apiError)(nil)
		if !errors.As(err, &api) || api.RetryAfter != want {
			t.Errorf("retry_after %d: got %v, want %v", value, err, want)
		}
		s.Close()
	}
}

// No error has the token, whatever goes wrong on the way.
func TestClientHidesToken(t *testing.T) {
	gone := tgtest.New()
	gone.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	redirect := tgtest.New()
	defer redirect.Close()
	for name, call := range map[string]func() error{
		"no server":   func() error { return trySend(t.Context(), newClient(gone.URL, tgtest.Token, 1), hello) },
		"ended":       func() error { return trySend(ended, newClient(redirect.URL, tgtest.Token, 1), hello) },
		"no URL":      func() error { return trySend(t.Context(), newClient("http://\x7f", tgtest.Token, 1), hello) },
		"wrong token": func() error { return trySend(t.Context(), newClient(redirect.URL, "1:other", 1), hello) },
	} {
		err := call()
		if err == nil || strings.Contains(err.Error(), tgtest.Token) || strings.Contains(err.Error(), "1:other") {
			t.Errorf("%s: got %v, want an error without the token", name, err)
		}
	}
}

// A redirect is not followed: it would carry the token to another server.
func TestClientNoRedirect(t *testing.T) {
	c := newClient("http://127.0.0.1", tgtest.Token, 1)
	if err := c.http.CheckRedirect(nil, nil); !errors.Is(err, http.ErrUseLastResponse) {
		t.Errorf("got %v, want %v", err, http.ErrUseLastResponse)
	}
}
