package chart

import (
	"cmp"
	"slices"
	"strings"
)

// Lines is a picture of how numbers grow.
type Lines struct {
	Title string `json:"title"`
	X     string `json:"x"` // what is on the axes
	Y     string `json:"y"`
	LogX  bool   `json:"log_x,omitempty"`
	LogY  bool   `json:"log_y,omitempty"`
	Lines []Line `json:"lines"`
}

// A Line is one of them: points of x and y, in order.
type Line struct {
	Name   string       `json:"name"`
	Points [][2]float64 `json:"points"`
}

// SVG draws it.
func (l Lines) SVG() []byte {
	const width, height, left, right, top, bottom = 720.0, 420.0, 70.0, 190.0, 68.0, 364.0
	p := newPage(width, height, l.Title)
	var xs, ys []float64
	for _, line := range l.Lines {
		for _, at := range line.Points {
			xs, ys = append(xs, at[0]), append(ys, at[1])
		}
	}
	x := newAxis(l.LogX, xs, left, width-right)
	y := newAxis(l.LogY, ys, bottom, top)
	for _, t := range y.ticks() {
		p.line(left, y.at(t), width-right, y.at(t))
		p.text(left-8, y.at(t)+4, "end", "quiet", round(t))
	}
	for _, t := range x.ticks() {
		p.text(x.at(t), bottom+18, "middle", "quiet", round(t))
	}
	p.text((left+width-right)/2, bottom+40, "middle", "quiet", l.X)
	p.text(16, top-20, "start", "quiet", l.Y)
	names := l.names(y)
	for i, line := range l.Lines {
		var path strings.Builder
		for j, at := range line.Points {
			path.WriteString([]string{" L", "M"}[b2i(j == 0)] + num(x.at(at[0])) + " " + num(y.at(at[1])))
			p.add(`<circle cx="%s" cy="%s" r="3" fill="%s"/>`+"\n", num(x.at(at[0])), num(y.at(at[1])), colour(i))
		}
		p.add(`<path d="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", path.String(), colour(i))
		p.add(`<circle cx="%s" cy="%s" r="4" fill="%s"/>`+"\n", num(width-right+14), num(names[i]-4), colour(i))
		p.text(width-right+24, names[i], "start", "", line.Name)
	}
	return p.end()
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// names gives the heights at which the names stand: beside the ends of their lines, but not one on another.
func (l Lines) names(y axis) []float64 {
	heights, order := make([]float64, len(l.Lines)), make([]int, len(l.Lines))
	for i, line := range l.Lines {
		order[i] = i
		if n := len(line.Points); n > 0 {
			heights[i] = y.at(line.Points[n-1][1]) + 4
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(heights[a], heights[b]) })
	for k := 1; k < len(order); k++ {
		heights[order[k]] = max(heights[order[k]], heights[order[k-1]]+18)
	}
	return heights
}
