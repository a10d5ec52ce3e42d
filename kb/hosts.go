package kb

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// hosts says where links may point.
type hosts struct {
	Allow []string `yaml:"allow"` // host names without "www."
	Never []struct {
		At  string `yaml:"at"` // an address, a host with or without a path, or "*." and a host
		Why string `yaml:"why"`
	} `yaml:"never"`
}

func (l *loader) loadHosts() {
	const name = "hosts.yaml"
	l.readYAML(name, &l.base.hosts)
}

// fault says what is wrong with an address, or nothing.
func (h *hosts) fault(address string) string {
	u, err := url.Parse(address)
	odd := func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>\`, r) }
	if err != nil || strings.ContainsFunc(address, odd) || u.Host == "" || u.User != nil || u.Port() != "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Sprintf("%q is not a plain web address", address)
	}
	for _, n := range h.Never {
		if matches(n.At, address) {
			return fmt.Sprintf("%s must never be shown: %s", n.At, n.Why)
		}
	}
	if !slices.Contains(h.Allow, hostOf(address)) {
		return fmt.Sprintf("host %s is not allowed in hosts.yaml", hostOf(address))
	}
	return ""
}

// matches reports whether an address lies at a place that is never shown.
func matches(at, address string) bool {
	clean := func(s string) string {
		if plain, err := url.PathUnescape(s); err == nil {
			s = plain
		}
		s = strings.ToLower(s)
		s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
		return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
	}
	a, p := clean(address), clean(at)
	host := hostOf(address)
	if base, any := strings.CutPrefix(p, "*."); any {
		return host == base || strings.HasSuffix(host, "."+base)
	}
	rest, ok := strings.CutPrefix(a, p)
	return ok && (rest == "" || strings.ContainsRune("/?#", rune(rest[0])))
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}
