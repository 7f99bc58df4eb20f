"""What the tests of the packaging share: where things are, and running programs."""

import os
import shutil
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("RYUMEM_BIN_DIR", os.path.join(ROOT, "build/plain/bin"))
BUILD = os.path.dirname(BIN)
LIMIT = 240  # seconds: sanitizers and shared machines


def run(*command, **more):
    """Runs a program to its end; its stdout and stderr are one text."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=LIMIT, check=False, **more)


def program(name):
    return os.path.join(BIN, name)


def needs(name):
    """Skips a test where a program is not installed; ./dev deps installs it."""
    return unittest.skipUnless(shutil.which(name), f"{name} is not installed")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()
