package kb

import "testing"

func TestHostsFault(t *testing.T) {
	h := hosts{Allow: []string{"facebook.com", "help.instagram.com"}}
	for _, n := range [][2]string{
		{"https://www.facebook.com/help/contact/666", "a copy"},
		{"*.evil.example", "not Meta's"},
		{"facebook.com/old", "gone"},
	} {
		h.Never = append(h.Never, struct {
			At  string `yaml:"at"`
			Why string `yaml:"why"`
		}{n[0], n[1]})
	}
	const never = "https://www.facebook.com/help/contact/666 must never be shown: a copy"
	for _, tt := range []struct {
		name, address, want string
	}{
		{"allowed", "https://www.facebook.com/help/contact/1", ""},
		{"allowed without www", "https://facebook.com/", ""},
		{"allowed in capitals", "https://WWW.Facebook.com/", ""},
		{"subdomain", "https://m.facebook.com/", "host m.facebook.com is not allowed in hosts.yaml"},
		{"look-alike", "https://facebook.com.evil.org/", "host facebook.com.evil.org is not allowed in hosts.yaml"},
		{"look-alike before", "https://notfacebook.com/", "host notfacebook.com is not allowed in hosts.yaml"},
		{"never", "https://www.facebook.com/help/contact/666", never},
		{"never with slash", "https://facebook.com/help/contact/666/", never},
		{"never with more path", "https://facebook.com/help/contact/666/x", never},
		{"never with query", "http://facebook.com/help/contact/666?a=b", never},
		{"never with fragment", "https://facebook.com/help/contact/666#top", never},
		{"never with escapes", "https://facebook.com/help/contact/%36%36%36", never},
		{"never in capitals", "https://facebook.com/HELP/contact/666", never},
		{"longer number is another page", "https://facebook.com/help/contact/6667", ""},
		{"never by host", "https://evil.example/a", "*.evil.example must never be shown: not Meta's"},
		{"never by subdomain", "https://a.b.evil.example", "*.evil.example must never be shown: not Meta's"},
		{"never by subdomain with query", "https://a.evil.example?x", "*.evil.example must never be shown: not Meta's"},
		{"never without scheme", "https://www.facebook.com/old/page", "facebook.com/old must never be shown: gone"},
		{"user name", "https://facebook.com@evil.org/", `"https://facebook.com@evil.org/" is not a plain web address`},
		{"port", "https://facebook.com:8443/", `"https://facebook.com:8443/" is not a plain web address`},
		{"script", "javascript:alert(1)", `"javascript:alert(1)" is not a plain web address`},
		{"no host", "https:///x", `"https:///x" is not a plain web address`},
		{"no scheme", "facebook.com/help", `"facebook.com/help" is not a plain web address`},
		{"control character", "https://facebook.com/\n", `"https://facebook.com/\n" is not a plain web address`},
		{"space", "https://facebook.com/a b", `"https://facebook.com/a b" is not a plain web address`},
		{"end of a Markdown link", "https://facebook.com/a)b", ""},
		{"empty", "", `"" is not a plain web address`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := h.fault(tt.address); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLooksLikeAddress(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       bool
	}{
		{"https", "see https://a.example", true},
		{"http in capitals", "HTTP://a.example", true},
		{"www", "Www.a.example", true},
		{"after a letter", "xhttps://a.example", true},
		{"words", "http and www are letters", false},
		{"after other letters", "ü–https://a.example", true},
		{"nothing", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := looksLikeAddress(tt.text); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
