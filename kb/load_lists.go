package kb

import "slices"

// linkFile is the form of a link in links.yaml.
type linkFile struct {
	ID         place  `yaml:"id"`
	URL        string `yaml:"url"`
	Publisher  string `yaml:"publisher"`
	Kind       string `yaml:"kind"`
	Regions    string `yaml:"regions"`
	Confidence string `yaml:"confidence"`
	Seen       string `yaml:"seen"`
	Advice     string `yaml:"advice"` // for curators
}

func (l *loader) loadLinks() {
	const name = "links.yaml"
	var rows []linkFile
	if !l.readYAML(name, &rows) {
		rows = nil // the texts are read all the same
	}
	for _, r := range rows {
		if r.ID.text == "" || r.URL == "" || r.Publisher == "" || r.Kind == "" || r.Seen == "" {
			l.fault(name, r.ID.line, "link %q needs id, url, publisher, kind and seen", r.ID.text)
		}
		if l.base.Links[r.ID.text] != nil {
			l.fault(name, r.ID.line, "link %q stands twice", r.ID.text)
		}
		if !slices.Contains([]string{"high", "medium", "low"}, r.Confidence) {
			l.fault(name, r.ID.line, "link %q: confidence is high, medium or low, not %q", r.ID.text, r.Confidence)
		}
		if m := l.base.hosts.fault(r.URL); r.URL != "" && l.lacks("hosts.yaml", m == "") {
			l.fault(name, r.ID.line, "link %q: %s", r.ID.text, m)
		}
		l.base.Links[r.ID.text] = &Link{
			ID: r.ID.text, URL: r.URL, Publisher: r.Publisher, Kind: r.Kind, Regions: r.Regions,
			Confidence: r.Confidence, Seen: r.Seen, Texts: map[string]LinkText{},
		}
	}
	for _, lang := range l.base.Languages {
		texts := map[string]LinkText{}
		l.loadText("links", lang.Code, &texts)
		file := textFile("links", lang.Code)
		for id, t := range texts {
			if link := l.base.Links[id]; link != nil {
				link.Texts[lang.Code] = t
			} else if l.lacks(name, false) {
				l.fault(file, l.at(file, id), "there is no link %q", id)
			}
		}
		for id := range l.base.Links {
			if lang.Code == English && l.lacks(file, texts[id].Label != "") {
				l.fault(file, 0, "link %q has no label", id)
			}
		}
	}
}

// isLink reports whether there is such a link, as far as the links were read.
func (l *loader) isLink(id string) bool {
	return l.base.Links[id] != nil || l.broken["links.yaml"]
}

// isSource reports whether there is such a source, as far as they were read.
func (l *loader) isSource(id string) bool {
	return l.base.Sources[id] != nil || l.broken["sources.yaml"]
}

func (l *loader) loadSources() {
	const name = "sources.yaml"
	var rows []struct {
		ID     place `yaml:"id"`
		Source `yaml:",inline"`
	}
	if !l.readYAML(name, &rows) {
		return
	}
	for i := range rows {
		s, line := &rows[i].Source, rows[i].ID.line
		s.ID, s.names = rows[i].ID.text, map[string]string{}
		switch {
		case s.ID == "" || s.Kind == "" || s.Publisher == "" && !l.hasLeaf(textFile("sources", English), s.ID):
			l.fault(name, line, "source %q needs id, publisher and kind", s.ID)
		case l.base.Sources[s.ID] != nil:
			l.fault(name, line, "source %q stands twice", s.ID)
		case s.Link != "" && !l.isLink(s.Link):
			l.fault(name, line, "source %q: there is no link %q", s.ID, s.Link)
		case s.Link == "" && s.Evidence == "":
			l.fault(name, line, "source %q needs a link or the evidence where it was read", s.ID)
		}
		l.base.Sources[s.ID] = s
	}
}

func (l *loader) loadAuthorities() {
	const name = "authorities.yaml"
	var rows []struct {
		Code      place `yaml:"code"`
		Authority `yaml:",inline"`
	}
	if !l.readYAML(name, &rows) {
		return
	}
	for i := range rows {
		a, line := &rows[i].Authority, rows[i].Code.line
		a.Code = rows[i].Code.text
		if a.Code == "" || a.Name == "" || a.Website == "" {
			l.fault(name, line, "authority %q needs code, name and website", a.Code)
		}
		if l.base.AuthorityOf(a.Code) != nil {
			l.fault(name, line, "authority %q stands twice", a.Code)
		}
		for _, id := range []string{a.Website, a.Complaint} {
			if id != "" && !l.isLink(id) {
				l.fault(name, line, "authority %q: there is no link %q", a.Code, id)
			}
		}
		for _, id := range a.Sources {
			if !l.isSource(id) {
				l.fault(name, line, "authority %q: there is no source %q", a.Code, id)
			}
		}
		l.base.Authorities = append(l.base.Authorities, a)
	}
}

func (l *loader) loadClaims() {
	const name = "claims.yaml"
	var rows []struct {
		ID      place    `yaml:"id"`
		Verdict string   `yaml:"verdict"`
		Entry   string   `yaml:"entry"`
		Sources []string `yaml:"sources"`
	}
	if !l.readYAML(name, &rows) {
		rows = nil // the texts are read all the same
	}
	byID := map[string]*Claim{}
	for _, r := range rows {
		if byID[r.ID.text] != nil {
			l.fault(name, r.ID.line, "claim %q stands twice", r.ID.text)
			continue
		}
		c := &Claim{ID: r.ID.text, Verdict: r.Verdict, Entry: r.Entry, Sources: r.Sources, Texts: map[string]ClaimText{}, line: r.ID.line}
		byID[c.ID] = c
		l.base.Claims = append(l.base.Claims, c)
	}
	for _, lang := range l.base.Languages {
		texts := map[string]ClaimText{}
		l.loadText("claims", lang.Code, &texts)
		file := textFile("claims", lang.Code)
		for id, t := range texts {
			if c := byID[id]; c != nil {
				c.Texts[lang.Code] = t
			} else if l.lacks(name, false) {
				l.fault(file, l.at(file, id), "there is no claim %q", id)
			}
		}
	}
}
