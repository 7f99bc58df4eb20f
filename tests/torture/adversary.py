"""Carries out the schedule, and remembers when what was disturbed: only then may something have
been in doubt."""
import heapq
import itertools
import signal
import time
from dataclasses import dataclass

from . import processes
from .schedule import BASELINE

END_OF_DRAIN = "end of a drain"


@dataclass
class Window:
    """When and for whom something was disturbed.

    crash: jobs in hand may have gone to another owner: what was under way, or had been answered but
           not been written down, may be repeated
    redis: answers may have waited to be written down; by itself no reason to repeat anything
    line:  the answers to calls under way may have been lost
    A process that is stopped calls nobody until it goes on, so its crash is but the moment it stops.
    """
    kind: str
    begin: float    # seconds since the epoch
    end: float
    caller: object  # None: anybody's calls
    face: object    # None: to anybody
    why: str


class Adversary:
    def __init__(self, settings, redis_server, sandboxes, network, hosts):
        self.settings, self.redis, self.network, self.hosts = (settings, redis_server, network, hosts)
        self.sandboxes = sandboxes  # by face
        self.windows = []
        self.rules = {}             # in force beside the baseline, by face
        self.agenda = []            # (when, order, what to do)
        self.order = itertools.count()
        self.counts = {}
        self.lag = 0.0

    def run(self, events, tick):
        """Until the last event is over. `tick()` is called often in between."""
        began = time.monotonic()
        for event in events:
            self.after(began + event["at"], lambda event=event: self.begin(event))
        while self.agenda:
            when, _, action = self.agenda[0]
            now = time.monotonic()
            if when > now:
                tick()
                time.sleep(min(0.05, when - now))
                continue
            heapq.heappop(self.agenda)
            self.lag = max(self.lag, now - when)
            action()

    def after(self, when, action):
        heapq.heappush(self.agenda, (when, next(self.order), action))

    def window(self, event, kind, caller=None, face=None, at_once=False):
        now = time.time()
        window = Window(kind, now, now + (0 if at_once else event["for"]), caller, face,
                        event["what"])
        self.windows.append(window)
        return window

    def begin(self, event):
        host = self.hosts[event["host"]]
        if event["what"] in ("kill_supervisor", "kill_host", "drain", "stop_host", "kill_worker",
                             "stop_worker") and (host.draining or not host.running()):
            self.counts["(passed over)"] = self.counts.get("(passed over)", 0) + 1
            return  # an earlier drain takes longer than was planned
        self.counts[event["what"]] = self.counts.get(event["what"], 0) + 1
        known = len(self.windows)
        ended = getattr(self, event["what"], None)
        if ended is None:
            party, _, how = event["what"].partition("_")
            ended = self.link(event, party, how)
        else:
            ended = ended(event)
        if ended:
            lasting = [window for window in self.windows[known:] if window.end > window.begin]

            def finish():
                ended()
                for window in lasting:  # on a machine with other things to do
                    window.end = max(window.end, time.time())
            self.after(time.monotonic() + event["for"], finish)

    # --- processes: each begins something, and gives what ends it ---------------------------------

    def kill_worker(self, event):
        host = self.hosts[event["host"]]
        workers = host.workers()
        if workers:
            self.window(event, "crash", host.name, at_once=True)
            host.kill([workers[event["worker"] % len(workers)]])

    def kill_supervisor(self, event):
        host = self.hosts[event["host"]]
        self.hurry(host)  # its workers drain by themselves
        host.kill_supervisor()
        return host.start

    def kill_host(self, event):
        host = self.hosts[event["host"]]
        window = self.window(event, "crash", host.name, at_once=True)
        host.kill_all()
        window.end = time.time()
        return host.start

    def stop_worker(self, event):
        host = self.hosts[event["host"]]
        workers = host.workers()
        return self.stop(event, host, workers[event["worker"] % len(workers):][:1]) if workers else None

    def stop_host(self, event):
        host = self.hosts[event["host"]]
        return self.stop(event, host, [host.process.pid] + host.workers())

    def stop(self, event, host, pids):
        if self.outlives_lease(event):
            self.window(event, "crash", host.name, at_once=True)
        for pid in pids:
            processes.signal_to(pid, signal.SIGSTOP)
        return lambda: [processes.signal_to(pid, signal.SIGCONT) for pid in pids]

    def outlives_lease(self, event):
        # A lease is renewed every quarter of its length.
        return event["for"] > self.settings.lease * 0.6

    def drain(self, event):
        host = self.hosts[event["host"]]
        end = self.hurry(host)
        host.process.terminate()
        began = time.monotonic()

        def restart():
            if end in self.windows and not host.running() and time.time() < end.begin:
                self.windows.remove(end)  # it had nothing left to give up
            if host.running():
                if time.monotonic() - began < self.settings.drain + 12:
                    self.after(time.monotonic() + 0.1, restart)
                    return
            code = host.stop(0.1)
            if code is not None:
                host.exits[-1] = (code, time.monotonic() - began)
            host.start()
            host.draining = False
        host.draining = True
        return restart

    def hurry(self, host):
        """When a drain takes too long, work under way is cancelled."""
        then = time.time() + self.settings.drain
        window = Window("line", then - 0.3, then + 1.0, host.name, None, END_OF_DRAIN)
        self.windows.append(window)
        return window

    # --- Redis and the network ---------------------------------------------------------------------

    def kill_redis(self, event):
        self.window(event, "redis")
        self.redis.kill()
        return self.redis.start

    def stop_redis(self, event):
        self.window(event, "redis")
        self.redis.signal(signal.SIGSTOP)
        return lambda: self.redis.signal(signal.SIGCONT)

    def sleep_redis(self, event):
        self.window(event, "redis")
        with self.redis.client() as client:
            client.connection_pool.connection_kwargs["socket_timeout"] = 0.2
            try:
                client.execute_command("DEBUG", "SLEEP", event["for"])
            except Exception:
                pass  # it sleeps; or it is away, and sleeps as well

    def link(self, event, party, how):
        """drop_X and X_refuse, X_blackhole, X_swallow, X_delay of the host's link to Redis, or of
        everybody's to the server or the model."""
        if party == "drop":
            party, how = how, "drop"
        names = [party]
        if party != "redis":
            self.window(event, "line", None, party)
        elif how == "drop":
            names = [f"redis-{host.number}" for host in self.hosts]
            self.window(event, "redis")
        else:
            names = [f"redis-{event['host']}"]
            self.window(event, "redis", f"host-{event['host']}")
            # Only the others can find that its leases ran out.
            if how != "delay" and len(self.hosts) > 1 and self.outlives_lease(event):
                self.window(event, "crash", f"host-{event['host']}")
        for name in names:
            self.network.tell(name, f"delay {event['ms']}" if how == "delay" else how)
        if how == "drop":
            return None
        return lambda: [self.network.tell(name, "pass") for name in names]

    # --- the sandboxes: their ledgers say themselves which calls they spoilt ---------------------

    def server_faults(self, event):
        return self.faults("server", event)

    def model_faults(self, event):
        return self.faults("model", event)

    def faults(self, face, event):
        self.post(face, [event["rule"]])
        return lambda: self.post(face, [])

    def post(self, face, rules, baseline=True):
        # Rules that only delay come first, then the event's, then the baseline's rare ones.
        delays = [rule for rule in BASELINE if "latency_ms" in rule] if baseline else []
        rare = [rule for rule in BASELINE if "latency_ms" not in rule] if baseline else []
        self.sandboxes[face].call("/sandbox/faults", {"seed": self.settings.seed,
                                                      "rules": delays + rules + rare})

    def heal(self):
        for face in self.sandboxes:
            self.post(face, [], baseline=False)
        for name in self.network.ports:
            self.network.tell(name, "pass")
        for host in self.hosts:
            if not host.running():
                host.start()
