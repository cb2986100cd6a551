#!/usr/bin/env bash
# sclite of SCTK 2.4.10 (Debian 12): its word error rate can be higher than the fewest errors divided by the words.
#
# Guess, written down first: substitutions, deletions and insertions are counted along the alignment with the fewest of
#   them, as every toolkit's own word error rate does.
# Seen: the alignment is the one that costs least when a substitution costs 4 and a deletion or an insertion 3. Three
#   deletions and three insertions (18) are then better than five substitutions (20): "after noon we had tea" against "the
#   boat left after noon" is 6 errors and 120 %, by edit distance 5 errors and 100 %. Ordinary sentences agree.
# So: rates of bad recognisers from it are not comparable with rates by edit distance, nor are its shares of deletions
#   and insertions. Say which of the two you print.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get -q download sctk=2.4.10-20151007-1312Z+dfsg2-3.1 >/dev/null 2>&1
dpkg-deb -x ./*.deb root
sclite=$(find "$PWD/root" -type f -name sclite | head -n 1)

cat >reference.txt <<'TEXT'
the small boat left the harbour (s-1)
the boat left after noon (s-2)
we met them at the old mill (s-3)
TEXT
cat >heard.txt <<'TEXT'
the small goat the harbour today (s-1)
after noon we had tea (s-2)
old mill they were not here now (s-3)
TEXT
"$sclite" -r reference.txt trn -h heard.txt trn -i rm -o pralign stdout >report.txt

python3 - <<'PYTHON' || { echo "sclite of SCTK 2.4.10 no longer behaves as stated above" >&2; exit 1; }
import re, sys

def read(name):
    return [line.rsplit(" (", 1)[0].split() for line in open(name)]

def least(one, two, substitution, gap):
    """The least cost of an alignment, and the fewest errors among those of that cost."""
    above = [(i * gap, i) for i in range(len(two) + 1)]
    for i, word in enumerate(one):
        row = [((i + 1) * gap, i + 1)]
        for k, other in enumerate(two):
            cost, errors = above[k]
            same = word == other
            row.append(min((cost, errors) if same else (cost + substitution, errors + 1),
                           (above[k + 1][0] + gap, above[k + 1][1] + 1), (row[k][0] + gap, row[k][1] + 1)))
        above = row
    return above[-1]

counts = [tuple(map(int, found)) for found in
          re.findall(r"Scores: \(#C #S #D #I\) (\d+) (\d+) (\d+) (\d+)", open("report.txt").read())]
failed = len(counts) != 3
more = 0
for reference, heard, (_, s, d, i) in zip(read("reference.txt"), read("heard.txt"), counts):
    fewest = least(reference, heard, 1, 1)[0]
    cost, errors = least(reference, heard, 4, 3)
    print(f"sclite of SCTK 2.4.10, \"{' '.join(heard)}\": {s} + {d} + {i} = {s + d + i} errors, "
          f"{100 * (s + d + i) / len(reference):.0f} %; by edit distance {fewest}, {100 * fewest / len(reference):.0f} %; "
          f"with costs 4 and 3 {errors}")
    failed |= 4 * s + 3 * (d + i) != cost or s + d + i < fewest
    more += s + d + i > fewest
sys.exit(1 if failed or more != 1 else 0)
PYTHON
