"""What must be true in Redis when all is over."""
import json

from . import jobs
from .spot import places, status_of
from .traffic import key_of

P = jobs.PREFIX.encode()


class Findings:
    """Figures in the order they are to be printed; those with a list must have an empty one."""

    def __init__(self):
        self.figures = []   # (name, value)
        self.broken = {}    # name -> what is wrong, each
        self.promises = []

    def figure(self, name, value):
        self.figures.append((name, value))

    def promise(self, name, offenders):
        self.promises.append((name, len(offenders)))
        if offenders:
            self.broken[name] = list(offenders)


def letters(client):
    found = {}
    for job_id in client.zrange(P + b"dead", 0, -1):
        letter = client.hgetall(P + b"dead:" + job_id)
        found[job_id] = {k.decode(): v for k, v in letter.items()}
    return found


def whole(job, letter):
    """Is what was enqueued still in the letter?"""
    body = letter.get("body", b"")
    if isinstance(job.body, list):
        return True  # the key itself is kept, see ends()
    if not job.readable:
        # What Python can read and we cannot, a peer may have written anew before it crashed.
        return body == (job.body or b"") or ("crashed" in job.peers and job.token.encode() in body)
    try:
        return json.loads(body)["content"] == job.content
    except (ValueError, KeyError, UnicodeDecodeError):
        return False


def ends(client, producer, spot, dead, findings):
    """Each job has exactly one end."""
    count = {"completed": 0, "dead": 0, "forgotten by a peer": 0}
    lost, unfinished, both, letters_broken = [], [], [], []
    for job in producer.jobs:
        status = "completed" if job.id in spot.completed else status_of(client, job.id)
        letter = dead.get(job.id)
        name = job.id.decode("utf-8", "backslashreplace")
        if letter is not None:
            count["dead"] += 1
            if not (whole(job, letter) and letter.get("kind") and letter.get("cause")
                    and letter.get("at")):
                letters_broken.append((name, job.kind, letter))
            if isinstance(job.body, list) and client.lrange(key_of(job.id), 0, -1) != job.body:
                letters_broken.append((name, "its key is gone"))
            if status == "completed" and job.enqueued == 1 and "slow" not in job.peers:
                both.append((name, letter["kind"], letter["cause"], job.peers))
        elif status == "completed":
            count["completed"] += 1
            if not job.readable and "done" not in job.peers and "surrogate" not in job.kind:
                letters_broken.append((name, job.kind, "completed"))
        elif "forgotten" in job.peers:
            count["forgotten by a peer"] += 1
        elif status in ("pending", "processing"):
            unfinished.append((name, job.kind, status, job.peers))
        else:
            lost.append((name, job.kind, status, job.peers))
    for name, value in count.items():
        findings.figure(name, value)
    findings.promise("lost", lost)
    findings.promise("never finished", unfinished)
    findings.promise("completed and dead", both)
    findings.promise("dead without body, cause or key", letters_broken)


def causes(client, dead, producer, crashes, findings):
    """Each death had a reason that counts."""
    unjust, kinds, untold = [], {}, []
    for job_id, letter in dead.items():
        job = producer.by_id.get(job_id)
        journal = client.hgetall(P + b"journal:" + job_id)
        kind = letter.get("kind", b"").decode()
        kinds[kind] = kinds.get(kind, 0) + 1
        attempts = sum(field.startswith(b"attempt:") for field in journal)
        case = (job_id.decode("utf-8", "backslashreplace"), kind, letter.get("cause", b"").decode())
        told = letter.get("told", b"").decode()
        if told == "0" or (told != "1" and job and job.readable and not job.absent):
            untold.append((*case, f"told: {told}"))
        if kind == "poison":
            if int(journal.get(b"crashes", 0)) < 3 or crashes < 3:
                unjust.append((*case, "too few crashes"))
        elif kind in ("transient", "bad_answer", "bad answer", "too_long"):
            # The other copy of one that was enqueued twice was completed, and the journal of both
            # went with it.
            gone = job and job.enqueued > 1 and status_of(client, job_id) == "completed"
            if job and not gone and attempts < job.max_retries:
                unjust.append((*case, f"only {attempts} attempts of {job.max_retries}"))
        elif kind == "gone":
            if job and job.readable and not job.absent:
                unjust.append((*case, "it was there"))
        else:
            unjust.append((*case, "no such fault was injected"))
    for kind, number in sorted(kinds.items()):
        findings.figure(f"  dead: {kind}", number)
    findings.promise("dead without good reason", unjust)
    findings.promise("dead, server not told", untold)


def remains(client, dead, producer, findings):
    """Nothing is left of a job but its end."""
    seen = places(client)
    for place in ("pending", "processing", "delayed", "parked"):
        findings.promise(f"left in {place}", seen[place])
    findings.promise("owners left", seen["owners"])
    findings.promise("leases left", seen["leases"])
    findings.promise("strangers left", client.hkeys(P + b"strangers"))
    findings.promise("letters without their place",
                     [k for k in client.scan_iter(P + b"dead:*", count=1000)
                      if k[len(P) + 5:] not in dead])
    left, of_peers = [], 0
    for key in client.scan_iter(P + b"journal:*", count=1000):
        job = producer.by_id.get(key[len(P) + 8:])
        if key[len(P) + 8:] in dead:
            continue
        if job and "done" in job.peers and client.ttl(key) >= 0:
            of_peers += 1  # it goes by itself: a peer finished the job
            continue
        left.append((key, job and job.kind, job and job.peers, client.ttl(key)))
    findings.figure("journals of jobs that peers finished", of_peers)
    findings.promise("journals left", left)


def in_flight(spot, findings):
    findings.figure("spot audits", spot.looks)
    findings.promise("in two places (spot audits)", spot.two_places.items())
    findings.promise("in no place (spot audits)", spot.was_missing.items())
    findings.promise("owners without lease or place (spot audits)", spot.broken_leases.items())
