#!/usr/bin/env bash
# LAME 3.100 (Debian 12): speech at 8 and 16 kHz, encoded with the defaults, is 69 to 138 ms late in every player.
#
# Guess, written down first: LAME writes its delay into the first frame at every rate, as it does for music, and a decoder
#   takes it off again: what began after half a second begins there in the decoded file.
# Seen: the frame that would tell the delay must hold some 150 bytes more than a frame of few bits has. At 16 kHz mono the
#   default is 24 kbit/s, at 8 kHz 8 kbit/s, and up to 32 and 16 kbit/s LAME leaves that frame out and says nothing.
#   mpg123 1.31.2 then gives 1105 samples too many in front, and fills the last frame: 69 ms late at 16 kHz, 138 ms at
#   8 kHz. With 40 (16 kHz) or 24 kbit/s (8 kHz) and above, and at 44.1 kHz with the default, length and place are right.
# So: word times, alignments and voice activity from such files are off by as much. Ask for a bit rate of at least 40
#   kbit/s, or keep speech in FLAC or Ogg.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || true; }
if [ "$(version lame)" != 3.100-6 ] || [ "$(version mpg123)" != 1.31.2-1+deb12u1 ]; then
  apt-get -q download lame=3.100-6 libmp3lame0=3.100-6 mpg123=1.31.2-1+deb12u1 libmpg123-0=1.31.2-1+deb12u1 \
    libout123-0=1.31.2-1+deb12u1 libsyn123-0=1.31.2-1+deb12u1 libsndfile1=1.2.0-1+deb12u1 libflac12=1.4.2+ds-2 \
    libvorbis0a=1.3.7-1 libvorbisenc2=1.3.7-1 libopus0=1.3.1-3 libogg0=1.3.5-3 libasound2=1.2.8-1+b1 >/dev/null 2>&1
  for package in ./*.deb; do dpkg-deb -x "$package" root; done
  LD_LIBRARY_PATH=$(find "$PWD/root" -name '*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
  export LD_LIBRARY_PATH PATH=$PWD/root/usr/bin:$PATH
fi

# Half a second of silence, half a second of a tone.
tone() {
  python3 - "$1" <<'PYTHON'
import array, math, sys, wave
rate = int(sys.argv[1])
samples = [0] * (rate // 2) + [int(8000 * math.sin(2 * math.pi * 440 * i / rate)) for i in range(rate // 2)]
with wave.open("tone.wav", "wb") as out:
    out.setparams((1, 2, rate, 0, "NONE", ""))
    out.writeframes(array.array("h", samples).tobytes())
PYTHON
}

# Prints how many samples there are too many, and how late the tone begins.
heard() {
  mpg123 -q -w back.wav back.mp3 2>/dev/null
  python3 - <<'PYTHON'
import array, wave
with wave.open("back.wav") as sound:
    samples, rate = array.array("h", sound.readframes(sound.getnframes())), sound.getframerate()
begin = next(i for i, sample in enumerate(samples) if abs(sample) > 1500)
print(len(samples) - rate, begin - rate // 2)
PYTHON
}

failed=0
check() {
  local rate=$1 bits=$2 wanted=$3 more late
  tone "$rate"
  lame --quiet ${bits:+-b "$bits"} tone.wav back.mp3
  read -r more late <<<"$(heard)"
  echo "$rate Hz, ${bits:-default} kbit/s: $more samples too many, the tone begins $late samples late"
  if [ "$wanted" = late ]; then
    [ "$late" -ge 1100 ] && [ "$late" -le 1112 ] && [ "$more" -gt 1000 ] || failed=1
  else
    [ "$late" -le 8 ] && [ "$more" -eq 0 ] || failed=1
  fi
}
check 16000 "" late
check 8000 "" late
check 16000 32 late
check 16000 40 right
check 8000 24 right
check 44100 "" right
[ "$failed" = 0 ] || { echo "LAME 3.100 no longer behaves as stated above" >&2; exit 1; }
