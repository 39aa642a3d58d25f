package cookies

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Limits of what browsers keep.
const (
	maxCookie    = 4096 // bytes of name and value together
	maxAttribute = 1024 // bytes of Domain, of Path
	maxAge       = 400 * 24 * time.Hour
)

// Check returns why a browser would refuse c or keep something else than it says, or nil. It takes the value as [Set]
// would encode it. A life of more than 400 days is no fault: Set and browsers cut it to that. The error names the
// cookie, never its value.
func Check(c http.Cookie) error {
	c.Value = Escape(c.Value)
	return check(&c)
}

// check is Check for a cookie whose value is encoded.
func check(c *http.Cookie) error {
	err := cmp.Or(nameFault(c), valueFault(c), domainFault(c), pathFault(c), ageFault(c), flagsFault(c), prefixFault(c))
	if err != nil {
		return fmt.Errorf("cookies: set %.64q: %w", c.Name, err)
	}
	return nil
}

func nameFault(c *http.Cookie) error {
	if c.Name == "" {
		return errors.New("a cookie needs a name")
	}
	for i := 0; i < len(c.Name); i++ {
		if b := c.Name[i]; b <= ' ' || b >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, b) >= 0 {
			return errors.New("the name may have letters, digits and !#$%&'*+-.^_`|~ only")
		}
	}
	return nil
}

func valueFault(c *http.Cookie) error {
	for i := 0; i < len(c.Value); i++ {
		if !isOctet(c.Value[i]) {
			return errors.New("the encoded value has a byte that a cookie can't carry")
		}
	}
	size := len(c.Name) + len(c.Value)
	if c.Quoted {
		size += len(`""`)
	}
	if size > maxCookie {
		return fmt.Errorf("name and encoded value have %d bytes; browsers keep %d", size, maxCookie)
	}
	return nil
}

func domainFault(c *http.Cookie) error {
	switch {
	case c.Domain == "":
		return nil
	case len(c.Domain) > maxAttribute:
		return fmt.Errorf("the Domain has over %d bytes", maxAttribute)
	// A host of this form is hardly ever asked for, and no other matches.
	case strings.HasSuffix(c.Domain, "."):
		return fmt.Errorf("the Domain %q ends with a dot", c.Domain)
	}
	// http.Cookie.String leaves a Domain out that it dislikes, which gives the cookie to another host.
	if (&http.Cookie{Name: "x", Domain: c.Domain}).Valid() != nil {
		return fmt.Errorf("the Domain %q is no host name", c.Domain)
	}
	return nil
}

func pathFault(c *http.Cookie) error {
	switch p := c.Path; {
	case p == "":
		return nil
	case len(p) > maxAttribute:
		return fmt.Errorf("the Path has over %d bytes", maxAttribute)
	case p[0] != '/': // a browser takes the folder of the request instead
		return fmt.Errorf("the Path %q doesn't begin with a slash", p)
	case p[len(p)-1] == ' ':
		return fmt.Errorf("the Path %q ends with a blank", p)
	}
	for i := 0; i < len(c.Path); i++ {
		if b := c.Path[i]; b < ' ' || b >= 0x7f || b == ';' {
			return fmt.Errorf("the Path %q has a byte that an attribute can't carry", c.Path)
		}
	}
	return nil
}

func ageFault(c *http.Cookie) error {
	if !c.Expires.IsZero() && c.Expires.Year() < 1601 {
		return errors.New("it expires before the year 1601")
	}
	return nil
}

// shorten cuts a life of more than 400 days to that, as browsers do.
func shorten(c *http.Cookie) {
	c.MaxAge = min(c.MaxAge, int(maxAge/time.Second))
	if last := time.Now().Add(maxAge); c.Expires.After(last) {
		c.Expires = last
	}
}

func flagsFault(c *http.Cookie) error {
	switch {
	case c.SameSite < 0 || c.SameSite > http.SameSiteNoneMode:
		return fmt.Errorf("unknown SameSite %d", c.SameSite)
	case c.SameSite == http.SameSiteNoneMode && !c.Secure:
		return errors.New("the attribute SameSite=None needs Secure")
	case c.Partitioned && !c.Secure:
		return errors.New("the attribute Partitioned needs Secure")
	}
	return nil
}

// prefixFault checks what a name promises. Browsers compare without regard to case.
func prefixFault(c *http.Cookie) error {
	host, script := false, false
	switch {
	case hasPrefix(c.Name, "__Host-Http-"):
		host, script = true, true
	case hasPrefix(c.Name, "__Host-"):
		host = true
	case hasPrefix(c.Name, "__Http-"):
		script = true
	case hasPrefix(c.Name, "__Secure-"):
	default:
		return nil
	}
	switch {
	case !c.Secure:
		return errors.New("the prefix of the name needs Secure")
	case host && c.Domain != "":
		return errors.New("the prefix of the name forbids a Domain")
	case host && c.Path != "/":
		return errors.New("the prefix of the name needs Path=/")
	case script && !c.HttpOnly:
		return errors.New("the prefix of the name needs HttpOnly")
	}
	return nil
}

func hasPrefix(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}
