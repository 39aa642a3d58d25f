package ringtest

import "testing"

func TestASiteIsASchemeAndARegisteredDomain(t *testing.T) {
	for from, want := range map[string]string{
		"https://example.com/x":         "https://example.com",
		"https://a.b.Example.com:8443/": "https://example.com",
		"https://shop.example.co.uk/":   "https://example.co.uk",
		"https://co.uk/":                "https://co.uk",
		"http://localhost:8080/":        "http://localhost",
		"http://app.localhost/":         "http://app.localhost",
		"http://10.1.2.3/":              "http://10.1.2.3",
		"http://[::1]:80/":              "http://::1",
		"https://t.co/":                 "https://t.co",
		"https://a.t.co/":               "https://t.co",
	} {
		if got := siteOf(address(from)); got != want {
			t.Errorf("%s is of the site %s; want %s", from, got, want)
		}
	}
}

func TestAnOriginHasNoDefaultPort(t *testing.T) {
	for from, want := range map[string]string{
		"https://Example.com:443/x": "https://example.com",
		"http://example.com:80":     "http://example.com",
		"http://example.com:443":    "http://example.com:443",
		"http://[::1]:8080/":        "http://[::1]:8080",
	} {
		if got := originOf(address(from)); got != want {
			t.Errorf("%s is of the origin %s; want %s", from, got, want)
		}
	}
}
