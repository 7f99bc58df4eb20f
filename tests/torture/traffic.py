"""Those who use the queue beside us: the server, which produces, and Python workers."""
import http.client
import json
import random
import threading
import time
import urllib.request

import redis

from . import jobs

PENDING = jobs.PREFIX + "extraction_jobs"
PROCESSING = jobs.PREFIX + "extraction_processing"


def key_of(job_id):
    return jobs.PREFIX.encode() + b"job:" + job_id


class Party(threading.Thread):
    """Somebody with a connection to Redis, who tries again while it is away."""

    def __init__(self, client, name):
        super().__init__(daemon=True, name=name)
        self.redis = client
        self.stopping = threading.Event()
        self.trouble = None

    def patiently(self, *command):
        """The reply, and whether the command may have been carried out more than once."""
        doubt = False
        while True:
            try:
                return self.redis.execute_command(*command), doubt
            except (redis.ConnectionError, redis.TimeoutError):
                doubt = True
            except redis.ResponseError as error:
                if "LOADING" not in str(error):
                    raise
            time.sleep(0.1)

    def run(self):
        try:
            self.work()
        except Exception as error:  # said in the account at the end
            self.trouble = repr(error)
            raise

    def stop(self):
        self.stopping.set()


class Producer(Party):
    """Enqueues as the server does: the body with a time limit, then the id."""

    def __init__(self, client, seed, rate, prepare):
        super().__init__(client, "producer")
        self.seed, self.rate, self.prepare = seed, rate, prepare
        self.dice = random.Random(f"{seed} producer")
        self.jobs = []       # in the order of their numbers
        self.by_id = {}
        self.again = []      # (when, job): ids that are enqueued a second time

    def work(self):
        due = time.monotonic()
        while not self.stopping.is_set():
            due += self.dice.expovariate(self.rate)
            self.stopping.wait(max(0, due - time.monotonic()))
            self.enqueue(jobs.make(len(self.jobs), self.seed))
            while self.again and self.again[0][0] <= time.monotonic():
                self.push(self.again.pop(0)[1])
        for _, job in self.again:
            self.push(job)

    def enqueue(self, job):
        self.prepare(job)
        if isinstance(job.body, list):
            self.patiently("DEL", key_of(job.id))
            self.patiently("RPUSH", key_of(job.id), *job.body)
        elif job.body is not None:
            self.patiently("SET", key_of(job.id), job.body, "EX", job.ttl)
        self.by_id[job.id] = job
        self.push(job)
        self.jobs.append(job)
        if self.dice.random() < 0.02 and job.readable:
            self.again.append((time.monotonic() + self.dice.choice([0, 0.3, 2]), job))
            self.again.sort(key=lambda pair: pair[0])

    def push(self, job):
        job.enqueued += 1
        _, doubt = self.patiently("LPUSH", PENDING, job.id)
        job.enqueued += doubt


class Peer(Party):
    """Behaves like the Python worker, and now and then dies with a job in hand."""

    def __init__(self, client, name, settings, server_port, by_id):
        super().__init__(client, name)
        self.settings, self.by_id = settings, by_id
        self.dice = random.Random(f"{settings.seed} {name}")
        self.server = f"http://127.0.0.1:{server_port}"

    def work(self):
        while not self.stopping.is_set():
            self.stopping.wait(self.dice.uniform(0.3, 1.5))
            try:
                taken = self.redis.brpoplpush(PENDING, PROCESSING, timeout=1)
            except redis.RedisError:
                continue  # if it took one, that one is left, as with the real one
            if taken:
                self.take(taken)

    def take(self, job_id):
        job = self.by_id.get(job_id)
        deadline = time.monotonic() + 5
        while job is None and time.monotonic() < deadline:
            time.sleep(0.01)  # the producer notes it before it pushes: this does not happen
            job = self.by_id.get(job_id)
        try:
            raw, _ = self.patiently("GET", key_of(job_id))
        except redis.ResponseError:
            job.peers.append("crashed")
            return
        if raw is None:
            self.patiently("LREM", PROCESSING, 1, job_id)
            job.peers.append("forgotten")
            return
        try:
            body = json.loads(raw)
            user, episode = body["user_id"] + "", body["episode_uuid"] + ""
            body["content"] + ""
        except Exception:
            job.peers.append("crashed")
            return
        luck = self.dice.random()
        if luck < 0.08:
            job.peers.append("crashed")
            return
        body["status"] = "processing"
        self.patiently("SET", key_of(job_id), json.dumps(body), "EX", 86400)
        if luck < 0.14:
            job.peers.append("crashed")
            return
        if luck < 0.15:
            job.peers.append("slow")
            self.stopping.wait(self.settings.job_timeout + self.dice.uniform(0, 8))
        try:
            name = f"peer_{job.token}"
            vector = [1.0] + [0.0] * (self.settings.dimensions - 1)
            self.call(job, "entities/upsert", {
                "name": name, "entity_type": "PERSON", "name_embedding": vector,
                "user_id": user, "customer_id": "torture", "similarity_threshold": 0.65})
            self.call(job, f"episodes/{episode}/extraction-complete", {
                "job_id": job_id.decode(), "entities_count": 1, "relationships_count": 0,
                "customer_id": "torture", "error": None})
        except (OSError, http.client.HTTPException):
            job.peers.append("crashed")
            return
        job.peers.append("done")
        self.patiently("LREM", PROCESSING, 1, job_id)
        raw, _ = self.patiently("GET", key_of(job_id))
        if raw is None:
            return
        body = json.loads(raw)
        body["status"] = "completed"
        self.patiently("SET", key_of(job_id), json.dumps(body), "EX", 3600)

    def call(self, job, path, body):
        request = urllib.request.Request(
            f"{self.server}/internal/{path}", data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-Internal-Key": "peer",
                     "X-API-Key": f"key-{job.number}"})
        with urllib.request.urlopen(request, timeout=8) as answer:
            answer.read()
