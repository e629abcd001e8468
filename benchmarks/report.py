#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# report.py --check <json>          prints custody's figures against their bars; exits 1 when one is missed
# report.py --write <docs> <json>   prints them, and writes figures.json, README.md and the plots
# <json> is the directory with suites_bench.json and parts_bench.json as Google Benchmark wrote them, and costs.txt.
import json
import math
import os
import sys

XCHACHA, GCM, AEGIS = "XChaCha20-Poly1305", "AES-256-GCM", "AEGIS-256"
FROM_1K = (1024, 4096, 16384, 65536, 1048576)
UP_TO_4K = (16, 64, 65, 100, 193, 256, 448, 512, 1024, 4096)
RATIO_BARS = {100: 0.75, 193: 0.75, 64: 1.00, **{size: 1.05 for size in FROM_1K}}
EXTRA_NS = 25
BATCH_BAR = 0.60


# --- what was measured


class Run:
    """The context of a run, and the smallest CPU time of each line in nanoseconds, by name and size."""

    def __init__(self):
        self.context, self.lines, self.repetitions = {}, {}, 0

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            written = json.load(file)
        self.context.update(written["context"])
        for entry in sorted(written["benchmarks"], key=lambda entry: entry["family_index"]):  # as they were added
            if entry["run_type"] != "iteration":
                continue
            if entry.get("error_occurred"):
                sys.exit(f"{entry['name']}: {entry['error_message']}")
            assert entry["time_unit"] == "ns"
            self.repetitions = entry.get("repetitions", 1)
            name, _, last = entry["run_name"].rpartition("/")
            size = int(last) if last.isdigit() else 0
            name = name if size else entry["run_name"]
            times = self.lines.setdefault(name, {})
            times[size] = min(times.get(size, float("inf")), entry["cpu_time"])

    def time(self, name, size=0):
        return self.lines.get(name, {}).get(size)

    def ratio(self, name, other, size=0):
        mine, theirs = self.time(name, size), self.time(other, size)
        return None if mine is None or theirs is None else mine / theirs

    def sizes(self, name):
        return sorted(self.lines.get(name, {}))

    def has(self, name):
        return name in self.lines

    def members(self, group):
        return [name.split("/", 1)[1] for name in self.lines if name.split("/", 1)[0] == group]


# --- bars


class Verdict:
    def __init__(self, what, size, measured, bar, unit):
        self.what, self.size, self.measured, self.bar, self.unit = what, size, measured, bar, unit
        self.good = measured <= bar

    def cells(self):
        form = "{:.2f}" if self.unit == "ratio" else "{:+.1f} ns"
        bar = "{:.2f}" if self.unit == "ratio" else "{:+.0f} ns"
        return [self.what, f"{self.size:,}", form.format(self.measured), bar.format(self.bar),
                "met" if self.good else "MISSED"]


def judge(run):
    """Every bar that has figures. A bar without figures is a fault of the run, except where the machine has no AES."""
    verdicts = []

    def need(name, size):
        time = run.time(name, size)
        if time is None:
            sys.exit(f"no figure for {name} at {size}: run suites_bench first")
        return time

    for part in (whole(run, XCHACHA), "suite"):
        for verb in ("seal", "open"):
            mine, bare = f"{verb}/custody {XCHACHA}, {part}", f"{verb}/libsodium {XCHACHA}"
            for size in sorted(RATIO_BARS):
                ratio = need(mine, size) / need(bare, size)
                verdicts.append(Verdict(f"{XCHACHA} {part}: {verb}", size, ratio, RATIO_BARS[size], "ratio"))
    for suite in (GCM, AEGIS):
        if not run.has(f"seal/custody {suite}, suite"):
            continue
        for part in (whole(run, suite), "suite"):
            for verb in ("seal", "open"):
                mine, bare = f"{verb}/custody {suite}, {part}", f"{verb}/libsodium {suite}"
                for size in UP_TO_4K:
                    extra = need(mine, size) - need(bare, size)
                    verdicts.append(Verdict(f"{suite} {part}: {verb}", size, extra, EXTRA_NS, "ns"))
    batch = need(f"batch_seal/{batch_line(run)}", 0) / need(f"batch_seal/libsodium {XCHACHA}", 0)
    verdicts.append(Verdict("batch of 100 fields of 100 bytes: seal", 100, batch, BATCH_BAR, "ratio"))
    return verdicts


def whole(run, suite):
    """Everything included, into buffers of the caller's as the bare call has them; without such lines, as field objects."""
    return "bytes" if run.has(f"seal/custody {suite}, bytes") else "field"


def batch_line(run):
    """The batch call where there is one, else the fields one by one."""
    many = f"custody {XCHACHA}, seal_many"
    return many if run.has(f"batch_seal/{many}") else f"custody {XCHACHA}, field"


BARS_HEAD = ["custody over libsodium's bare call", "bytes", "measured", "bar", ""]


def bars_table(verdicts):
    return [BARS_HEAD] + [verdict.cells() for verdict in verdicts]


# --- tables


def as_text(table):
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    lines = []
    for row in table:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def as_markdown(table):
    head, *rows = table
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule] + rows)


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def times_table(run, names, sizes):
    table = [["ns"] + [f"{size:,}" for size in sizes]]
    for name in names:
        if run.has(name):
            table.append([name.replace("/", ": ", 1)] + [number(run.time(name, size)) for size in sizes])
    return table


def ratio_table(run, pairs, sizes):
    table = [["ratio"] + [f"{size:,}" for size in sizes]]
    for what, mine, other in pairs:
        if run.has(mine) and run.has(other):
            ratios = [run.ratio(mine, other, size) for size in sizes]
            table.append([what] + ["" if ratio is None else f"{ratio:.2f}" for ratio in ratios])
    return table


def own_name(verb, who):
    """A field draws its nonce and makes its buffer itself: its line is the same in both groups."""
    return f"{verb}/{who}" if who.endswith(", field") else f"{verb}_own/{who}"


def peers(run, own):
    """The lines of other libraries, and custody's beside them."""
    group = run.members("seal_own" if own else "seal")
    wanted = [name for name in group if not name.startswith("custody") and "SM4" not in name]
    if own:
        mine = [f"custody {suite}, field" for suite in (XCHACHA, GCM, AEGIS)]
    else:
        mine = [f"custody {suite}, suite" for suite in (XCHACHA, GCM, AEGIS)]
        wanted = [name for name in wanted if "key each call" not in name and "IETF" not in name]
    return [name for name in mine if run.has(f"seal/{name}")] + wanted


def peer_table(run, sizes):
    """How many times a peer's time custody's is, for the same algorithm or the nearest one."""
    table = [["peer's time over custody's field"] + [f"{size:,}" for size in sizes]]
    for who in peers(run, True):
        if who.startswith("custody"):
            continue
        suite = GCM if "AES" in who else AEGIS if "AEGIS" in who else XCHACHA
        for verb in ("seal", "open"):
            mine = f"{verb}/custody {suite}, field"
            if not run.has(mine):
                continue
            ratios = [run.ratio(f"{verb}_own/{who}", mine, size) for size in sizes]
            table.append([f"{verb}: {who}"] + ["" if ratio is None else f"{ratio:.2f}" for ratio in ratios])
    return table


def parts_table(run):
    table = [["part", "ns"]]
    for name, times in run.lines.items():
        group = name.split("/", 1)[0]
        if 0 in times and not group.startswith("batch_"):
            table.append([name.replace("/", ": ", 1), number(times[0])])
    release, alone = run.time("permit/release of 16 bytes"), run.time("permit/the suite's open of the same")
    if release is not None and alone is not None:
        table.append(["permit: what a release adds to the cipher", number(release - alone)])
    return table


def batch_table(run):
    table = [["batch of 100 fields of 100 bytes", "us", "over libsodium"]]
    for verb in ("batch_seal", "batch_open"):
        for who in run.members(verb):
            suite = GCM if GCM in who else XCHACHA
            ratio = run.ratio(f"{verb}/{who}", f"{verb}/libsodium {suite}")
            time = run.time(f"{verb}/{who}")
            table.append([f"{verb[6:]}: {who}", f"{time / 1000:.1f}", "" if ratio is None else f"{ratio:.2f}"])
    return table


# --- machine and versions


def versions(run):
    known = [("libsodium", "libsodium"), ("OpenSSL", "OpenSSL"), ("Botan", "Botan"), ("Crypto++", "Crypto++")]
    found = []
    for key, name in known:
        if key in run.context:
            version = run.context[key]
            if key == "OpenSSL":
                version = version.split()[1]
            found.append(f"{name} {version}")
    return ", ".join(found)


def machine(run):
    context = run.context
    return f"{context['cpu']}, {context['kernel']}, {context['compiler']}, {context['flags']}"


# --- plots: colours by Okabe and Ito, told apart by people of every colour vision

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"


def plotter():
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plot

    plot.rcParams.update({
        "svg.hashsalt": "custody", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
        "axes.grid": True, "grid.color": "#dddddd", "grid.linewidth": 0.6, "axes.axisbelow": True,
        "legend.frameon": False, "figure.facecolor": "white", "hatch.linewidth": 0.7,
    })
    return plot


def size_text(size):
    if size >= 1 << 20:
        return f"{size >> 20} MiB"
    return f"{size >> 10} KiB" if size >= 1024 else str(size)


def finish(plot, figure, run, path, title, handles, columns):
    """Title on top; at the foot the legend, and under it the machine and the versions. None of it on the data."""
    height, rows = figure.get_figheight(), -(-len(handles) // columns)
    figure.suptitle(title)
    figure.text(0.01, 0.10 / height, f"{machine(run)}\n{versions(run)}; thread CPU time, smallest of all repetitions; "
                f"{run.context['associated_data']} bytes of associated data", fontsize=7, color="#444444", va="bottom")
    figure.legend(handles=handles, loc="lower center", ncol=columns, fontsize=9,
                  bbox_to_anchor=(0.5, 0.38 / height))
    figure.tight_layout(rect=(0, (0.55 + 0.20 * rows) / height, 1, 1), h_pad=1.5, w_pad=2)
    figure.savefig(path, metadata={"Date": None, "Creator": "benchmarks/report.py"})
    plot.close(figure)


def plot_times(plot, run, path):
    """Nanoseconds against size, each suite's field beside its bare call; below, the sizes of chat lines enlarged."""
    figure, panels = plot.subplots(2, 2, figsize=(11, 10), sharey="row")
    styles = [("libsodium {}", "bare call", "--", "o"), ("custody {}, suite", "custody, suite", ":", "s"),
              ("custody {}, field", "custody, field", "-", "^")]
    handles = {}
    for column, verb in enumerate(("seal", "open")):
        for row, limit in enumerate((1 << 20, 1024)):
            panel = panels[row][column]
            for suite, colour in ((XCHACHA, BLUE), (GCM, VERMILLION), (AEGIS, GREEN)):
                for who, label, style, marker in styles:
                    name = f"{verb}/{who.format(suite)}"
                    sizes = [size for size in run.sizes(name) if size <= limit]
                    line, = panel.plot(sizes, [run.time(name, size) for size in sizes], linestyle=style, marker=marker,
                                       markersize=4.5, linewidth=1.3, color=colour, label=f"{suite}: {label}")
                    if sizes:
                        handles.setdefault(line.get_label(), line)
            panel.set(xscale="log", title=verb if row == 0 else f"{verb}, up to 1 KiB", xlabel="bytes of plaintext")
            ticks = (16, 64, 256, 1024, 4096, 16384, 65536, 1048576) if row == 0 else (16, 64, 100, 193, 256, 448, 1024)
            panel.set_xticks(ticks, [size_text(size) for size in ticks], rotation=45)
            panel.minorticks_off()
            if row == 0:
                panel.set_yscale("log")
                plain_ticks(panel)
    for row in (0, 1):
        panels[row][0].set_ylabel("nanoseconds")
    panels[1][0].set_ylim(0, None)
    finish(plot, figure, run, path, "Time by size: custody beside libsodium's bare call", list(handles.values()), 3)


def plain_ticks(panel):
    from matplotlib.ticker import FuncFormatter, NullFormatter

    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    panel.yaxis.set_minor_formatter(NullFormatter())


def plot_ratios(plot, run, path):
    """custody over the bare call, with the bars to keep under."""
    figure, (left, right) = plot.subplots(1, 2, figsize=(11.5, 6.2))
    series = [("seal", "field", BLUE, "-", "^"), ("open", "field", VERMILLION, "-", "v"),
              ("seal", "suite", BLUE, ":", "s"), ("open", "suite", VERMILLION, ":", "D")]
    sizes = run.sizes(f"seal/libsodium {XCHACHA}")
    handles = []
    for verb, part, colour, style, marker in series:
        name, bare = f"{verb}/custody {XCHACHA}, {part}", f"{verb}/libsodium {XCHACHA}"
        line, = left.plot(range(len(sizes)), [run.ratio(name, bare, size) for size in sizes], color=colour,
                          linestyle=style, marker=marker, markersize=5, linewidth=1.3, label=f"{verb}, {part}")
        handles.append(line)
    for at, size in enumerate(sizes):
        if size in RATIO_BARS:
            bar, = left.plot((at - 0.38, at + 0.38), (RATIO_BARS[size],) * 2, color=BLACK, linewidth=3,
                             solid_capstyle="butt", label="at most")
    handles.append(bar)
    left.axhline(1, color="#888888", linewidth=0.8)
    left.set(title=f"{XCHACHA}: custody / bare call", ylabel="ratio", ylim=(0, None))
    left.set_xticks(range(len(sizes)), [size_text(size) for size in sizes], rotation=45)
    if run.has(f"seal/custody {GCM}, field"):
        for verb, part, colour, style, marker in series:
            name, bare = f"{verb}/custody {GCM}, {part}", f"{verb}/libsodium {GCM}"
            extra = [run.time(name, size) - run.time(bare, size) for size in UP_TO_4K]
            right.plot(range(len(UP_TO_4K)), extra, color=colour, linestyle=style, marker=marker, markersize=5,
                       linewidth=1.3)
        right.plot((-0.4, len(UP_TO_4K) - 0.6), (EXTRA_NS,) * 2, color=BLACK, linewidth=3, solid_capstyle="butt")
        right.axhline(0, color="#888888", linewidth=0.8)
    right.set(title=f"{GCM}: custody minus bare call", ylabel="nanoseconds more")
    right.set_xticks(range(len(UP_TO_4K)), [size_text(size) for size in UP_TO_4K], rotation=45)
    for panel in (left, right):
        panel.set_xlabel("bytes of plaintext")
    finish(plot, figure, run, path, "What custody adds, or saves, and the bars it is held to", handles, 5)


LIBRARIES = (("custody", BLUE), ("libsodium", SKY), ("OpenSSL", ORANGE), ("Botan", GREEN), ("Crypto++", PURPLE))


def colour_of(who):
    return YELLOW if "new context" in who else next(colour for each, colour in LIBRARIES if who.startswith(each))


def plot_peers(plot, run, path, own, title):
    """Groups of bars by size: a colour for each library, a hatch for each algorithm."""
    import matplotlib.patches as patches

    sizes = (16, 64, 256, 1024, 16384)
    names = peers(run, own)
    names.sort(key=lambda name: (0 if "AES" in name else 1, [name.startswith(each) for each, _ in LIBRARIES].index(True)))
    figure, panels = plot.subplots(2, 1, figsize=(12, 9.5), sharex=True, sharey=True)
    width, fastest = 0.86 / len(names), math.inf
    for panel, verb in zip(panels, ("seal", "open")):
        for at, who in enumerate(names):
            times = times_of(run, [who], verb, own, sizes)
            places = [group - 0.43 + (at + 0.5) * width for group in range(len(sizes))]
            panel.bar(places, times, width * 0.94, color=colour_of(who), hatch=hatch_of(who), edgecolor="#222222",
                      linewidth=0.4)
        panel.set(yscale="log", ylabel=f"{verb}, nanoseconds")
        plain_ticks(panel)
        panel.grid(axis="x", visible=False)
        fastest = min(fastest, *times_of(run, names, verb, own, sizes))
    panels[0].set_ylim(10 ** math.floor(math.log10(fastest)), None)
    panels[1].set_xticks(range(len(sizes)), [size_text(size) for size in sizes])
    panels[1].set_xlabel("bytes of plaintext")
    handles = []
    for who in names:
        handles.append(patches.Patch(facecolor=colour_of(who), hatch=hatch_of(who), edgecolor="#222222", linewidth=0.4,
                                     label=who.replace(", suite", "").replace(", field", "")))
    finish(plot, figure, run, path, title, handles, 3)


def times_of(run, names, verb, own, sizes):
    return [run.time(own_name(verb, who) if own else f"{verb}/{who}", size) for who in names for size in sizes]


def hatch_of(who):
    return "" if "AES" in who else "...." if "AEGIS" in who else "////"


# --- the page


def write_figures(run, path):
    context = {key: run.context[key] for key in ("date", "cpu", "kernel", "compiler", "flags", "associated_data",
                                                  "libsodium", "OpenSSL", "Botan", "Crypto++", "missing")
               if key in run.context}
    lines = [f"  {json.dumps(name)}: " + json.dumps({str(size): round(time, 1) for size, time in sorted(times.items())})
             for name, times in sorted(run.lines.items())]
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"context": ' + json.dumps(context, indent=1) + ',\n"nanoseconds": {\n' + ",\n".join(lines) + "\n}}\n")


def write_page(run, verdicts, costs, path):
    sizes = run.sizes(f"seal/libsodium {XCHACHA}")
    suites = [suite for suite in (XCHACHA, GCM, AEGIS) if run.has(f"seal/custody {suite}, field")]
    bare = [suite for suite in (XCHACHA, "ChaCha20-Poly1305-IETF", GCM, f"{GCM}, key each call", AEGIS)
            if run.has(f"seal/libsodium {suite}")]
    ours = [f"{verb}/custody {suite}, {part}" for suite in suites for part in ("field", "suite")
            for verb in ("seal", "open")]
    ours += [f"{verb}/custody {suite}, field" for suite in suites for verb in ("ingest", "bind")]
    theirs = [f"{verb}/libsodium {suite}" for suite in bare for verb in ("seal", "open")]
    by_hand = [(f"{suite}: {what}", f"{verb}/custody {suite}, field", other) for suite in suites
               for what, verb, other in (
                   ("ingest / sealed by hand", "ingest", f"seal_own/libsodium {suite}"),
                   ("seal_for / sealed by hand", "seal", f"seal_own/libsodium {suite}"),
                   ("release / opened by hand", "open", f"open_own/libsodium {suite}"),
                   ("bind / opened and sealed by hand", "bind", f"bind/libsodium {suite}"))]
    missed = sum(not verdict.good for verdict in verdicts)
    missing = [name for name in (run.context.get("missing", ""),) if name]
    for suite, why in ((AEGIS, "libsodium 1.0.19 or newer has it"), (GCM, "this processor has no AES instructions")):
        if not run.has(f"seal/libsodium {suite}"):
            missing.append(f"{suite}: {why}")
    page = f"""<!-- Written by `sh benchmarks/run.sh`: do not edit. -->
# Benchmarks

| | |
|---|---|
| processor | {run.context['cpu']} |
| kernel | {run.context['kernel']} |
| compiler | {run.context['compiler']}, `{run.context['flags']}` |
| libraries | {versions(run)} |
| not here, left out | {'; '.join(missing) or 'nothing'} |
| date | {run.context['date'][:10]} |

One thread; all lines of a table come from one program and one run; thread CPU time, the smallest of {run.repetitions} repetitions
whose order is random. Every line is checked before it is timed: the same algorithm gives the same bytes in every library, what was
sealed is what is opened, a forged tag is refused, and libsodium opens custody's fields by hand. Associated data are the
{run.context['associated_data']} bytes that custody binds for a row, everywhere. Run it on your machine:
`sh benchmarks/run.sh`. All figures: [figures.json](figures.json).

*Suite* is custody's cipher with nonce and buffer given, *field* is everything: key lookup, nonce, header, binding, a fresh
envelope; for opening also the permit, the evidence (without a log behind it) and wiping. *Bare call* is libsodium's, with
expanded key, nonce and buffer given. *By hand* is the bare call with `randombytes_buf` and a fresh buffer.

## Bars

{len(verdicts) - missed} of {len(verdicts)} are met. `sh benchmarks/run.sh --check` measures them again.

![custody over the bare call, by size](ratios.svg)

{as_markdown(bars_table(verdicts))}

## By size

![nanoseconds against size](suites.svg)

{as_markdown(times_table(run, ours + theirs, sizes))}

{as_markdown(ratio_table(run, by_hand, sizes))}

## Other libraries

As their users call them, with their own random nonce and a fresh buffer: OpenSSL with a new context for each message and
`RAND_bytes`, Botan and Crypto++ with the key kept, `system_rng` and `AutoSeededRandomPool`. custody's part in it are its
fields, everything included: no other line looks up a key, checks a permit or writes evidence.

![peers, own nonce and fresh buffer](peers.svg)

{as_markdown(peer_table(run, sizes))}

With nonce and buffer given; OpenSSL with the context kept and with a new one:

![peers, nonce given](peers_given.svg)

## Batch

{as_markdown(batch_table(run))}

## Parts

{as_markdown(parts_table(run))}

## Fields and headers

What `docs/costs.txt` shows, of this run:

```text
{costs.strip()}
```
"""
    with open(path, "w", encoding="utf-8") as file:
        file.write(page)


def main(arguments):
    check = arguments[:1] == ["--check"] and len(arguments) == 2
    write = arguments[:1] == ["--write"] and len(arguments) == 3
    if not check and not write:
        sys.exit("report.py --check <json> | --write <docs> <json>")
    run = Run()
    if write:
        run.read(os.path.join(arguments[-1], "parts_bench.json"))
    run.read(os.path.join(arguments[-1], "suites_bench.json"))
    verdicts = judge(run)
    print(as_text(bars_table(verdicts)))
    missed = sum(not verdict.good for verdict in verdicts)
    print(f"{len(verdicts) - missed} bars met, {missed} missed; {machine(run)}; {versions(run)}")
    if check:
        return 1 if missed else 0
    print("\n" + as_text(batch_table(run)) + "\n\n" + as_text(peer_table(run, (16, 64, 256, 1024, 16384))) + "\n\n" +
          as_text(parts_table(run)))
    docs = arguments[1]
    os.makedirs(docs, exist_ok=True)
    plot = plotter()
    plot_times(plot, run, os.path.join(docs, "suites.svg"))
    plot_ratios(plot, run, os.path.join(docs, "ratios.svg"))
    plot_peers(plot, run, os.path.join(docs, "peers.svg"), True, "As used: own random nonce, fresh result buffer")
    plot_peers(plot, run, os.path.join(docs, "peers_given.svg"), False, "Nonce and buffer given")
    write_figures(run, os.path.join(docs, "figures.json"))
    with open(os.path.join(arguments[-1], "costs.txt"), encoding="utf-8") as file:
        write_page(run, verdicts, file.read(), os.path.join(docs, "README.md"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
