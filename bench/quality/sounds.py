"""Corpora of sounds for the rows of `speech`: lists of files, digits joined to strings, words spoken by espeak-ng."""
import array
import pathlib
import random
import shutil
import subprocess
import tarfile
import wave

from measure import Failed

SPEAKERS = ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"]
WORDS = ("yes no up down left right stop go open close red green blue white black house river music window "
         "garden").split()
VOICES = ["en-us", "en-us+f2", "en-gb+m3", "en-gb+f4", "en-gb-scotland", "en-029+m7", "en-gb-x-rp+f3", "en-gb+m1"]
HELD_OUT = {"en-gb-x-rp+f3", "en-gb+m1"}
SPEEDS = [140, 175, 210]


def unpacked(archive, folder):
    """The recordings of an archive, by (digit, speaker, index)."""
    if not (folder / "recordings").is_dir():
        with tarfile.open(archive) as tar:
            tar.extractall(folder)
    found = {}
    for file in sorted((folder / "recordings").glob("*.wav")):
        digit, speaker, index = file.stem.split("_")
        found[digit, speaker, int(index)] = file
    return found


def write_list(file, rows):
    file.write_text("".join(f"{sound}\t{text}\n" for sound, text in rows), encoding="utf-8")
    return str(file)


def official(clips, folder):
    """Two lists: indices from 5 on, and 0 to 4."""
    return [write_list(folder / name, [(file, key[0]) for key, file in clips.items() if (key[2] < 5) == test])
            for name, test in (("train.tsv", False), ("test.tsv", True))]


def without(clips, speaker, folder):
    """Two lists: everybody else, and this speaker."""
    return [write_list(folder / name, [(file, key[0]) for key, file in clips.items() if (key[1] == speaker) == test])
            for name, test in (("train.tsv", False), ("test.tsv", True))]


def samples_of(file):
    with wave.open(str(file)) as sound:
        return array.array("h", sound.readframes(sound.getnframes())), sound.getframerate()


def joined(files, out):
    """One recording of several, one after another; how many seconds it lasts."""
    samples, rate = array.array("h"), 8000
    for file in files:
        more, rate = samples_of(file)
        samples.extend(more)
    with wave.open(str(out), "wb") as sound:
        sound.setparams((1, 2, rate, 0, "NONE", ""))
        sound.writeframes(samples.tobytes())
    return len(samples) / rate


def strings(clips, folder, train=1500, test=300, seed=1):
    """Two lists of 3 to 7 digits of one speaker, 0.1 to 0.3 s of silence around each; the parts share no clip."""
    draw, lists = random.Random(seed), []
    for name, count, own in (("train", train, lambda index: index >= 5), ("test", test, lambda index: index < 5)):
        rows = []
        (folder / name).mkdir(exist_ok=True)
        for number in range(count):
            speaker = SPEAKERS[number % len(SPEAKERS)]
            mine = [key for key in clips if key[1] == speaker and own(key[2])]
            chosen = [draw.choice(mine) for _ in range(draw.randint(3, 7))]
            joined, rate = array.array("h"), 8000
            for key in chosen:
                samples, rate = samples_of(clips[key])
                joined.extend([0] * int(rate * draw.uniform(0.1, 0.3)))
                joined.extend(samples)
            joined.extend([0] * (rate // 10))
            file = folder / name / f"{number}.wav"
            with wave.open(str(file), "wb") as sound:
                sound.setparams((1, 2, rate, 0, "NONE", ""))
                sound.writeframes(joined.tobytes())
            rows.append((file, " ".join(key[0] for key in chosen)))
        lists.append(write_list(folder / f"{name}.tsv", rows))
    return lists


def espeak(folder):
    """Two lists: 20 words in six voices and three speeds, and in two voices held out."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise Failed("espeak-ng is missing (apt-get install espeak-ng)")
    rows = {False: [], True: []}
    for voice in VOICES:
        for speed in SPEEDS:
            for word in WORDS:
                file = pathlib.Path(folder) / f"{word}_{voice}_{speed}.wav"
                subprocess.run([program, "-v", voice, "-s", str(speed), "-w", str(file), word], check=True)
                rows[voice in HELD_OUT].append((file, word))
    return [write_list(folder / "train.tsv", rows[False]), write_list(folder / "test.tsv", rows[True])]
