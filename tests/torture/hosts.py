"""A host: one supervisor and its workers, started again and again under the same name."""
import os
import pathlib
import re
import signal
import time
import urllib.error
import urllib.request

from . import janitor, processes


class Host:
    def __init__(self, number, settings, ports, mark):
        self.number, self.settings, self.mark = number, settings, mark
        self.name = f"host-{number}"  # as its calls say
        self.environment = settings.of_worker(ports[f"redis-{number}"], ports["server"],
                                              ports["model"], number)
        self.environment["TORTURE_RUN"] = mark.partition("=")[2]
        self.log = pathlib.Path(settings.home, f"host-{number}.log")
        self.port_file = pathlib.Path(settings.home, f"host-{number}.port")
        self.process = None
        self.draining = False
        self.killed = set()   # ids of processes that we have killed
        self.exits = []       # of supervisors that were asked to end: (code, seconds it took)
        self.unexpected = []  # supervisors that ended by themselves

    def start(self):
        self.port_file.unlink(missing_ok=True)
        self.process = processes.start(
            [f"{self.settings.bin_dir}/ryumemd", "--listen", "127.0.0.1:0",
             "--port-file", str(self.port_file)], self.log, self.environment)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def workers(self):
        """Ids of its workers, those of this supervisor only, the oldest first."""
        if not self.running():
            return []
        found = []
        for path in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            try:
                found += [int(pid) for pid in path.read_text().split()]
            except OSError:
                pass
        return sorted(found)

    def ready(self):
        try:
            port = int(self.port_file.read_text())
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (OSError, ValueError, urllib.error.URLError):
            return False

    def note_if_ended(self):
        """A supervisor must never end by itself; if it did, it is started again."""
        if self.process is not None and self.process.poll() is not None:
            self.unexpected.append(self.process.returncode)
            self.start()

    def kill(self, pids):
        for pid in pids:
            self.killed.add(pid)
            processes.signal_to(pid, signal.SIGKILL)

    def kill_supervisor(self):
        self.kill([self.process.pid])
        self.process.wait()
        self.process = None

    def kill_all(self):
        workers = self.workers()
        # Also those who are still draining for an earlier supervisor of this host.
        everyone = [self.process.pid] + workers + self.strays()
        self.kill(everyone)
        self.process.wait()
        self.process = None

    def strays(self):
        """Workers on this host whose supervisor is gone."""
        mine = set(self.workers()) | {self.process.pid if self.process else 0}
        found = []
        for pid in janitor.marked(self.mark):
            if pid in mine:
                continue
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if f"WORKER_INTERNAL_KEY=host-{self.number}".encode() in file.read().split(b"\0"):
                        found.append(pid)
            except OSError:
                pass
        return found

    def stop(self, patience):
        """TERM; gives the exit code, or None if it had to be killed."""
        began = time.monotonic()
        self.process.terminate()
        try:
            code = self.process.wait(patience)
        except Exception:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            code = None
        self.exits.append((code, time.monotonic() - began))
        self.process = None
        return code

    def misbehaviour(self):
        """Lines of the log that no schedule excuses: ends that were not ours, sanitizers, panics."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            ended = re.search(r"pid (\d+) (killed by signal (\d+)|exited with code (\d+))", line)
            if ended:
                pid, number, code = int(ended[1]), ended[3], ended[4]
                # Told by its supervisor before it had begun to listen, so it cannot have had a job.
                early = number == "15" and "with 0 jobs in hand" in line
                if number is not None and not (number == "9" and pid in self.killed or early):
                    found.append(line)
                if code is not None and code != "0":
                    found.append(line)
            elif re.search(r"AddressSanitizer|LeakSanitizer|runtime error:|terminate called|"
                           r"Assertion|\[critical\]| critical |internal error", line):
                found.append(line)
        return found

    def killed_in_drain(self):
        text = self.log.read_text(errors="replace")
        return re.findall(r"pid (\d+) did not stop in time", text)
