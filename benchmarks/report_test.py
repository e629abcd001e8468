#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Attacks report.py's bars with made-up runs: a bar that is met, one missed by little, figures that are not there, a line
# that failed, and noise that only the smallest repetition is free of.
import contextlib
import io
import json
import os
import sys
import tempfile

sys.dont_write_bytecode = True
import report

SIZES = (16, 64, 65, 100, 193, 256, 448, 512, 1024, 4096, 16384, 65536, 1048576)
XCHACHA, GCM = "XChaCha20-Poly1305", "AES-256-GCM"
AT_BAR = {100: 0.75, 193: 0.75, 64: 1.0}


def figures():
    """A run in which every bar is met exactly, or by a hair."""
    lines = {}
    for verb in ("seal", "open"):
        for size in SIZES:
            bare = 400.0 + size
            lines[f"{verb}/libsodium {XCHACHA}/{size}"] = bare
            lines[f"{verb}/libsodium {GCM}/{size}"] = bare
            for part in ("field", "suite"):
                lines[f"{verb}/custody {XCHACHA}, {part}/{size}"] = bare * AT_BAR.get(size, 1.05) * 0.9999
                lines[f"{verb}/custody {GCM}, {part}/{size}"] = bare + 25 - 0.01
    lines[f"batch_seal/libsodium {XCHACHA}"] = 100000.0
    lines[f"batch_seal/custody {XCHACHA}, field"] = 59999.0
    return lines


def check(lines, failed=None):
    """What report.py --check answers to a run; each line also has slower repetitions and an aggregate."""
    entries = []
    for family, (name, time) in enumerate(lines.items()):
        common = {"name": name, "run_name": name, "family_index": family, "time_unit": "ns"}
        entries.append({**common, "run_type": "iteration", "cpu_time": time * 3})
        entries.append({**common, "run_type": "iteration", "cpu_time": time})
        entries.append({**common, "run_type": "iteration", "cpu_time": time * 2})
        entries.append({**common, "run_type": "aggregate", "cpu_time": time / 10})
        if name == failed:
            entries[-2].update({"error_occurred": True, "error_message": "open failed"})
    context = {"date": "2026-01-01", "cpu": "none", "kernel": "none", "compiler": "none", "flags": "", "libsodium": "0"}
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "suites_bench.json"), "w", encoding="utf-8") as file:
            json.dump({"context": context, "benchmarks": entries}, file)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            try:
                code = report.main(["--check", folder])
            except SystemExit as end:
                code = 1
                print(end)
    return code, printed.getvalue()


def main():
    faults = []

    def expect(what, answer, code, words):
        if answer[0] != code or words not in answer[1]:
            faults.append(f"{what}: exit {answer[0]}, wanted {code} with '{words}'\n{answer[1][-600:]}")

    good = figures()
    expect("every bar met", check(good), 0, " 0 missed")
    for name in good:
        if not name.split("/")[1].startswith("custody"):
            continue
        size = int(name.rpartition("/")[2]) if name.count("/") == 2 else 0
        held = GCM in name and size <= 4096 or XCHACHA in name and (size in AT_BAR or size >= 1024 or size == 0)
        worse = {**good, name: good[name] * 1.02 + 1}
        expect(f"a bar missed: {name}", check(worse), 1 if held else 0, " 1 missed" if held else " 0 missed")
        if held:
            less = {key: time for key, time in good.items() if key != name}
            expect(f"no figure: {name}", check(less), 1, "no figure for ")
            expect(f"failed: {name}", check(good, name), 1, "open failed")
    without_aes = {name: time for name, time in good.items() if GCM not in name}
    expect("a machine without AES", check(without_aes), 0, " 0 missed")
    expect("an empty run", check({}), 1, "no figure for ")
    many = {**good, f"batch_seal/custody {XCHACHA}, seal_many": 60001.0}
    expect("the batch call stands for the batch", check(many), 1, " 1 missed")
    print(f"report.py: {len(faults)} fault(s)")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
