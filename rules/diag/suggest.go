package diag

import (
	"slices"
	"strings"

	"github.com/musubi-run/musubi/sdk/jp"
)

// Closest returns the name among candidates that a writer most likely meant by
// name, or "" when none is near.
func Closest(name string, candidates []string) string {
	best, bestDistance := "", maxDistance(name)+1
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		d := distance(fold(name), fold(c))
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// maxDistance allows one slip for every three letters: at least one, but none in a single letter.
func maxDistance(name string) int {
	letters := len([]rune(name))
	return min(max(1, min((letters+1)/3, 3)), letters-1)
}

// fold drops what people mix up: case, width, dashes, underscores.
func fold(name string) []rune {
	return []rune(strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(jp.Narrow(name))))
}

// distance counts insertions, deletions, replacements and swaps of neighbours.
func distance(a, b []rune) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := range a {
		cur, prev, before := rows[(i+1)%3], rows[i%3], rows[(i+2)%3]
		cur[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			cur[j+1] = min(prev[j+1]+1, cur[j]+1, prev[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				cur[j+1] = min(cur[j+1], before[j-1]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
