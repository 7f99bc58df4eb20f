"""What bash, zsh and fish offer with the completions that the build made: the shells themselves are
asked, since a file that a shell can parse may still offer nothing."""

import os
import pty
import select
import shlex
import signal
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import BUILD, program, run  # noqa: E402

MANUAL = os.path.join(BUILD, "manual")
LIMIT = 120  # seconds for one answer of zsh
FILE = "sp ace.jsonl"
PROVIDERS = {"gemini", "openai", "ollama", "litellm"}

# A command line, and all that is to be offered for its last word.
CASES = [
    ("ryumemd --redis-s", {"--redis-sentinel-password-file"}),
    ("ryumemd --log-l", {"--log-level"}),
    ("ryumemd --doc", {"--doctor"}),
    ("ryumemd --llm-provider ", PROVIDERS),
    ("ryumemd --embedding-provider o", {"openai", "ollama"}),
    ("ryumemd --reasoning-effort m", {"minimal", "medium"}),
    ("ryumemd --max-tokens-field max_t", {"max_tokens"}),
    ("ryumemd --log-format ", {"text", "json"}),
    ("ryumemd --log-level w", {"warning"}),
    ("ryumemd --enabled ", {"true", "false"}),
    ("ryumemd --require ", {"redis", "server", "provider"}),
    ("ryumemd --config sp", {FILE}),
    ("ryumemctl sta", {"status"}),
    ("ryumemctl status --", {"--url", "--redis", "--json", "--help"}),
    ("ryumemctl jobs ", {"ls", "show", "retry", "cancel"}),
    ("ryumemctl jobs ls --", {"--state", "--customer-id", "--limit", "--offset", "--json", "--help"}),
    ("ryumemctl jobs ls --state ", {"pending", "processing", "delayed", "parked", "dead"}),
    ("ryumemctl jobs cancel --state de", {"delayed"}),
    ("ryumemctl dead retry --ki", {"--kind"}),
    ("ryumemctl dead retry some-id --ki", {"--kind"}),
    ("ryumemctl audit --re", {"--repair"}),
    ("ryumemctl pause ", {"all"} | PROVIDERS),
    ("ryumemctl pause openai g", {"gemini"}),
    ("ryumemctl resume al", {"all"}),
    ("ryumemctl enqueue sp", {FILE}),
    ("ryumemctl enqueue --jsonl sp", {FILE}),
    ("ryumemctl enqueue --js", {"--jsonl", "--json"}),
]


class Bash:
    def __init__(self, folder):
        self.folder = folder

    def offered(self, line):
        words = line.split(" ")
        script = (f"source {shlex.quote(os.path.join(MANUAL, 'bash', words[0]))}\n"
                  f"COMP_WORDS=({' '.join(shlex.quote(word) for word in words)})\n"
                  f"COMP_CWORD={len(words) - 1} COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)}\n"
                  f"_{words[0]} {words[0]} {shlex.quote(words[-1])} {shlex.quote(words[-2])}\n"
                  'for word in "${COMPREPLY[@]}"; do printf "%s\\n" "$word"; done')
        return run("bash", "--norc", "-c", script, cwd=self.folder).stdout.splitlines()

    def close(self):
        pass


class Fish:
    def __init__(self, folder):
        self.folder = folder

    def offered(self, line):
        file = os.path.join(MANUAL, "fish", line.split(" ")[0] + ".fish")
        out = run("fish", "-c", f"source {shlex.quote(file)}; complete -C {shlex.quote(line)}",
                  cwd=self.folder, env=dict(os.environ, HOME=self.folder)).stdout
        return [each.split("\t")[0].replace("\\ ", " ") for each in out.splitlines()]

    def close(self):
        pass


# TAB completes, tells on the pipe what was offered, and leaves an empty line. What only sorts or
# filters matches (-O, -A, -D) offers none.
ZSH_SETUP = r"""
unsetopt auto_list list_beep beep prompt_cr prompt_sp
fpath=({manual}/zsh $fpath)
autoload -U compinit
compinit -u -D
typeset -ga offered
compadd() {{
  local option
  local -a hits
  for option in "$@"; do
    [[ $option != -(|-) ]] || break
    if [[ $option == -[a-zA-Z0-9]#[OAD] ]]; then builtin compadd "$@"; return; fi
  done
  builtin compadd -A hits "$@"
  offered+=("${{hits[@]}}")
  builtin compadd "$@"
}}
tell() {{
  local hit
  offered=()
  zle complete-word
  for hit in "${{offered[@]}}"; do print -r -u {pipe} -- "$hit"; done
  print -u {pipe} END
  BUFFER=
}}
setopt extended_glob
zle -N tell
bindkey '^I' tell
print -u {pipe} END
"""


class Zsh:
    """One that stands at a terminal, as for a person."""

    def __init__(self, folder):
        self.said = ""  # on the pipe
        self.shown = ""  # on the terminal
        self.pipe, ours = os.pipe()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            try:
                os.dup2(ours, 9)
                os.chdir(folder)
                os.execvpe("zsh", ["zsh", "-f", "-i"],
                           dict(os.environ, HOME=folder, ZDOTDIR=folder, TERM="dumb"))
            finally:
                os._exit(127)
        os.close(ours)
        setup = os.path.join(folder, ".setup")
        with open(setup, "w", encoding="utf-8") as file:
            file.write(ZSH_SETUP.format(manual=shlex.quote(MANUAL), pipe=9))
        self.ask(f"source {shlex.quote(setup)}\n")

    def ask(self, keys):
        os.write(self.terminal, keys.encode())
        self.said = ""
        end = time.monotonic() + LIMIT
        while not self.said.endswith("END\n"):
            ready, _, _ = select.select([self.pipe, self.terminal], [], [],
                                        max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"zsh does not answer; it shows: {self.shown}")
            if self.terminal in ready:
                self.shown += os.read(self.terminal, 65536).decode(errors="replace")
            if self.pipe in ready:
                self.said += os.read(self.pipe, 65536).decode()
        return self.said.splitlines()[:-1]

    def offered(self, line):
        return [hit.replace("\\ ", " ") for hit in self.ask(line + "\t")]

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)
        os.close(self.pipe)


class CompletionsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with open(os.path.join(self.folder, FILE), "w", encoding="utf-8"):
            pass

    def started(self, kind):
        shell = kind(self.folder)
        self.addCleanup(shell.close)
        return shell

    def hold_to_the_table(self, shell):
        for line, wanted in CASES:
            with self.subTest(line):
                offered = shell.offered(line)
                # Where no word has been begun, the flags may be among them.
                if not line.split(" ")[-1].startswith("-"):
                    offered = [word for word in offered if not word.startswith("-")]
                self.assertEqual(sorted(offered), sorted(wanted))

    def hold_to_the_help(self, shell):
        """Each flag is offered, and nothing that is none."""
        for line in run(program("ryumemd"), "--help").stdout.splitlines():
            if not line.startswith("  --"):
                continue
            flag = line.split()[0].rstrip(",")
            self.assertIn(flag, self.flags(shell), flag)
        for word in self.flags(shell) + shell.offered("ryumemd "):
            self.assertTrue(word.startswith("--"), word)

    def flags(self, shell):
        if not hasattr(self, "all_flags"):
            self.all_flags = shell.offered("ryumemd --")
        return self.all_flags

    def test_bash(self):
        self.hold_to_the_table(self.started(Bash))
        self.hold_to_the_help(Bash(self.folder))

    def test_zsh(self):
        shell = self.started(Zsh)
        self.hold_to_the_table(shell)
        self.hold_to_the_help(shell)
        self.assertNotIn("_arguments:", shell.shown)

    def test_fish(self):
        self.hold_to_the_table(self.started(Fish))
        self.hold_to_the_help(Fish(self.folder))

    def test_words_with_commas_between_go_on_after_the_comma(self):
        for kind in (Bash, Zsh, Fish):
            offered = self.started(kind).offered("ryumemd --require redis,se")
            self.assertEqual([word.split(",")[-1] for word in offered], ["server"], kind.__name__)


if __name__ == "__main__":
    unittest.main()
