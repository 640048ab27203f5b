"""Compares the features that the shipped programs are built with and those that the tests are built with.

What is tested has to be what ships. A feature that only the tests switch on, because one of their tools asks for it, has to stand in the
list below with the reason why nothing behaves differently for it.
"""

import subprocess
import sys

# Package: features that the tests alone may switch on, and why they change nothing that ships.
HARMLESS = {
    "bitflags": "types of the standard library",
    "either": "types of the standard library",
    "getrandom": "another way to the same source of the system",
    "hashbrown": "further methods",
    "hyper-util": "proxies, which a client has only if it is given one",
    "num-bigint": "types of the standard library",
    "num-traits": "further methods",
    "regex-automata": "faster engines, for the log filter of the gateway",
    "regex-syntax": "Unicode tables, for the log filter of the gateway",
    "rustix": "clocks, which the tests alone read",
    "syn": "of macros, at build time",
    "sync_wrapper": "further methods",
    "tokio": "test-util: the clock stands still only where a test asks for it",
    "tokio-rustls": "a second provider, which nobody chooses",
    "tokio-stream": "further streams",
    "tower": "further layers",
    "tower-http": "further layers",
    "zerocopy": "derives, at build time",
}
SHIPPED = [
    "local", "ingest", "rotate-token", "generate-settings", "merge-users", "maintain", "project-activity", "report", "console",
]


def features(*arguments):
    """The features of every package, by name and version."""
    tree = ["cargo", "tree", "--locked", "--prefix", "none", "--format", "{p}|{f}", *arguments]
    lines = subprocess.run(tree, check=True, capture_output=True, text=True).stdout.splitlines()
    found = {}
    for line in lines:
        if " v" not in line:
            continue
        package, _, listed = line.removesuffix(" (*)").partition("|")
        name, version = package.split(" ")[:2]
        found.setdefault((name, version), set()).update(filter(None, listed.split(",")))
    return found


def main():
    shipped = features("--edges", "normal", *[part for name in SHIPPED for part in ("--package", name)])
    tested = features("--workspace")
    wrong = []
    for key, own in sorted(shipped.items()):
        more = tested.get(key, own) - own
        if more and key[0] not in HARMLESS:
            wrong.append(f"{key[0]} {key[1]} is tested with {', '.join(sorted(more))}, and ships without")
    print("\n".join(wrong) or f"{len(shipped)} packages ship with the features that they are tested with")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
