"""The account, to be read by people."""

import json
import pathlib

SHOWN = 8  # of what breaks a promise; the rest is counted


def keep(home, calls, windows):
    """What the account is made from, for those who doubt it."""
    with open(pathlib.Path(home, "calls.jsonl"), "w", encoding="utf-8") as file:
        for call in calls:
            fields = {name: getattr(call, name) for name in call.__slots__}
            file.write(json.dumps(fields, default=sorted) + "\n")
    with open(pathlib.Path(home, "windows.txt"), "w", encoding="utf-8") as file:
        for window in windows:
            file.write(f"{window}\n")


def print_account(run, findings, seconds):
    """Gives the number of promises that were broken."""
    counts = run.adversary.counts if hasattr(run, "adversary") else {}
    if counts:
        print("\nwhat was done: " + ", ".join(f"{what} {n}" for what, n in sorted(counts.items())))
    width = max([len(name) for name, _ in findings.figures + findings.promises], default=0)
    print()
    for name, value in findings.figures:
        print(f"  {name:<{width}}  {value:>8}")
    print()
    for name, value in findings.promises:
        print(f"  {name:<{width}}  {value:>8}  {'BROKEN' if value else 'ok'}")
    for name, offenders in findings.broken.items():
        print(f"\n{name}:")
        for offender in offenders[:SHOWN]:
            print(f"  {str(offender)[:600]}")
        if len(offenders) > SHOWN:
            print(f"  … and {len(offenders) - SHOWN} more")
    kept = "every promise was kept" if not findings.broken else (
        f"{len(findings.broken)} promises were BROKEN")
    print(f"\n{kept}; seed {run.settings.seed}, {seconds:.0f} s in all")
    return len(findings.broken)
