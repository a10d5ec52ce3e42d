package dctest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// spec is Discord's specification as a file.
type spec struct {
	router routers.Router
	right  sync.Map // requests that were right, by their sum: a check takes some 40 ms
}

// findSpec reads the file that DISCORD_SPEC names, or
// ../shared/specs/discord-openapi.json beside the module; nil when there is
// none, or DISCORD_SPEC is "off".
func findSpec() *spec { return readSpec() }

var readSpec = sync.OnceValue(func() *spec {
	name := os.Getenv("DISCORD_SPEC")
	if name == "off" {
		return nil
	}
	if name == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil
		}
		for dir != filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			dir = filepath.Dir(dir)
		}
		name = filepath.Join(dir, "..", "shared", "specs", "discord-openapi.json")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	return &spec{router: router}
})

// permissionForm is where the specification wants a number and Discord's
// documentation a text of figures, which is what all libraries send and what
// Discord itself gives back.
var permissionForm = regexp.MustCompile(`("default_member_permissions":)"(\d+)"`)

// check compares a request with the specification. Path is that below the
// version, body is JSON.
func (s *spec) check(method, path, query string, body []byte) error {
	body = permissionForm.ReplaceAll(body, []byte("$1$2"))
	req, err := http.NewRequest(method, "https://discord.com/api/v10"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.URL.RawQuery = query
	req.Header.Set("Authorization", "Bot x")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	} else {
		req.Body = io.NopCloser(bytes.NewReader(nil))
	}
	route, params, err := s.router.FindRoute(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s?%s\n%s", method, route.Path, query, body))
	if _, ok := s.right.Load(sum); ok {
		return nil
	}
	err = openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true},
	})
	if err == nil {
		s.right.Store(sum, nil)
	}
	return err
}
