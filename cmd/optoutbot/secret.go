package main

import "net/url"

// secret is a value that is not shown: not in a log, not in an error, not when
// it is printed.
type secret string

const hidden = "***"

// String hides the value.
func (s secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the value.
func (s secret) GoString() string { return s.String() }

// MarshalText hides the value.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// address is the address of a database, which may hold a password. It shows
// itself without.
type address string

// String hides the password.
func (a address) String() string {
	if u, err := url.Parse(string(a)); err == nil && u.User != nil {
		if _, has := u.User.Password(); has {
			u.User = url.UserPassword(u.User.Username(), "xxx")
			return u.String()
		}
	}
	return string(a)
}

// GoString hides the password.
func (a address) GoString() string { return a.String() }

// MarshalText hides the password.
func (a address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

func (a address) hasPassword() bool { return a.String() != string(a) }
