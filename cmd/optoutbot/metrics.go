package main

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"optoutbot/bot"
	"optoutbot/kb"
)

// metrics are what the program tells about itself. No label comes from what a
// person typed: languages and entries are those of the knowledge base.
type metrics struct {
	registry    *prometheus.Registry
	questions   *prometheus.CounterVec
	presses     *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	info        *prometheus.GaugeVec
	loaded      prometheus.Gauge
	checked     prometheus.Gauge
	due         prometheus.Gauge
	reloads     *prometheus.CounterVec
	storeMissed prometheus.Counter
}

func newMetrics() *metrics {
	name := func(s string) string { return prometheus.BuildFQName("optoutbot", "", s) }
	m := &metrics{
		registry: prometheus.NewRegistry(),
		questions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("questions_total"),
			Help: "Questions by what came of them."}, []string{"platform", "language", "outcome", "entry"}),
		presses: prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("presses_total"),
			Help: "Answers opened by a button, and votes."}, []string{"platform", "language", "what", "entry"}),
		// A search takes some 0.3 ms; the buckets reach from a tenth of that to what would be a fault.
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name("answer_seconds"),
			Help: "How long finding and composing took.", Buckets: prometheus.ExponentialBuckets(0.00005, 2, 16)}, []string{"platform", "what"}),
		info:    prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name("content_info"), Help: "The content in use, by its hash."}, []string{"content", "version"}),
		loaded:  prometheus.NewGauge(prometheus.GaugeOpts{Name: name("content_loaded_timestamp_seconds"), Help: "When the content was loaded."}),
		checked: prometheus.NewGauge(prometheus.GaugeOpts{Name: name("content_oldest_check_timestamp_seconds"), Help: "When the answer that was not checked for longest was checked."}),
		due:     prometheus.NewGauge(prometheus.GaugeOpts{Name: name("content_next_review_timestamp_seconds"), Help: "When the first answer is due for review."}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("content_reloads_total"),
			Help: "Contents that were taken, refused for their faults, or failed to build."}, []string{"result"}),
		storeMissed: prometheus.NewCounter(prometheus.CounterOpts{Name: name("store_missed_total"),
			Help: "Questions that were answered without the store, because it was away."}),
	}
	m.registry.MustRegister(m.questions, m.presses, m.seconds, m.info, m.loaded, m.checked, m.due, m.reloads, m.storeMissed,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, r := range []string{"taken", "refused", "failed"} {
		m.reloads.WithLabelValues(r) // so that they are there from the start
	}
	return m
}

// Count is [bot.Counter]'s.
func (m *metrics) Count(e bot.Event) {
	vec := m.presses
	switch e.What {
	case bot.Answered, bot.Offered, bot.Unanswered:
		vec = m.questions
	}
	vec.WithLabelValues(platformLabel(e.Platform), e.Lang, string(e.What), e.Entry).Inc()
}

func (m *metrics) took(what, platform string, d time.Duration) {
	m.seconds.WithLabelValues(platformLabel(platform), what).Observe(d.Seconds())
}

func platformLabel(p string) string {
	if p == "" {
		return "none"
	}
	return p
}

// content says which content is in use.
func (m *metrics) content(base *kb.Base) {
	m.info.Reset()
	m.info.WithLabelValues(shortHash(base.Hash), programVersion()).Set(1)
	m.loaded.SetToCurrentTime()
	var oldest, next time.Time
	for _, e := range base.Entries {
		if oldest.IsZero() || e.Checked.Time.Before(oldest) {
			oldest = e.Checked.Time
		}
		if next.IsZero() || e.ReviewBy.Time.Before(next) {
			next = e.ReviewBy.Time
		}
	}
	m.checked.Set(float64(oldest.Unix()))
	m.due.Set(float64(next.Unix()))
}

// store shows how the store does.
func (m *metrics) store(k *keeper) {
	m.registry.MustRegister(
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "optoutbot_store_lost_counts_total",
			Help: "Counts that were lost because the store was away for too long."}, func() float64 { return float64(k.lostCounts()) }),
	)
}

// adapter shows what an adapter does.
func (m *metrics) adapter(platform string, one adapter) {
	m.registry.MustRegister(newAdapterCounts(platform, one.LogCounts),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "optoutbot_in_hand", Help: "Updates and interactions that are being answered.",
			ConstLabels: prometheus.Labels{"platform": platform}}, func() float64 { return float64(one.InHand()) }))
}

// adapterCounts shows the counts of an adapter: those that its Counts write
// into a log as a group, by the same names.
type adapterCounts struct {
	platform string
	counts   func() slog.LogValuer
	desc     *prometheus.Desc
}

func newAdapterCounts(platform string, counts func() slog.LogValuer) adapterCounts {
	return adapterCounts{platform, counts, prometheus.NewDesc("optoutbot_adapter_events_total",
		"What the adapter has done: updates received, repeated, poisoned, messages sent, tried again, …",
		[]string{"event"}, prometheus.Labels{"platform": platform})}
}

// Describe is [prometheus.Collector]'s.
func (a adapterCounts) Describe(ch chan<- *prometheus.Desc) { ch <- a.desc }

// Collect is [prometheus.Collector]'s.
func (a adapterCounts) Collect(ch chan<- prometheus.Metric) {
	for _, attr := range a.counts().LogValue().Group() {
		ch <- prometheus.MustNewConstMetric(a.desc, prometheus.CounterValue, float64(attr.Value.Int64()), attr.Key)
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
