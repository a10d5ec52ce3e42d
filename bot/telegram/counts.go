package telegram

import (
	"log/slog"
	"sync/atomic"
)

// Counts say what the adapter has done since it was made. There is nothing in
// them about anybody.
type Counts struct {
	Updates   int64 // received for the first time
	Repeated  int64 // received again
	Poisoned  int64 // set aside because they cannot be read
	Panics    int64 // set aside because handling them panicked
	Answers   int64 // replies that are out
	Messages  int64 // messages that are out; a long reply has several
	Files     int64 // files that are out
	Opened    int64 // messages for one person that had to go to all
	Retries   int64 // messages tried again
	Failed    int64 // replies that could not be sent
	Quiet     int64 // questions left without an answer because of too many in the chat
	Troubles  int64 // errors of receiving
	Forbidden int64 // webhook requests without the secret
	Limited   int64 // answers of the server that it wants to wait (429)
	Elsewhere int64 // updates that another replica has in hand or has handled
	Unshared  int64 // times that the other replicas could not be asked or told
}

type counters struct {
	updates, repeated, poisoned, panics, answers, messages, files, opened, retries, failed, quiet, troubles, forbidden, elsewhere, unshared atomic.Int64
}

// Counts returns the counts. It may be called at any time.
func (a *Adapter) Counts() Counts {
	c := &a.counts
	return Counts{
		Updates: c.updates.Load(), Repeated: c.repeated.Load(), Poisoned: c.poisoned.Load(), Panics: c.panics.Load(),
		Answers: c.answers.Load(), Messages: c.messages.Load(), Files: c.files.Load(), Opened: c.opened.Load(), Retries: c.retries.Load(), Failed: c.failed.Load(),
		Quiet: c.quiet.Load(), Troubles: c.troubles.Load(), Forbidden: c.forbidden.Load(), Limited: a.api.limited.Load(), Elsewhere: c.elsewhere.Load(), Unshared: c.unshared.Load(),
	}
}

// LogCounts returns the counts as a group for logs and metrics.
func (a *Adapter) LogCounts() slog.LogValuer { return a.Counts() }

// LogValue writes the counts as a group.
func (c Counts) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int64("updates", c.Updates), slog.Int64("repeated", c.Repeated), slog.Int64("poisoned", c.Poisoned),
		slog.Int64("panics", c.Panics), slog.Int64("answers", c.Answers), slog.Int64("messages", c.Messages),
		slog.Int64("files", c.Files), slog.Int64("opened", c.Opened),
		slog.Int64("retries", c.Retries), slog.Int64("failed", c.Failed), slog.Int64("quiet", c.Quiet),
		slog.Int64("troubles", c.Troubles), slog.Int64("forbidden", c.Forbidden), slog.Int64("limited", c.Limited), slog.Int64("elsewhere", c.Elsewhere), slog.Int64("unshared", c.Unshared),
	)
}
