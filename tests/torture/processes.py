"""The processes of a run. All listen on the loopback interface only, all die with this process, and
each is ended by its own id."""
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import redis

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def die_with_us():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setpgid(0, 0)  # a Ctrl-C is for this process alone, which then ends the others


def start(arguments, log, environment=None, **more):
    """PDEATHSIG follows the thread that starts a process: only the main thread may."""
    with open(log, "ab") as file:
        return subprocess.Popen(arguments, stdout=more.pop("stdout", file), stderr=file,
                                stdin=more.pop("stdin", subprocess.DEVNULL), env=environment,
                                preexec_fn=die_with_us, **more)


def signal_to(pid, number):
    """False if there is no such process any more."""
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False


def end(process, patience=10):
    """TERM, and KILL if that does not help; gives the exit code."""
    if process.poll() is None:
        signal_to(process.pid, signal.SIGCONT)
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def await_that(what, condition, patience=15):
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.05)
    raise RuntimeError(f"{what}: not within {patience} s")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer:
    """Keeps its port and its data when it is killed and started again."""

    def __init__(self, home):
        self.home = pathlib.Path(home, "redis")
        self.home.mkdir()
        self.port = free_port()
        self.process = None

    def client(self):
        return redis.Redis(port=self.port, socket_timeout=20, socket_connect_timeout=2)

    def start(self):
        self.process = start(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "yes", "--appendfsync", "always", "--enable-debug-command", "local",
             "--dir", str(self.home)], self.home / "log")

    def up(self):
        try:
            with self.client() as client:
                return client.ping()
        except redis.RedisError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def signal(self, number):
        signal_to(self.process.pid, number)


class Sandbox:
    def __init__(self, settings, face):
        self.face = face
        port_file = pathlib.Path(settings.home, f"{face}.port")
        self.process = start(
            [f"{settings.bin_dir}/ryumem-sandbox", "--listen", "127.0.0.1:0", "--face", face,
             "--dimensions", str(settings.dimensions), "--port-file", str(port_file)],
            f"{settings.home}/{face}.log")
        await_that(f"the {face}", port_file.exists)
        self.port = int(port_file.read_text())

    def call(self, path, body=None, method=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()


class Janitor:
    """Lives as long as we do and a moment longer; see janitor.py."""

    def __init__(self, mark):
        here = pathlib.Path(__file__).parent / "janitor.py"
        self.process = subprocess.Popen([sys.executable, str(here), mark], stdin=subprocess.PIPE,
                                        start_new_session=True)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Network:
    """The proxies; see proxy.py."""

    def __init__(self, settings, upstreams):
        here = pathlib.Path(__file__).parent / "proxy.py"
        self.process = start([sys.executable, str(here)] + [f"{k}={v}" for k, v in upstreams.items()],
                             f"{settings.home}/network.log", stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True, bufsize=1)
        self.ports = json.loads(self.process.stdout.readline())

    def tell(self, name, mode):
        self.process.stdin.write(f"{name} {mode}\n")
        self.process.stdin.flush()
        if self.process.stdout.readline().strip() != "ok":
            raise RuntimeError("the network process has ended")
