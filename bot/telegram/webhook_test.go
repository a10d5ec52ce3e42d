package telegram

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

// hookRig is an adapter with a webhook that the test calls itself.
func hookRig(t *testing.T, b bottest.Answerer) (*rig, string) {
	var address string
	r := newRig(t, b, func(c *Config) {
		byWebhook(t)(c)
		c.Webhook.Secret = "the-secret"
		address = c.Webhook.URL
	}).run(t)
	r.calls(t, "setWebhook", 1)
	return r, address
}

// post makes a request and returns the status. It may be called from any
// goroutine.
func post(t *testing.T, address, method, secret, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	if secret != "" {
		req.Header.Set(secretHeader, secret)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	_ = resp.Body.Close() // only the status counts
	return resp.StatusCode
}

const update = `{"update_id":5,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"from":{"id":1},"text":"messenger"}}`

func TestWebhookRefuses(t *testing.T) {
	r, address := hookRig(t, bottest.New(t))
	for _, c := range []struct {
		name, method, secret, path, body string
		want                             int
	}{
		{"no secret", "POST", "", "", update, 401},
		{"wrong secret", "POST", "the-secreT", "", update, 401},
		{"longer secret", "POST", "the-secret-", "", update, 401},
		{"get", "GET", "the-secret", "", "", 404},
		{"another path", "POST", "the-secret", "/x", update, 404},
		{"no JSON", "POST", "the-secret", "", "hello", 400},
		{"no number", "POST", "the-secret", "", "{}", 400},
		{"poisoned", "POST", "the-secret", "", `{"update_id":7,"message":[]}`, 200},
		{"too long", "POST", "the-secret", "", `{"update_id":8,"x":"` + strings.Repeat("x", maxUpdate) + `"}`, 200},
		{"too deep", "POST", "the-secret", "", `{"update_id":9,"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, 200},
	} {
		if got := post(t, address+c.path, c.method, c.secret, c.body); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
	if got := r.Calls("sendMessage"); len(got) != 0 {
		t.Errorf("got %d messages, want none", len(got))
	}
	if c := r.a.Counts(); c.Forbidden != 3 || c.Poisoned != 5 {
		t.Errorf("got %d forbidden and %d poisoned, want 3 and 5", c.Forbidden, c.Poisoned)
	}
}

// The answer to the request comes after the answer to the person: as long as the
// server holds the message back, there is none.
func TestWebhookAcknowledgesAfterHandling(t *testing.T) {
	r, address := hookRig(t, bottest.New(t))
	reached, release := make(chan struct{}), make(chan struct{})
	r.Order(tgtest.Fault{Method: "sendMessage", Only: func(map[string]any) bool {
		close(reached)
		<-release
		return false // no fault
	}})
	code := make(chan int, 1)
	go func() { code <- post(t, address, "POST", "the-secret", update) }()
	<-reached
	// Whoever answers too early has done so by the time another request is
	// answered.
	post(t, address, "POST", "wrong", update)
	select {
	case got := <-code:
		t.Errorf("got %d before the message was sent", got)
	default:
	}
	close(release)
	if t.Failed() {
		return
	}
	if got := <-code; got != 200 {
		t.Errorf("got %d, want 200", got)
	}
}

// A repeat is answered like the first and causes nothing.
func TestWebhookRepeat(t *testing.T) {
	r, address := hookRig(t, bottest.New(t))
	for range 3 {
		if got := post(t, address, "POST", "the-secret", update); got != 200 {
			t.Fatalf("got %d, want 200", got)
		}
		if got := len(r.Calls("sendMessage")); got != 1 {
			t.Fatalf("got %d messages, want one", got)
		}
	}
}

// An update that comes again while it is in hand waits for the first.
func TestWebhookRepeatInHand(t *testing.T) {
	b := bottest.Scripted{Bot: bottest.New(t), Gate: make(chan struct{})}
	r, address := hookRig(t, b)
	body := strings.Replace(update, "messenger", bottest.Wait, 1)
	codes := make(chan int)
	for range 2 {
		go func() { codes <- post(t, address, "POST", "the-secret", body) }()
	}
	b.Gate <- struct{}{}
	if x, y := <-codes, <-codes; x != 200 || y != 200 {
		t.Errorf("got %d and %d, want 200 twice", x, y)
	}
	if got := len(r.Calls("sendMessage")); got != 1 {
		t.Errorf("got %d messages, want one", got)
	}
}

// Without a secret in the configuration each start makes one that Telegram
// takes.
func TestWebhookOwnSecret(t *testing.T) {
	r := newRig(t, bottest.New(t), byWebhook(t)).run(t)
	got := r.calls(t, "setWebhook", 1)[0].Text("secret_token")
	if !secretForm.MatchString(got) || len(got) < 20 {
		t.Errorf("got secret %q", got)
	}
	if bytes.Contains([]byte(r.logs.String()), []byte(got)) {
		t.Error("the secret is in the log")
	}
}

// What the end leaves unanswered gets no 200, so that it comes again.
func TestWebhookEnd(t *testing.T) {
	b := bottest.Scripted{Bot: bottest.New(t), Gate: make(chan struct{})}
	r, address := hookRig(t, b)
	code := make(chan int)
	go func() {
		code <- post(t, address, "POST", "the-secret", strings.Replace(update, "messenger", bottest.Wait, 1))
	}()
	b.Gate <- struct{}{}
	if got := <-code; got != 200 {
		t.Errorf("got %d, want 200", got)
	}
	if err := r.stop(); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

// An update may come before the answer to the registration does, and the end
// between the two: it is answered even so.
func TestWebhookEndBeforeRegistered(t *testing.T) {
	b := bottest.Scripted{Bot: bottest.New(t), Gate: make(chan struct{})}
	r := newRig(t, b, byWebhook(t))
	held, sent := make(chan struct{}), make(chan struct{}, 1)
	t.Cleanup(func() { close(held) })
	r.OnCall = func(c tgtest.Call) {
		switch c.Method {
		case "setWebhook":
			<-held
		case "sendMessage":
			sent <- struct{}{}
		}
	}
	r.run(t)
	r.Deliver(tgtest.Private(1, 1, bottest.Wait))
	for limit := time.Now().Add(hang); r.a.InHand() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("the question does not arrive; log: %s", r.logs)
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- r.stop() }()
	select {
	case err := <-ended:
		t.Errorf("Run ended (%v) with a question in hand", err)
		ended <- err
	case <-time.After(100 * time.Millisecond): // enough to see it end too early
	}
	b.Gate <- struct{}{}
	if err := <-ended; err != nil {
		t.Errorf("got %v, want nil", err)
	}
	select {
	case <-sent:
	default:
		t.Errorf("the question was not answered; log: %s", r.logs)
	}
}
