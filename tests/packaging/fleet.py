"""A working system for a test to look at: Redis, the stand-ins, ryumemd and a real Prometheus that
reads it, all on free ports of the loopback interface, all ended by their ids."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from support import LIMIT, program, run

EPISODES = 40


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url, body=None):
    request = urllib.request.Request(url, data=body)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


def await_that(what, condition, patience=LIMIT / 4):
    until = time.monotonic() + patience
    last = None
    while time.monotonic() < until:
        try:
            if condition():
                return
        except (OSError, ValueError, KeyError) as error:
            last = error
        time.sleep(0.1)
    raise RuntimeError(f"{what}: not within {patience} s ({last})")


class Fleet:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="ryumem-packaging.")
        self.processes = []

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def path(self, name):
        return os.path.join(self.home, name)

    def start(self, *command, environment=None):
        with open(self.path(os.path.basename(command[0]) + ".log"), "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment,
                                       stdin=subprocess.DEVNULL, cwd=self.home)
        self.processes.append(process)
        return process

    def port_in(self, name):
        await_that(name, lambda: os.path.exists(self.path(name)))
        with open(self.path(name), encoding="ascii") as file:
            return int(file.read())

    def begin(self):
        redis = free_port()
        self.start("redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--save", "")
        self.start(program("ryumem-sandbox"), "--listen", "127.0.0.1:0", "--port-file", "sandbox")
        self.sandbox = f"http://127.0.0.1:{self.port_in('sandbox')}"
        slow = {"rules": [{"face": "model", "latency_ms": {"min": 20, "max": 200}}]}
        fetch(self.sandbox + "/sandbox/faults", json.dumps(slow).encode())
        self.environment = dict(
            PATH=os.environ["PATH"], REDIS_URL=f"redis://127.0.0.1:{redis}", SERVER_URL=self.sandbox,
            LLM_PROVIDER="ollama", EMBEDDING_PROVIDER="ollama", OLLAMA_BASE_URL=self.sandbox)
        self.start(program("ryumemd"), "--workers", "2", "--listen", "127.0.0.1:0", "--port-file",
                   "ryumemd", environment=self.environment)
        self.daemon = f"127.0.0.1:{self.port_in('ryumemd')}"
        await_that("ryumemd is ready", lambda: fetch(f"http://{self.daemon}/readyz"))
        self.start_prometheus()

    def start_prometheus(self):
        port = free_port()
        with open(self.path("prometheus.yml"), "w", encoding="ascii") as file:
            file.write("global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: ryumemd\n"
                       f"    static_configs: [{{targets: ['{self.daemon}']}}]\n")
        self.start("prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                   f"--web.listen-address=127.0.0.1:{port}")
        self.prometheus = f"http://127.0.0.1:{port}"
        await_that("Prometheus", lambda: fetch(self.prometheus + "/-/ready"))
        # What is counted before the first reading has no rate.
        await_that("the first reading", lambda: self.query('up{job="ryumemd"} == 1'))

    def work(self, episodes=EPISODES):
        """Puts episodes into the queue and waits until they are worked off."""
        with open(self.path("episodes.txt"), "w", encoding="utf-8") as file:
            for number in range(episodes):
                file.write(f"Maria met Anna number {number} in Lisbon. They work for Siemens.\n\n")
        result = run(program("ryumemctl"), "enqueue", "--wait", self.path("episodes.txt"),
                     env=self.environment)
        if result.returncode != 0:
            raise RuntimeError(result.stdout)

    def query(self, expression):
        """What Prometheus answers: a list of series."""
        url = f"{self.prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        try:
            answer = json.loads(fetch(url))
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{expression}: {error.read().decode()}") from error
        return answer["data"]["result"]

    def query_range(self, expression, seconds, step=1):
        now = time.time()
        url = f"{self.prometheus}/api/v1/query_range?" + urllib.parse.urlencode(
            {"query": expression, "start": now - seconds, "end": now, "step": step})
        return json.loads(fetch(url))["data"]["result"]

    def end(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
