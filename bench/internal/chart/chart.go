// Package chart draws figures as SVG that reads well on light and on dark pages.
package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// style follows the page. The colours of series keep their distance from each other and from both backgrounds.
const style = `<style>
svg { background: #ffffff; font: 13px system-ui, sans-serif }
text { fill: #1f2328 } .title { font-size: 15px; font-weight: 600 } .quiet { fill: #59636e }
.grid { stroke: #d1d9e0; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
  svg { background: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #30363d }
}
</style>
`

var colours = []string{"#d9480f", "#1971c2", "#2f9e44", "#9c36b5", "#c99700", "#0c8599", "#c2255c", "#6b7280"}

func colour(i int) string { return colours[i%len(colours)] }

// A page is an SVG on its way.
type page struct{ b strings.Builder }

func newPage(width, height float64, title string) *page {
	p := &page{}
	p.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img">`+"\n",
		num(width), num(height), num(width), num(height))
	p.add("<title>%s</title>\n%s", escape(title), style)
	p.text(16, 26, "start", "title", title)
	return p
}

func (p *page) add(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

func (p *page) text(x, y float64, anchor, class, s string) {
	p.add(`<text x="%s" y="%s" text-anchor="%s" class="%s">%s</text>`+"\n", num(x), num(y), anchor, class, escape(s))
}

func (p *page) line(x1, y1, x2, y2 float64) {
	p.add(`<line class="grid" x1="%s" y1="%s" x2="%s" y2="%s"/>`+"\n", num(x1), num(y1), num(x2), num(y2))
}

func (p *page) end() []byte { return []byte(p.b.String() + "</svg>\n") }

func num(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// Short writes a number with three digits that count.
func Short(x float64) string {
	switch a := math.Abs(x); {
	case x == 0:
		return "0"
	case a >= 1e9:
		return short(x/1e9) + "G"
	case a >= 1e6:
		return short(x/1e6) + "M"
	case a >= 1e4:
		return short(x/1e3) + "k"
	}
	return short(x)
}

// round is Short without the zeros of a round number.
func round(x float64) string {
	s := Short(x)
	digits := strings.TrimRight(s, "kMG")
	if strings.Contains(digits, ".") {
		return strings.TrimRight(strings.TrimRight(digits, "0"), ".") + s[len(digits):]
	}
	return s
}

func short(x float64) string {
	digits := 2 - int(math.Floor(math.Log10(math.Abs(x))))
	return strconv.FormatFloat(x, 'f', max(0, min(digits, 3)), 64)
}
