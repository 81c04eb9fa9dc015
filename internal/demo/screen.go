package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/mattn/go-isatty"
)

// screen is where the demo is read.
type screen struct {
	out   io.Writer
	color bool
}

func newScreen(f *os.File) *screen {
	return &screen{out: f, color: isatty.IsTerminal(f.Fd()) && os.Getenv("NO_COLOR") == ""}
}

// Codes of colours, as terminals have them.
const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
)

func (s *screen) paint(code, text string) string {
	if !s.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s *screen) print(text string) { fmt.Fprintln(s.out, text) }

func (s *screen) note(text string)    { s.print(s.paint(faint, text)) }
func (s *screen) command(text string) { s.print("  " + s.paint(bold, "$ "+text)) }
func (s *screen) ended(text string)   { s.print("  " + s.paint(green, "✓ ") + text) }

func (s *screen) heading(n, of int, title, why string) {
	s.print(fmt.Sprintf("\n%s: %s", s.paint(bold, fmt.Sprintf("%d/%d  %s", n, of, title)), why))
}

// text shows several lines.
func (s *screen) text(lines []string) {
	for _, line := range lines {
		s.print(strings.TrimRight("    "+line, " "))
	}
}

// file shows a file.
func (s *screen) file(name, text string) {
	s.print("  " + s.paint(bold, name))
	s.text(strings.Split(strings.TrimSpace(text), "\n"))
}

func (s *screen) done(title, proof string) { s.print("\n" + s.paint(green, title) + "\n" + proof) }

func (s *screen) failed(err error) {
	s.print("\n" + s.paint(red, "✗ ") + strings.TrimSpace(err.Error()))
}

var colors = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func plain(text string) string { return colors.ReplaceAllString(text, "") }

// excerpt picks the lines of an engine's output that matter.
type excerpt func(output string) []string

// matching is the lines that match.
func matching(pattern string) excerpt {
	wanted := regexp.MustCompile(pattern)
	return func(output string) (lines []string) {
		for line := range strings.Lines(output) {
			if wanted.MatchString(plain(line)) {
				lines = append(lines, strings.TrimRight(line, "\n"))
			}
		}
		return lines
	}
}

// between is the lines from the first one that matches to the last one that matches the other pattern, without what tells of
// reading, and never two empty lines in a row.
func between(first, last string) excerpt {
	begin, end := regexp.MustCompile(first), regexp.MustCompile(last)
	return func(output string) (lines []string) {
		started, read, until := false, false, 0
		for line := range strings.Lines(output) {
			line = strings.TrimRight(line, "\n")
			text := plain(line)
			started = started || begin.MatchString(text)
			read = strings.HasPrefix(text, "  # data.") || read && text != ""
			if !started || read || reading.MatchString(text) || text == "" && (len(lines) == 0 || plain(lines[len(lines)-1]) == "") {
				continue
			}
			lines = append(lines, line)
			if end.MatchString(text) {
				until = len(lines)
			}
		}
		return lines[:until]
	}
}

var reading = regexp.MustCompile(`: (Refreshing state|Reading|Read complete|Preparing import)`)
