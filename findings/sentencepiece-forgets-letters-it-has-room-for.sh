#!/usr/bin/env bash
# SentencePiece 0.1.97 (Debian 12): a letter that was in the training text is unknown, although the vocabulary has room for it.
#
# Guess, written down first: single characters come first. With 200 pieces and an alphabet of 20 letters, every letter of the
#   training text is a piece, and each line of that text comes back as it was.
# Seen: by default the rarest characters, which together make up 0.05 % of the text (character_coverage 0.9995), are left
#   out before anything is learned, whatever the size of the vocabulary. An "ë" that stands ten times in 35 000 characters is
#   unknown, in the lines that it was in, too, and " ⁇ " comes back in its place, with blanks around it. Neither
#   training nor encoding says so. With character_coverage=1.0 the same lines come back.
# So: a translator into French that learns its pieces so cannot write "Noël" or "œuvre". rondo gives an alphabet full
#   coverage; of 1 000 French sentences that it wrote before, 49 had such a hole.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
version=0.1.97-3+b1
if [ "$(dpkg-query -W -f '${Version}' python3-sentencepiece 2>/dev/null || true)" != "$version" ]; then
  apt-get -q download "python3-sentencepiece=$version" libsentencepiece0=0.1.97-3+b1 libprotobuf-lite32=3.21.12-3+deb12u1 >/dev/null 2>&1
  for package in ./*.deb; do dpkg-deb -x "$package" root; done
  export PYTHONPATH=$PWD/root/usr/lib/python3/dist-packages
  LD_LIBRARY_PATH=$(find "$PWD/root" -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd:)
  export LD_LIBRARY_PATH
fi

/usr/bin/python3 - <<'PYTHON' || { echo "SentencePiece 0.1.97 no longer behaves as stated above" >&2; exit 1; }
import io
import itertools
import sys
import sentencepiece

words = ["la", "table", "est", "verte", "un", "arbre", "dans", "le", "jardin", "petit"]
lines = [" ".join(choice) for choice in itertools.islice(itertools.permutations(words, 5), 0, 30240, 20)]
rare = "le repas de noël"
lines += 10 * [rare]
characters = sum(map(len, lines))


def learned(**options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=model, vocab_size=200,
                                             hard_vocab_limit=False, num_threads=1, minloglevel=4, **options)
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


usual, whole = learned(), learned(character_coverage=1.0)
back = usual.decode(usual.encode(rare))
print(f"SentencePiece {sentencepiece.__version__}: {characters} characters, {usual.get_piece_size()} pieces; {rare!r} comes back "
      f"as {back!r}, with full coverage as {whole.decode(whole.encode(rare))!r}")
holes = usual.unk_id() in usual.encode(rare) and back != rare
sys.exit(0 if holes and whole.decode(whole.encode(rare)) == rare else 1)
PYTHON
