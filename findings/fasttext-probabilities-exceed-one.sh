#!/usr/bin/env bash
# fastText 0.9.2 (Debian 12): the probabilities of all labels sum to more than 1, by 0.00001 for each label.
#
# Guess, written down first: with the softmax loss, `predict-prob` of all labels (-1) gives numbers that sum to 1.
# Seen: 1000 labels sum to 1.01, 2 labels to 1.00002. Each probability is printed
#   as exp(log(p + 0.00001)), so 0.00001 is also the least a label can get.
# So: subtract 0.00001 from each before you take logarithms, mix models or set thresholds. With 100000 labels half of
#   the printed sum is made up, and the log-loss of a wrong answer is never above 11.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
program=fasttext
if [ "$(dpkg-query -W -f '${Version}' fasttext 2>/dev/null || true)" != 0.9.2+ds-1+b1 ]; then
  apt-get -q download fasttext=0.9.2+ds-1+b1 libfasttext0=0.9.2+ds-1+b1 >/dev/null 2>&1
  for package in ./*.deb; do dpkg-deb -x "$package" root; done
  LD_LIBRARY_PATH=$(dirname "$(find "$PWD/root" -name 'libfasttext*' | head -n 1)")
  export LD_LIBRARY_PATH
  program=root/usr/bin/fasttext
fi

failed=no
for labels in 2 100 1000; do
  for i in $(seq "$labels"); do
    for copy in 1 2; do echo "__label__n$i word$i copy$copy"; done
  done >train.txt
  "$program" supervised -input train.txt -output model -dim 5 -epoch 5 -lr 0.3 -thread 1 -verbose 0 >log.txt 2>&1
  echo "word1 copy1" | "$program" predict-prob model.bin - -1 >answer.txt
  awk -v labels="$labels" '{
    for (i = 2; i <= NF; i += 2) { sum += $i; count++ }
    excess = (sum - 1) / count
    printf "fastText 0.9.2, %d labels: the probabilities sum to %.5f, too much for each label: %.6f\n", count, sum, excess
    exit !(count == labels && excess > 0.000008 && excess < 0.000012)
  }' answer.txt || failed=yes
done
if [ "$failed" = yes ]; then
  echo "fastText 0.9.2 no longer behaves as stated above" >&2
  exit 1
fi
