#!/usr/bin/env bash
# SoX 14.4.2 (Debian 12): digital silence is noise after a change of the rate, and another noise in every run.
#
# Guess, written down first: samples that are all 0 are all 0 at half the rate; and without random options two runs of one
#   command write the same bytes.
# Seen: about a quarter of the samples become -1 or 1, because 16-bit output of any computed effect is dithered by itself.
#   The draws differ from run to run; -R makes them repeatable, -D leaves them out, and then silence is silence.
# So: a corpus resampled by sox has other bytes, features and checksums each time it is made. Log-mel features of its silences lie
#   far above the floor that digital silence has. Give -D, or at least -R, in scripts that make training data.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
version=14.4.2+git20190427-3.5
apt-get -q download sox=$version libsox3=$version libsox-fmt-base=$version >/dev/null 2>&1
for package in ./*.deb; do dpkg-deb -x "$package" root; done
libraries=$(dirname "$(find "$PWD/root" -name 'libsox.so.3' | head -n 1)")
export LD_LIBRARY_PATH=$libraries LTDL_LIBRARY_PATH=$libraries/sox
sox=$PWD/root/usr/bin/sox

python3 - <<'PYTHON'
import wave
with wave.open("silence.wav", "wb") as file:
    file.setparams((1, 2, 16000, 0, "NONE", ""))
    file.writeframes(bytes(2 * 16000))
PYTHON
for run in 1 2; do
  "$sox" silence.wav -r 8000 plain$run.wav
  "$sox" -R silence.wav -r 8000 repeatable$run.wav
  "$sox" -D silence.wav -r 8000 bare$run.wav
done

python3 - <<'PYTHON' || { echo "SoX 14.4.2 no longer behaves as stated above" >&2; exit 1; }
import struct, sys, wave

def samples(name):
    with wave.open(name + ".wav") as file:
        return struct.unpack(f"<{file.getnframes()}h", file.readframes(file.getnframes()))

failed = False
for name, noisy, same in (("plain", True, False), ("repeatable", True, True), ("bare", False, True)):
    first, second = samples(name + "1"), samples(name + "2")
    other = sum(a != 0 for a in first)
    print(f"SoX 14.4.2, {name}: {other} of {len(first)} samples of resampled silence are not 0 "
          f"(from {min(first)} to {max(first)}); two runs {'agree' if first == second else 'differ'}")
    failed |= (other > len(first) / 10) != noisy or (first == second) != same
sys.exit(1 if failed else 0)
PYTHON
