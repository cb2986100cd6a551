"""Kept rows: a file with one JSON object a line, only ever added to."""
import fcntl
import json
import os


class Store:
    def __init__(self, path):
        self.path = path

    def records(self):
        """Every kept row, oldest first; a last line that a kill cut short does not count."""
        if not self.path.exists():
            return []
        found, lines = [], self.path.read_bytes().split(b"\n")[:-1]
        for number, line in enumerate(lines, 1):
            try:
                found.append(json.loads(line))
            except ValueError as error:
                raise SystemExit(f"{self.path}:{number}: wanted a JSON object, got {line[:40]} ({error}); "
                                 "remove the line") from None
        return found

    def newest(self, name, seed, key=None):
        """The newest record of a row and seed, of one key or of any; None where there is none."""
        return next((record for record in reversed(self.records())
                     if (record["name"], record["seed"]) == (name, seed) and key in (None, record["key"])), None)

    def add(self, record):
        """In one write, after whatever a kill cut short is taken away."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        with open(self.path, "a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            content = file.read()
            file.truncate(content.rfind(b"\n") + 1)
            if file.write(line) != len(line):
                raise OSError(f"{self.path}: the disk is full")
            os.fsync(file.fileno())
