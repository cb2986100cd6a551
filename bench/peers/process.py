"""The processes that are compared, and what each is started with."""
import os
import pathlib
import platform
import subprocess

OPENBLAS = "/usr/lib/x86_64-linux-gnu/openblas-openmp"


class Absent(Exception):
    """A peer is not there, or cannot do the case."""


def command_of(peer, build):
    """How a peer is started, and the arguments that only it takes."""
    if peer == "pytorch":
        return ["/usr/bin/python3", str(pathlib.Path(__file__).with_name("pytorch.py"))], {}
    program = pathlib.Path(build, "bin", f"peer_{peer}")
    if not program.exists():
        raise Absent(f"{program} was not built")
    if peer != "onnxruntime":
        return [str(program)], {}
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    found = sorted(pathlib.Path("build/peers").glob(f"node_modules/onnxruntime-node/bin/*/linux/{machine}/libonnxruntime.so*"))
    if not found:
        raise Absent("npm's onnxruntime-node is not in build/peers")
    return [str(program)], {"library": str(found[0])}


def environment(threads):
    """The set-up in which the peers are fastest: BLAS and the library above it on one team of OpenMP threads."""
    words = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    if os.path.isdir(OPENBLAS):
        words["LD_LIBRARY_PATH"] = ":".join(filter(None, (OPENBLAS, words.get("LD_LIBRARY_PATH"))))
    return words


class Peer:
    """A running peer with a prepared case."""

    def __init__(self, name, case, data, build):
        self.name, self.turns = name, []
        command, extra = command_of(name, build)
        words = [f"{key}={value}" for key, value in {**case.arguments(data), **extra}.items()]
        try:
            self.process = subprocess.Popen(command + words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.PIPE, text=True, env=environment(case.threads))
        except OSError as error:
            raise Absent(error) from None
        self.version = self._answer().removeprefix("ready ")

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it says why on its standard error
        return self._answer()

    def peak_memory(self):
        """The most that it has held so far, in 10^6 bytes; None where the system does not tell."""
        try:
            with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
                lines = [line.split() for line in file if line.startswith("VmHWM:")]
        except OSError:
            return None
        return 1.024e-3 * int(lines[0][1]) if lines else None

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            lines = self.process.stderr.read().strip().splitlines()
            raise Absent(lines[-1] if lines else f"ended with status {self.process.returncode}")
        return line.strip()

    def stop(self):
        self.process.kill()
        self.process.communicate()


def candidates(case):
    """The peers that can do a case at all."""
    if case.suite == "step":
        return ("pytorch",)
    if case.suite == "product":
        return ("onednn", "pytorch", "openblas")
    return ("onednn", "onnxruntime", "pytorch") if case.mode == "inference" else ("onednn", "pytorch")
