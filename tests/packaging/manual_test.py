"""The manual pages and what is made with them, as the build made them."""

import glob
import os
import re
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import BUILD, ROOT, needs, program, read, run  # noqa: E402

MANUAL = os.path.join(BUILD, "manual")
PAGES = ["man1/ryumemctl.1", "man5/ryumemd.conf.5", "man7/ryumem-metrics.7",
         "man8/ryumem-worker.8", "man8/ryumemd.8"]
SECTIONS = {  # what a stranger looks for in a page of a program
    "man1/ryumemctl.1": "SYNOPSIS ENVIRONMENT FILES SIGNALS EXIT STATUS EXAMPLES DIAGNOSTICS",
    "man5/ryumemd.conf.5": "SYNOPSIS OPTIONS FILES EXAMPLES DIAGNOSTICS",
    "man7/ryumem-metrics.7": "DESCRIPTION EXAMPLES METRICS",
    "man8/ryumem-worker.8": "SYNOPSIS ENVIRONMENT FILES SIGNALS EXIT STATUS EXAMPLES DIAGNOSTICS",
    "man8/ryumemd.8":
        "SYNOPSIS OPTIONS ENVIRONMENT FILES SIGNALS EXIT STATUS EXAMPLES DIAGNOSTICS",
}


def page(name):
    with open(os.path.join(MANUAL, name), encoding="utf-8") as file:
        return file.read()


def shown(name):
    """The page as it is read, on one line."""
    return re.sub(r"\s+", " ", run("mandoc", "-T", "ascii", "-O", "width=500",
                                   os.path.join(MANUAL, name)).stdout.replace("\b", "\0"))


def diagnostics(name):
    """What the page says that the program says, with its names for what differs from time to time."""
    lines = page(name).replace("\\\n", "").split("\n.Sh DIAGNOSTICS\n", 1)[1].split("\n.Sh ", 1)[0]
    return [line.replace("\\-", "-").replace("\\&", "")
            for line in re.findall(r"^\.It (.*)$", lines, re.M)]


def fixed_parts(message):
    """What stands between the names, which are in capitals, and the "...": "jobs in hand"."""
    parts = [part.strip(' :;,?"') for part in re.split(r"\.\.\.|: |\b[A-Z]+\b", message)]
    return [part for part in parts if part]


def said_in_sources():
    """Every string in the programs, those that stand one behind the other as one."""
    out = []
    for folder in ("common", "supervisor", "worker", "ctl"):
        for path in glob.glob(f"{ROOT}/{folder}/**/*.cc", recursive=True):
            for literal in re.findall(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*',
                                      read(path)):
                out.append(re.sub(r'(?<!\\)"\s*"', "", literal)[1:-1].replace('\\"', '"'))
    return "\n".join(out)


def without_bold(text):
    return re.sub(r".\0", "", text)


class ManualTest(unittest.TestCase):
    def test_has_all_its_pages(self):
        made = {os.path.relpath(path, MANUAL) for path in glob.glob(f"{MANUAL}/man*/*")}
        self.assertEqual(made, set(PAGES))

    @needs("mandoc")
    def test_mandoc_finds_nothing_wrong_with_a_page(self):
        for name in PAGES:
            result = run("mandoc", "-T", "lint", os.path.join(MANUAL, name))
            # Which other pages are installed on this machine is not the page's fault.
            lines = [line for line in result.stdout.splitlines()
                     if "referenced manual not found" not in line and "mandoc.db" not in line]
            self.assertEqual(lines, [])

    def test_a_page_has_the_sections_of_its_kind(self):
        for name, sections in SECTIONS.items():
            for section in re.findall(r"EXIT STATUS|\w+", sections):
                self.assertIn(f"\n.Sh {section}\n", page(name), name)

    @needs("mandoc")
    def test_every_flag_of_the_help_is_in_its_page(self):
        for binary, name in (("ryumemd", "man8/ryumemd.8"), ("ryumemctl", "man1/ryumemctl.1")):
            flags = set(re.findall(r"--[a-z][a-z-]+[a-z]", run(program(binary), "--help").stdout))
            text = without_bold(shown(name))
            self.assertGreater(len(flags), 10)
            for flag in flags:
                self.assertRegex(text, re.escape(flag) + r"\b", f"{name} lacks {flag}")

    @needs("mandoc")
    def test_every_variable_of_the_help_is_in_the_pages_of_both_programs(self):
        variables = set(re.findall(r"\b[A-Z]+_[A-Z_]+[A-Z]\b", run(program("ryumemd"),
                                                                  "--help").stdout))
        self.assertGreater(len(variables), 40)
        for name in ("man8/ryumemd.8", "man8/ryumem-worker.8"):
            text = without_bold(shown(name))
            for variable in variables:
                self.assertIn(variable, text, name)

    def test_what_a_page_says_that_the_program_says_is_in_the_sources(self):
        said = said_in_sources()
        for name, sections in SECTIONS.items():
            if "DIAGNOSTICS" not in sections:
                continue
            self.assertTrue(diagnostics(name), name)
            for message in diagnostics(name):
                self.assertTrue(fixed_parts(message), message)
                for part in fixed_parts(message):
                    self.assertTrue(part in said, f'{name}: no source says "{part}", of "{message}"')

    def test_the_sample_is_what_the_program_prints(self):
        self.assertEqual(page("ryumemd.conf"),
                         run(program("ryumemd"), "--print-sample-config").stdout)

    def test_the_sample_is_a_good_configuration_once_a_provider_is_chosen(self):
        result = run(program("ryumemd"), "--check-config", "--config",
                     os.path.join(MANUAL, "ryumemd.conf"), "--llm-provider", "ollama",
                     "--embedding-provider", "ollama", env={"PATH": os.environ["PATH"]})
        self.assertEqual((result.stdout, result.returncode), ("the configuration is good\n", 0))

    def test_the_shells_take_their_completions(self):
        for shell, check in (("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])):
            files = glob.glob(f"{MANUAL}/{shell}/*")
            self.assertEqual(len(files), 2, shell)
            for file in files:
                if os.path.exists(f"/usr/bin/{shell}") or shell == "bash":
                    result = run(shell, *check, file)
                    self.assertEqual((result.stdout, result.returncode), ("", 0), file)


if __name__ == "__main__":
    unittest.main()
