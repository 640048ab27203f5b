"""The floor plan of the house: crates by floors, the files that import each other, and circles.

A crate stands above all crates that it depends on. Between the files of a crate an arrow is an import: of a name by `use`, or by its path.
What a module hands on from its own children is no arrow. With --check, a circle of files is an error. With --at COMMIT, it is the plan
of another time, to see what changed: `floor_plan.py --at 9897aae~1` is that of the house before it had floors.
"""

import argparse
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("shared", "functions")
IMPORT = re.compile(r"^[ \t]*(pub(?:\([^)]*\))? )?use ([^;]+);", re.M)
PATH = re.compile(r"(?<![\w:])((?:crate|super)(?:::\w+)+)")


def code(path):
    """A file without its comments, texts and tests."""
    text = re.sub(r"//[^\n]*", "", path.read_text())
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text, flags=re.S)
    return re.split(r"#\[cfg\(test\)\]\s*mod ", text)[0]


def leaves(tree):
    """The single paths of a tree of imports."""
    tree = re.sub(r"\s+", " ", tree.strip())
    head, brace, rest = tree.partition("{")
    if not brace:
        return [tree.split(" as ")[0]]
    depth, part, parts = 0, "", []
    for letter in rest[: rest.rindex("}")]:
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += letter
    return [head + leaf for piece in [*parts, part] if piece.strip() for leaf in leaves(piece)]


class Crate:
    """The files of a crate, by the paths of their modules."""

    def __init__(self, folder):
        self.name = folder.name
        self.files = {}
        for path in sorted((folder / "src").rglob("*.rs")):
            steps = path.relative_to(folder / "src").with_suffix("").parts
            if "tests" not in steps and steps[0] != "main":
                self.files[() if steps == ("lib",) else steps] = path
        self.texts = {module: code(path) for module, path in self.files.items()}
        self.handed_on = {module: self.exports(module) for module in self.files}

    def exports(self, module):
        """The names that a module hands on, and where it has them from."""
        found = {}
        for public, tree in IMPORT.findall(self.texts[module]):
            for leaf in leaves(tree) if public else []:
                found[leaf.split("::")[-1]] = leaf
        return found

    def target(self, module, path):
        """The module of this crate that a path leads to, as `module` writes it; none if it leads elsewhere."""
        steps = path.split("::")
        if steps[0] == "crate":
            at, steps = (), steps[1:]
        elif steps[0] in ("super", "self"):
            at = module
            while steps and steps[0] in ("super", "self"):
                at, steps = (at[:-1] if steps[0] == "super" else at), steps[1:]
        elif (*module, steps[0]) in self.files:
            at = module
        else:
            return None
        while steps and (*at, steps[0]) in self.files:
            at, steps = (*at, steps[0]), steps[1:]
        handed = self.handed_on.get(at, {}).get(steps[0]) if steps else None
        return (self.target(at, handed) or at) if handed else at

    def arrows(self):
        found = set()
        for module, text in self.texts.items():
            paths = [leaf for public, tree in IMPORT.findall(text) if not public for leaf in leaves(tree)]
            for path in paths + PATH.findall(IMPORT.sub("", text)):
                target = self.target(module, path)
                if target is not None and target in self.files and target != module:
                    found.add((module, target))
        return found


def circles(arrows):
    """Sets of files that import each other in a circle (Tarjan)."""
    after, index, low, stack, found = {}, {}, {}, [], []
    for one, other in arrows:
        after.setdefault(one, []).append(other)

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in after.get(node, []):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            ring = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(ring) > 1:
                found.append(ring)

    for node in list(after):
        if node not in index:
            visit(node)
    return found


def at(commit, folder):
    """The crates as they were, put into a folder."""
    archive = subprocess.run(["git", "-C", ROOT, "archive", commit, *FOLDERS], check=True, stdout=subprocess.PIPE)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return Path(folder)


def main():
    sys.setrecursionlimit(10_000)
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--at", metavar="COMMIT")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wrong = show(at(asked.at, folder) if asked.at else ROOT)
    return 1 if wrong and asked.check else 0


def show(root):
    """Prints the plan, and says how many circles there are."""
    folders = [path.parent for top in FOLDERS for path in sorted((root / top).rglob("Cargo.toml"))]
    names = {folder.name for folder in folders}
    needs = {}
    for folder in folders:
        section = folder.joinpath("Cargo.toml").read_text().split("[dependencies]")[1].split("\n[")[0]
        needs[folder.name] = {line.split(".")[0] for line in section.split() if line.split(".")[0] in names}
    floors = {}

    def floor(name):
        if name not in floors:
            floors[name] = 1 + max((floor(other) for other in needs[name]), default=0)
        return floors[name]

    wrong = 0
    totals = [0, 0]
    for folder in sorted(folders, key=lambda folder: (-floor(folder.name), folder.name)):
        crate = Crate(folder)
        arrows = crate.arrows()
        rings = circles(arrows)
        wrong += len(rings)
        totals[0] += len(crate.files)
        totals[1] += len(arrows)
        lines = sum(len(path.read_text().splitlines()) for path in crate.files.values())
        below = ", ".join(sorted(needs[folder.name])) or "nothing"
        print(f"floor {floor(folder.name):2}  {folder.name:18} {len(crate.files):3} files {lines:6} lines {len(arrows):4} arrows  on {below}")
        for ring in rings:
            print("          circle: " + ", ".join("::".join(module) or "lib" for module in ring))
    print(f"{len(folders)} crates, {totals[0]} files, {totals[1]} arrows, {wrong} circles")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
