"""Looks at the queue while all goes on: at no moment may a job be in two places, or in none."""
import json

import redis

from . import jobs
from .traffic import PENDING, PROCESSING, Party, key_of

P = jobs.PREFIX


def places(client):
    """All at one moment."""
    pipe = client.pipeline(transaction=True)
    pipe.lrange(PENDING, 0, -1)
    pipe.lrange(PROCESSING, 0, -1)
    pipe.zrange(P + "delayed", 0, -1)
    pipe.zrange(P + "parked", 0, -1)
    pipe.zrange(P + "dead", 0, -1)
    pipe.hkeys(P + "owners")
    pipe.zrange(P + "leases", 0, -1)
    names = ["pending", "processing", "delayed", "parked", "dead", "owners", "leases"]
    return dict(zip(names, pipe.execute()))


def status_of(client, job_id):
    try:
        raw = client.get(key_of(job_id))
        return "none" if raw is None else json.loads(raw).get("status", "?")
    except (redis.ResponseError, ValueError, AttributeError, RecursionError):
        return "unreadable"


class Spot(Party):
    def __init__(self, client, producer, peers_may_do_odd_things):
        super().__init__(client, "spot audit")
        self.producer, self.odd = producer, peers_may_do_odd_things
        self.looks = 0
        self.completed = set()     # ids seen completed: their bodies end after an hour
        self.two_places = {}
        self.broken_leases = {}
        self.missing = {}          # id -> how often in a row it was nowhere
        self.was_missing = {}

    def work(self):
        while not self.stopping.wait(2):
            try:
                self.look()
            except redis.RedisError:
                continue

    def look(self):
        known = [job for job in list(self.producer.jobs) if job.id not in self.completed]
        seen = places(self.redis)
        self.looks += 1
        where = {}
        for place in ("pending", "processing", "delayed", "parked", "dead"):
            for job_id in seen[place]:
                where.setdefault(job_id, []).append(place)
        for job_id, found in where.items():
            job = self.producer.by_id.get(job_id)
            if len(found) > 1 and job and job.enqueued == 1 and not self.odd(job):
                self.two_places[job_id] = found
        owners, leases, processing = (set(seen[k]) for k in ("owners", "leases", "processing"))
        for job_id in (owners ^ leases) | (owners - processing):
            job = self.producer.by_id.get(job_id)
            if job is None or (job.enqueued == 1 and not self.odd(job)):
                self.broken_leases[job_id] = (job_id in owners, job_id in leases,
                                              job_id in processing)
        nowhere = [job for job in known if job.id not in where]
        still = {}
        for job in nowhere:
            status = status_of(self.redis, job.id)
            if status == "completed":
                self.completed.add(job.id)
            elif "forgotten" not in job.peers:
                still[job.id] = self.missing.get(job.id, 0) + 1
                if still[job.id] >= 3:
                    self.was_missing[job.id] = status
        self.missing = still

    def settled(self):
        """Is nothing left to do? Everything known, at one moment."""
        seen = places(self.redis)
        untold = self.redis.zcard(P + "untold")
        return not (seen["pending"] or seen["processing"] or seen["delayed"] or seen["parked"] or untold)
