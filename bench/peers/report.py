"""Records of measurements, and the tables made of them."""
import os
import pathlib

BEGIN = "<!-- bench --peers: the program writes everything from here to the end marker -->"
END = "<!-- bench --peers: end -->"
NAMES = {"onednn": "oneDNN", "onnxruntime": "ONNX Runtime", "pytorch": "PyTorch", "openblas": "OpenBLAS"}
QUIET = 0.5  # load at the start above which the figures are called disturbed

TITLES = {
    "layer": ("Layers", "Whole batches through all layers. Training is forward and backward with all gradients. Weights are "
                        "f32, except rondo's and ONNX Runtime's (DynamicQuantizeLSTM) where the shape says "
                        "int8 or w8a8. The peak is always that of f32."),
    "step": ("Training steps", "Forward, loss, backward, clipping and optimiser."),
    "stream": ("One step at a time", "One sequence, one step, D = H. Weights are f32, except rondo's where the shape says "
                                     "int8 or w8a8. The peak is always that of f32."),
    "product": ("Products", "Products of rows and weights, such as the projection of the outputs: what a training step computes besides its recurrences."),
    "start": ("Start", "Time from the start of a process to its first prediction."),
}


def record(case, times, peak):
    """What is known of a case: `times` in milliseconds by peer, rondo's among them; `peak` of a core in GFLOP/s."""
    peers = {name: ms for name, ms in times.items() if name != "rondo"}
    best = min(peers, key=peers.get, default=None)
    ours = times["rondo"]
    gflops = case.operations() / ours / 1e6
    return {"suite": case.suite, "cell": case.cell, "shape": case.shape, "mode": case.mode, "threads": case.threads,
            "ms": ours, "percent_of_peak": 100 * gflops / (peak * case.threads) if peak else None,
            "best_peer": best, "best_peer_ms": peers.get(best), "ratio": peers[best] / ours if best else None,
            "peers": peers, "gflops": gflops, "per_second": 1000 * case.units / ours, "unit": case.unit, "peak": peak}


def calmest(records):
    """Of each case the run with most peers, of these the one in which all sides together took the least time: neighbours
    on the machine only add to it. What disagreed in any of them stays said. ValueError for runs that cannot be compared."""
    records, runs = list(records), {}
    for what, values in (("numbers of rounds", {entry["rounds"] for entry in records}),
                         ("clocks", {entry["clock"] for entry in records}),
                         ("processors", {entry["machine"]["processor"] for entry in records})):
        if len(values) > 1:
            raise ValueError(f"results of different {what} do not go into one table: {sorted(values)}")
    for entry in records:
        case = tuple(entry[key] for key in ("suite", "cell", "shape", "mode", "threads"))
        runs.setdefault(case, []).append(entry)

    def disturbance(entry):
        return -len(entry["peers"]), entry["ms"] + sum(entry["peers"].values())

    return [{**min(entries, key=disturbance), "runs": len(entries),
             "disagreements": [text for entry in entries for text in entry["disagreements"]]} for entries in runs.values()]


def machine(load):
    """Processor, cores, and the load that was there before."""
    model = "unknown processor"
    if pathlib.Path("/proc/cpuinfo").exists():
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    return {"processor": model, "cores": len(os.sched_getaffinity(0)), "load": round(load, 2)}


def duration(ms):
    return f"{ms:.0f} ms" if ms >= 100 else f"{ms:.1f} ms" if ms >= 1 else f"{1000 * ms:.1f} µs"


def line(entry):
    """One measurement in a line."""
    name = "/".join(str(entry[key]) for key in ("suite", "cell", "shape", "mode", "threads"))
    peak = f", {entry['percent_of_peak']:.0f} % of peak" if entry["percent_of_peak"] else ""
    others = ", ".join(f"{peer} {duration(ms)} ({ms / entry['ms']:.2f})" for peer, ms in entry["peers"].items())
    return f"{name}: {duration(entry['ms'])}{peak}; {others or 'no peer'}"


def row(entry, peers):
    cells = [entry["cell"], entry["shape"].replace("_", " "), entry["mode"], str(entry["threads"]), duration(entry["ms"])]
    if entry["suite"] != "start":
        share = entry["percent_of_peak"]
        cells += [f"{entry['per_second']:,.0f} {entry['unit']}".replace(",", " "), f"{entry['gflops']:.0f}",
                  f"{share:.0f}" if share else ""]
    for peer in peers:
        ms = entry["peers"].get(peer)
        cells.append(f"{duration(ms)} ({ms / entry['ms']:.2f})" if ms else "")
    cells.append(f"{entry['ratio']:.2f}" if entry["ratio"] else "")
    return cells


def table(suite, entries):
    title, text = TITLES[suite]
    peers = [peer for peer in NAMES if any(peer in entry["peers"] for entry in entries)]
    heads = ["cell", "shape", "mode", "threads", "rondo"]
    if suite != "start":
        heads += ["per second", "GFLOP/s", "% of peak"]
    heads += [NAMES[peer] for peer in peers] + ["best peer / rondo"]
    lines = [f"### {title}", "", text, "", "| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(row(entry, peers)) + " |" for entry in entries]
    return lines + (best_of_threads(entries) if suite == "stream" else [])


def best_of_threads(entries):
    """For small work, where a second thread may not pay: each side's best over the numbers of threads."""
    best = {}
    for entry in entries:
        sides = best.setdefault(entry["shape"], {})
        for name, ms in (("rondo", entry["ms"]), *entry["peers"].items()):
            sides[name] = min(ms, sides.get(name, ms))
    lines = ["", "The best of each library over the numbers of threads:", "",
             "| shape | rondo | best peer | | best peer / rondo |", "|---|---|---|---|---|"]
    for shape, sides in best.items():
        ours = sides.pop("rondo")
        if sides:
            peer = min(sides, key=sides.get)
            lines.append(f"| {shape.replace('_', ' ')} | {duration(ours)} | {duration(sides[peer])} | {NAMES[peer]} | {sides[peer] / ours:.2f} |")
    return lines


def choice_of(records):
    """How many runs there were to choose from, where there was more than one."""
    runs = sorted({entry.get("runs", 1) for entry in records})
    if runs == [1]:
        return ""
    return f"; each case from the calmest of {' or '.join(str(count) for count in runs)} runs for all libraries together"


def markdown(records):
    """All tables, with what they were measured on."""
    if not records:
        return "Not measured yet."
    first, versions = records[0], {}
    for entry in records:
        versions.update(entry["versions"])
    peak = max(entry["peak"] for entry in records)
    on = first["machine"]
    lines = [f"{on['processor']}, {on['cores']} cores" + (f", {peak:.0f} GFLOP/s per core" if peak else "") + "; "
             + ", ".join(versions.values()) + f"; medians of {first['rounds']} rounds{choice_of(records)}. In brackets: the "
             "other library's time / rondo's."]
    left_out = {NAMES[name] for entry in records for name in entry["left_out"]}
    if left_out:
        lines += ["", f"Missing in some cases, because not available: {', '.join(sorted(left_out))}."]
    disagreements = [text for entry in records for text in entry["disagreements"]]
    if disagreements:
        lines += ["", "**Results disagree:** " + "; ".join(disagreements)]
    if first["clock"] == "processor":
        lines += ["", "**Processor time**, not wall-clock time, which a busy machine distorts."]
    load = max(entry["machine"]["load"] for entry in records)
    if load > QUIET:
        lines += ["", f"**Disturbed:** other work was running (load {load} at the start); "
                  "repeat the run on a quiet machine."]
    for suite in TITLES:
        entries = [entry for entry in records if entry["suite"] == suite]
        if entries:
            lines += ["", *table(suite, entries)]
    return "\n".join(lines)


def replaced(document, text):
    """The document with what stands between the markers replaced."""
    head, begin, rest = document.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"wanted the lines\n{BEGIN}\n{END}")
    return f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}"


def replace(path, text):
    try:
        path.write_text(replaced(path.read_text(encoding="utf-8"), text), encoding="utf-8")
    except ValueError as error:
        raise SystemExit(f"{path}: {error}") from None
