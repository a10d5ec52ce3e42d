package telegram

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"
)

const (
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	maxUpdate    = 1 << 20          // bytes of a webhook request; real updates stay below 200 KiB
	patienceTime = 50 * time.Second // how long a request waits for its update to be handled
)

// serve receives updates by webhook until ctx ends: requests that came before
// are answered first.
func (a *Adapter) serve(ctx context.Context) error {
	w := a.cfg.Webhook
	secret := w.Secret
	if secret == "" {
		secret = rand.Text()
	}
	server := &http.Server{
		Handler: a.hook(secret), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: patienceTime + 10*time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: log.New(io.Discard, "", 0), // it would write addresses of people
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(w.Listener) }()
	// What came before the end is finished even if it came before the answer to
	// the registration did.
	err := a.register(ctx, secret)
	if err == nil {
		a.receiving.Store(true)
		select {
		case err = <-ended:
			return fmt.Errorf("webhook: %w", err)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.Grace+time.Second)
	defer cancel()
	if server.Shutdown(grace) != nil {
		_ = server.Close() // requests that are left get no answer, and their updates come again
	}
	<-ended
	a.pool.close()
	return err
}

// register tells the server where updates go.
func (a *Adapter) register(ctx context.Context, secret string) error {
	for n := 0; ; n++ {
		one, cancel := context.WithTimeout(ctx, callTime)
		err := a.api.setWebhook(one, setWebhook{
			URL: a.cfg.Webhook.URL, Secret: secret, Allowed: a.kinds(), Most: min(a.cfg.Workers, 100),
		})
		cancel()
		if err == nil {
			return nil
		}
		if refused(err, 400, "") {
			err = fmt.Errorf("%w: the server does not take the webhook's address (%w); see TELEGRAM_WEBHOOK_URL", errFatal, err)
			a.fatal(err)
			return err
		}
		if err := a.trouble(ctx, err, n); err != nil {
			return err
		}
	}
}

// hook handles an update that the server delivers. It answers 200 only when the
// update was handled, so that the server delivers it again if that fails.
func (a *Adapter) hook(secret string) http.Handler {
	want := sha256.Sum256([]byte(secret))
	path := "/"
	if u, err := url.Parse(a.cfg.Webhook.URL); err == nil && u.Path != "" {
		path = u.Path
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path || r.Method != http.MethodPost {
			http.NotFound(w, r)
			return
		}
		got := sha256.Sum256([]byte(r.Header.Get(secretHeader)))
		if subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			a.counts.forbidden.Add(1)
			http.Error(w, "wrong or missing "+secretHeader, http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpdate))
		if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
			// It is acknowledged, or it would come for ever.
			a.counts.poisoned.Add(1)
			a.log.Error("telegram update set aside", "err", fmt.Sprintf("it is longer than %d bytes", maxUpdate))
			return
		}
		if err != nil {
			return // the connection is gone
		}
		a.accept(w, r, body)
	})
}

// accept takes an update and waits for it.
func (a *Adapter) accept(w http.ResponseWriter, r *http.Request, body []byte) {
	ctx, cancel := context.WithTimeout(r.Context(), patienceTime)
	defer cancel()
	e, _ := a.take(ctx, body)
	if e == nil {
		http.Error(w, "no update", http.StatusBadRequest)
		return
	}
	select {
	case <-e.done:
	case <-ctx.Done():
	}
	if !a.ledger.handled(e.id) {
		http.Error(w, "not handled yet; deliver it again", http.StatusServiceUnavailable)
	}
}
