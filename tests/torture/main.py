"""The run from its beginning to its account."""
import argparse
import json
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import uuid

from . import checks, janitor, ledger, payments, processes, report, schedule, traffic
from .adversary import Adversary
from .hosts import Host
from .settings import Settings
from .spot import Spot


def options(arguments):
    parser = argparse.ArgumentParser(prog="torture", description=(
        "Runs the daemons against a real Redis, a stand-in server and model and an adversary, and "
        "then accounts for every job. Exits with 1 if a promise was broken."))
    parser.add_argument("--seconds", type=int, default=60, help="how long the adversary works (60)")
    parser.add_argument("--seed", type=int, help="of the schedule and the jobs (random, printed)")
    parser.add_argument("--hosts", type=int, default=1, help="supervisors (1)")
    parser.add_argument("--rate", type=float, help="jobs per second (12)")
    parser.add_argument("--bin", default="build/plain/bin", help="where the programs are")
    parser.add_argument("--keep-dir", action="store_true", help="keep the logs and Redis' files")
    parser.add_argument("--plan", action="store_true", help="print the schedule, run nothing")
    return parser.parse_args(arguments)


class Run:
    def __init__(self, settings):
        self.settings = settings
        self.started = []   # what has to be ended, in this order
        self.hosts = []
        self.mark = f"TORTURE_RUN={uuid.uuid4()}"  # in the environment of every daemon

    def set_up(self):
        s = self.settings
        self.janitor = processes.Janitor(self.mark)
        self.redis = processes.RedisServer(s.home)
        self.redis.start()
        processes.await_that("Redis", self.redis.up)
        self.sandboxes = {face: processes.Sandbox(s, face) for face in ("server", "model")}
        upstreams = {f"redis-{h}": self.redis.port for h in range(s.hosts)}
        upstreams |= {face: box.port for face, box in self.sandboxes.items()}
        self.network = processes.Network(s, upstreams)
        self.hosts = [Host(h, s, self.network.ports, self.mark) for h in range(s.hosts)]
        self.adversary = Adversary(s, self.redis, self.sandboxes, self.network, self.hosts)
        for face in self.sandboxes:
            self.adversary.post(face, [])
        for host in self.hosts:
            host.start()
        for host in self.hosts:
            processes.await_that(f"host {host.number}", host.ready)

    def start_traffic(self):
        s = self.settings
        self.producer = traffic.Producer(self.redis.client(), s.seed, s.rate, self.prepare)
        self.peers = [traffic.Peer(self.redis.client(), f"peer-{i}", s, self.sandboxes["server"].port,
                                   self.producer.by_id) for i in range(s.peers)]
        self.spot = Spot(self.redis.client(), self.producer, lambda job: "slow" in job.peers)
        self.readers = {face: ledger.Reader(box) for face, box in self.sandboxes.items()}
        for thread in self.threads():
            thread.start()

    def threads(self):
        return [self.producer, *self.peers, self.spot, *self.readers.values()]

    def prepare(self, job):
        if job.absent:
            self.sandboxes["server"].call("/sandbox/episodes/absent", {"episode_uuid": job.episode})

    def tick(self):
        for host in self.hosts:
            if not host.draining:
                host.note_if_ended()

    def settle(self):
        """All faults are mended: everything must come to its end. Gives the seconds it took."""
        began = time.monotonic()
        self.adversary.heal()
        self.producer.stop()
        self.producer.join()
        # They would take an unreadable job again and again, and crash with it each time.
        for peer in self.peers:
            peer.stop()
        while time.monotonic() - began < self.settings.max_settle:
            self.tick()
            try:
                if self.spot.settled():
                    break
            except Exception:
                pass
            time.sleep(0.25)
        took = time.monotonic() - began
        for peer in self.peers:
            peer.join()
        return took

    def end_daemons(self):
        for host in self.hosts:
            if host.running():
                host.stop(self.settings.drain + 15)
        time.sleep(0.2)
        return janitor.kill_all(self.mark)

    def tear_down(self):
        for host in self.hosts:
            if host.process is not None and host.process.poll() is None:
                host.process.kill()
                host.process.wait()
        if hasattr(self, "janitor"):
            self.janitor.end()
        for name in ("network", "redis"):
            part = getattr(self, name, None)
            if part is not None and part.process is not None:
                part.process.kill()
                part.process.wait()
        for box in getattr(self, "sandboxes", {}).values():
            processes.end(box.process)


def account(run, settle_seconds, orphans, findings):
    s, client, producer, spot = run.settings, run.redis.client(), run.producer, run.spot
    spot.stop()
    spot.join()
    spot.look()
    calls = [call for reader in run.readers.values() for call in reader.finish()]
    episodes = {e["episode_uuid"]: e for e in
                json.loads(run.sandboxes["server"].call("/sandbox/episodes"))["episodes"]}
    dead = checks.letters(client)
    doubt = payments.Doubt(run.adversary.windows, s)
    crashes = sum(window.kind == "crash" for window in run.adversary.windows)
    findings.figure("events", sum(run.adversary.counts.values()))
    findings.figure("seconds until all had settled", round(settle_seconds, 1))
    findings.figure("jobs enqueued", len(producer.jobs))
    findings.figure("  hostile", sum(not job.readable for job in producer.jobs))
    findings.figure("  enqueued twice", sum(job.enqueued > 1 for job in producer.jobs))
    findings.figure("  taken by peers", sum(bool(job.peers) for job in producer.jobs))
    report.keep(s.home, calls, run.adversary.windows)
    checks.ends(client, producer, spot, dead, findings)
    checks.causes(client, dead, producer, crashes, findings)
    checks.remains(client, dead, producer, findings)
    checks.in_flight(spot, findings)
    payments.whole_graphs(calls, producer, findings)
    payments.paid_once(calls, doubt, producer, findings)
    payments.told_the_truth(episodes, calls, producer, dead, spot.completed, doubt, findings)
    findings.promise("supervisors that ended by themselves",
                     [code for host in run.hosts for code in host.unexpected])
    findings.promise("supervisors that did not end in time, or not with 0",
                     [exit for host in run.hosts for exit in host.exits if exit[0] != 0])
    findings.promise("workers that ended by themselves, or said so",
                     [line for host in run.hosts for line in host.misbehaviour()])
    findings.promise("processes left behind", orphans)
    findings.promise("clients that failed", [thread.trouble for thread in
                                             [producer, *run.peers, spot] if thread.trouble])
    findings.figure("workers killed by their own supervisor",
                    sum(len(host.killed_in_drain()) for host in run.hosts))


def main(arguments):
    chosen = options(arguments)
    settings = Settings(seconds=chosen.seconds, hosts=chosen.hosts,
                        bin_dir=str(pathlib.Path(chosen.bin).resolve()))
    settings.seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10**6)
    settings.rate = chosen.rate or settings.rate
    events = schedule.plan(settings.seed, settings.seconds, settings.hosts)
    if chosen.plan:
        for event in events:
            print(event)
        return 0
    settings.home = tempfile.mkdtemp(prefix="ryumem-torture.")
    print(f"torture: seed {settings.seed}, {settings.seconds} s, {settings.hosts} hosts, schedule "
          f"{schedule.digest(events)} of {len(events)} events", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("torture: asked to stop"))
    # Copies: a build that goes on beside must not change what is tortured.
    programs = pathlib.Path(settings.home, "bin")
    programs.mkdir()
    for name in ("ryumemd", "ryumem-worker", "ryumem-sandbox"):
        shutil.copy2(pathlib.Path(settings.bin_dir, name), programs)
    settings.bin_dir = str(programs)
    run, findings = Run(settings), checks.Findings()
    began = time.monotonic()
    try:
        run.set_up()
        run.start_traffic()
        run.adversary.run(events, run.tick)
        settle_seconds = run.settle()
        orphans = run.end_daemons()
        account(run, settle_seconds, orphans, findings)
    except BaseException:
        print(f"torture: the run itself has failed; logs are in {settings.home}", file=sys.stderr)
        raise
    finally:
        run.tear_down()
    broken = report.print_account(run, findings, time.monotonic() - began)
    if broken or chosen.keep_dir:
        print(f"logs are in {settings.home}")
    else:
        shutil.rmtree(settings.home)
    return 1 if broken else 0
