#!/usr/bin/env bash
# eSpeak NG 1.51 (Debian 12): phonemes of a text with one sentence a line do not come one line each, and -f differs from
# the same file on standard input.
#
# Guess, written down first: `espeak-ng -q --ipa` prints one line of phonemes for each line of text, by -f as by stdin.
# Seen: it prints a line for each clause. A comma, a colon or "Dr." breaks a line in two. By -f the end of a line is a
#   blank: lines without a full stop run together, and their sounds change with it ("the" before "end" on the next line
#   is said as within a sentence, "river" gets an r before a vowel). On stdin each line is read alone.
# So: pairs of text and phonemes that are joined by line number shift silently; two errors of opposite sign can even
#   leave the number of lines right. Call it once for each sentence and join what it prints.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
program=(espeak-ng)
if [ "$(dpkg-query -W -f '${Version}' espeak-ng 2>/dev/null || true)" != 1.51+dfsg-10+deb12u2 ]; then
  apt-get -q download espeak-ng=1.51+dfsg-10+deb12u2 libespeak-ng1=1.51+dfsg-10+deb12u2 \
    espeak-ng-data=1.51+dfsg-10+deb12u2 libpcaudio0=1.2-2 libsonic0=0.2.0-12 >/dev/null 2>&1
  for package in ./*.deb; do dpkg-deb -x "$package" root; done
  LD_LIBRARY_PATH=$(dirname "$(find "$PWD/root" -name 'libespeak-ng.so.1' | head -n 1)")
  export LD_LIBRARY_PATH
  if ldd root/usr/bin/espeak-ng | grep 'not found'; then
    echo "this needs libpulse0 and libasound2 of Debian 12" >&2
    exit 1
  fi
  program=(root/usr/bin/espeak-ng --path="$(dirname "$(dirname "$(find "$PWD/root" -name phontab | head -n 1)")")")
fi
say() { "${program[@]}" -q --ipa -v en-us "$@" | sed 's/^ *//'; }

failed=no
check() {  # what, file, lines of phonemes on stdin, lines by -f
  local stdin file
  stdin=$(say <"$2")
  file=$(say -f "$2")
  echo "eSpeak NG 1.51, $1: $(wc -l <"$2") lines of text, $(wc -l <<<"$stdin") of phonemes on stdin," \
    "$(wc -l <<<"$file") by -f"
  paste -s -d '|' <<<"$stdin"
  paste -s -d '|' <<<"$file"
  if [ "$(wc -l <<<"$stdin")" != "$3" ] || [ "$(wc -l <<<"$file")" != "$4" ]; then failed=yes; fi
}
printf 'the bird sings.\nthe lamp is old.\n' >plain.txt
printf 'the river, old and grey, sleeps.\nwe met Dr. Smith.\n' >clauses.txt
printf 'this is the river\nin spring we saw the\nend of it\n' >open.txt
printf 'the river, old and grey.\nthe bird sings\nthe lamp is new.\n' >both.txt
check "one clause a line" plain.txt 2 2
check "commas and an abbreviation" clauses.txt 5 5
check "no full stops" open.txt 3 1
check "both" both.txt 4 3
if [ "$(say <open.txt | paste -s -d ' ')" = "$(say -f open.txt)" ]; then failed=yes; fi
if [ "$failed" = yes ]; then
  echo "eSpeak NG 1.51 no longer behaves as stated above" >&2
  exit 1
fi
