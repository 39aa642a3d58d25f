package chart

// Bars is a picture of one number for each of several things.
type Bars struct {
	Title string
	Unit  string // what the numbers are, below the axis
	Log   bool
	Bars  []Bar
}

// A Bar is one of them.
type Bar struct {
	Name  string
	Value float64
	Ours  bool // drawn in the first colour, the others in a quiet one
}

// SVG draws it.
func (b Bars) SVG() []byte {
	const width, left, right, top, step = 760.0, 230.0, 70.0, 44.0, 24.0
	bottom := top + step*float64(len(b.Bars))
	p := newPage(width, bottom+44, b.Title)
	values := make([]float64, 0, len(b.Bars))
	for _, bar := range b.Bars {
		values = append(values, bar.Value)
	}
	x := newAxis(b.Log, values, left, width-right)
	for _, t := range x.ticks() {
		p.line(x.at(t), top, x.at(t), bottom)
		p.text(x.at(t), bottom+16, "middle", "quiet", round(t))
	}
	for i, bar := range b.Bars {
		y := top + step*float64(i)
		fill := colours[len(colours)-1]
		if bar.Ours {
			fill = colour(0)
		}
		end := x.at(bar.Value)
		p.add(`<rect x="%s" y="%s" width="%s" height="%s" rx="2" fill="%s"/>`+"\n", num(left), num(y+4), num(max(1, end-left)), num(step-8), fill)
		p.text(left-8, y+17, "end", "", bar.Name)
		p.text(end+6, y+17, "start", "quiet", Short(bar.Value))
	}
	p.text((left+width-right)/2, bottom+36, "middle", "quiet", b.Unit)
	return p.end()
}
