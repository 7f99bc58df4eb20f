"""C++ source as the checks in this folder read it: without comments, literals and directives."""

import os
import re

_SKIP = re.compile(
    r"""
    //(?:\\\n|[^\n])*                                   # a comment to the end of the line
  | /\*.*?\*/                                           # a comment
  | (?:u8|u|U|L)?R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"   # a raw string
  | (?:u8|u|U|L)?"(?:\\.|[^"\\\n])*"                    # a string
  | (?<![0-9A-Za-z_])(?:u8|u|U|L)?'(?:\\.|[^'\\\n])+'   # a character; 1'000 is a number
    """,
    re.S | re.X,
)
_DIRECTIVE = re.compile(r"^[ \t]*\#(?:\\\n|[^\n])*", re.M)
SKIPPED_FOLDERS = {"build", ".git"}


def _blank(text, keep=""):
    """As many lines as `text` had, with `keep` in place of what was there."""
    return keep + "\n" * text.count("\n")


def bare(source):
    """`source` with comments and directives gone and every literal empty; the lines stay."""

    def replace(match):
        text = match.group(0)
        if text.startswith(("//", "/*")):
            return _blank(text, " ")
        return _blank(text, "''" if text.endswith("'") else '""')

    return _DIRECTIVE.sub(lambda match: _blank(match.group(0)), _SKIP.sub(replace, source))


def sources(root):
    """The C++ files below `root`, as paths relative to it."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        for file in sorted(files):
            if file.endswith((".h", ".cc")):
                yield os.path.relpath(os.path.join(folder, file), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def main(check, root):
    """Runs `check(path, source)` over all files of `root`, prints what it finds; the exit code."""
    found = files = 0
    for path in sources(root):
        files += 1
        for line, what in check(path, read(root, path)):
            print(f"{path}:{line}: {what}")
            found += 1
    if files == 0:
        print(f"no C++ files below {root}")
    return 1 if found or files == 0 else 0
