"""The jobs of a run: texts in which every name carries the job's own word, so that any call that a
peer has seen can be put down to its job; and bodies that no producer should ever write."""
import json
import random
import uuid
from dataclasses import dataclass, field

PREFIX = "ryumem:"
FIRST_NAMES = ("Anna Boris Carla Dmitri Elena Farid Greta Hugo Ines Jonas Kaja Lars Marta Nikos Olga "
               "Pavel Quentin Rosa Stefan Tilda Ursula Viktor Wanda Xenia Yusuf Zora").split()
VERBS = ["met", "visited", "called", "thanked", "hired", "married", "taught"]


@dataclass
class Job:
    number: int
    id: bytes
    kind: str                 # what sort of job it is, see make()
    body: object              # bytes; None: there is none; a list: a key of the wrong type
    episode: str = ""
    token: str = ""           # the word that all its names carry, in lower case
    ttl: int = 86400
    absent: bool = False      # the server knows no such episode
    readable: bool = True
    max_retries: int = 3
    enqueued: int = 0         # how often the id was pushed, or may have been
    content: str = ""
    peers: list = field(default_factory=list)  # what peers did with it: "done", "crashed", …


def word(number):
    """Five letters that stand for a number, behind a beginning that no text has."""
    letters = ""
    for _ in range(5):
        letters = chr(ord("a") + number % 26) + letters
        number //= 26
    return "zq" + letters


def number_of(letters):
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("a")
    return number


def text(kind, dice, token):
    family = token.capitalize()
    names = [f"{first} {family}" for first in dice.sample(FIRST_NAMES, 16)]
    if kind == "plain":
        one, two = f"{names[0]} {dice.choice(VERBS)} {names[1]}.", ""
        if dice.random() < 0.6:
            two = f" {names[0]} {dice.choice(VERBS)} {names[2]} and {dice.choice(VERBS)} {names[3]}."
        return one + two
    if kind == "long":
        return " ".join(f"{names[i]} {dice.choice(VERBS)} {names[i + 1]}." for i in range(14))
    if kind == "nothing":
        return f"nothing much happened today, it rained and there was no {token} at all."
    if kind == "first_person":
        return f"I met {names[0]} yesterday, and I thanked {names[1]}."
    if kind == "unicode":
        return (f"Алексей {family} знает {names[0]}. {names[1]} \U0001f600 met Zoë {family}: "
                f"\u202eabc\u202c, {names[2]}\u0000 and 田中{family}さん.")
    raise ValueError(kind)


def body_of(job, content, user, max_retries):
    return {"job_id": job.id.decode(), "episode_uuid": job.episode, "content": content,
            "user_id": user, "customer_id": "torture", "api_key": f"key-{job.number}",
            "context": None, "created_at": "2025-01-01T00:00:00.000000", "status": "pending",
            "retry_count": 0, "max_retries": max_retries}


def hostile(job, fields, dice):
    """Spoils a job's body; says how."""
    kind = dice.choice(["not_json", "array", "wrong_type", "missing", "other_id", "key_type", "nested",
                        "bad_utf8", "lone_surrogate", "bad_id", "big_number", "empty"])
    body = json.dumps(fields).encode()
    if kind == "not_json":
        body = b"{'job_id': None, " + job.id
    elif kind == "array":
        body = b"[" + body + b"]"
    elif kind == "wrong_type":
        fields[dice.choice(["content", "user_id", "episode_uuid", "context"])] = {"a": 5}
        body = json.dumps(fields).encode()
    elif kind == "missing":
        body = None
    elif kind == "other_id":
        fields["job_id"] = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        body = json.dumps(fields).encode()
    elif kind == "key_type":
        body = [b"a", b"list"]
    elif kind == "nested":
        body = b'{"job_id":' + b"[" * 20000 + b"]" * 20000 + b"}"
    elif kind == "bad_utf8":
        body = body.replace(b"torture", b"tor\xff\xfeture")
    elif kind == "lone_surrogate":
        body = body.replace(b"torture", b"tor\\ud800ture")
    elif kind == "bad_id":
        job.id = job.id + b"\xff \n:{}*"
        body = None
    elif kind == "big_number":
        fields["retry_count"] = 10**30
        body = json.dumps(fields).encode()
    elif kind == "empty":
        body = b""
    job.body, job.readable = body, False
    return "hostile " + kind


def make(number, seed):
    """The job of that number in the run of that seed, always the same."""
    dice = random.Random(f"{seed} job {number}")
    job = Job(number, str(uuid.UUID(int=dice.getrandbits(128), version=4)).encode(), "", b"")
    job.episode = str(uuid.UUID(int=dice.getrandbits(128), version=4))
    job.token = word(number)
    job.kind = dice.choices(["plain", "long", "nothing", "first_person", "unicode"],
                            [70, 3, 8, 10, 9])[0]
    job.max_retries = dice.choices([6, 8, 3, 1], [60, 34, 4, 2])[0]
    job.content = text(job.kind, dice, job.token)
    # Unique users: what one job stores is not merged with what another has stored.
    fields = body_of(job, job.content, f"user {job.token}", job.max_retries)
    job.body = json.dumps(fields, ensure_ascii=dice.random() < 0.5).encode()
    luck = dice.random()
    if luck < 0.05:
        job.kind = hostile(job, fields, dice)
    elif luck < 0.06:
        job.absent = True
    elif luck < 0.25:
        job.ttl = 60  # waiting jobs must not run out of time; in peers' hands nobody helps them
    return job
