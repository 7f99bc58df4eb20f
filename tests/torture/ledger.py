"""What the sandboxes have seen, fetched while they run, reduced to what the account needs."""
import datetime
import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass

from . import jobs

TOKEN = re.compile(r"zq([a-z]{5})", re.IGNORECASE)
GIVEN_UP = 30.0  # a call that is unanswered for so long has lost its caller


@dataclass
class Call:
    __slots__ = ("face", "at", "end", "status", "fault", "caller", "what", "job", "key", "found")
    face: str
    at: float         # seconds since the epoch
    end: float        # when it was answered; 0: it was not
    status: object    # None: never answered; 0: the connection was ended instead
    fault: str
    caller: str       # "host-N", "peer" or ""
    what: str         # entity, relationship, complete, entities, relationships, vectors, other
    job: int          # its number, -1 if it cannot be told
    key: str          # what was asked or sent, apart from that
    found: object     # complete: (entities, relationships, error); entity: (uuid, user's name);
                      # questions: what was answered


def number_in(text):
    found = TOKEN.search(text)
    return jobs.number_of(found[1].lower()) if found else -1


def short(*parts):
    return hashlib.blake2b("\n".join(map(str, parts)).encode("utf-8", "replace"),
                           digest_size=9).hexdigest()


def normal(name):
    return name.strip().lower().replace(" ", "_")


def answered(entry, question):
    """The items of an answer that can be understood, whatever is wrong around them: names, or
    (source, type, destination, fact); None if it is not one."""
    try:
        content = entry["answer"]["message"]["content"]
        begins = min(at for at in (content.find("{"), content.find("[")) if at >= 0)
        items = json.loads(content[begins:max(content.rfind("}"), content.rfind("]")) + 1])
        items = items if isinstance(items, list) else items[question]
        if question == "entities":
            return frozenset(normal(item["entity"]) for item in items)
        return frozenset((normal(item["source"]), item["relationship"].upper().replace(" ", "_"),
                          normal(item["destination"]), item["fact"].strip()) for item in items)
    except (KeyError, TypeError, ValueError):
        return None


def question_of(body):
    """The property that is asked for: by the schema or, from a worker that has gone down the ladder
    of structured output, by the words of the prompt."""
    schema = body.get("format")
    if isinstance(schema, dict):
        return next(iter(schema["properties"]), "other")
    words = "\n".join(message["content"] for message in body["messages"])
    return next((name for name in ("relationships", "entities") if f'"{name}"' in words), "other")


def text_asked_about(message):
    """A question may be about a part of the job's text: each part is another question."""
    begins = message.rfind("<text-")
    return message[begins:message.rfind("</text-")] if begins >= 0 else message


def read(entry):
    """The calls that an entry stands for: one, but for a request for vectors, which carries texts of
    many jobs. There every text is a call of its own, so that each is put down to its job."""
    at = datetime.datetime.fromisoformat(entry["at"].replace("Z", "+00:00"))
    at = at.replace(tzinfo=at.tzinfo or datetime.timezone.utc).timestamp()
    end = at + entry["ms"] / 1000 if "ms" in entry else 0.0
    status, fault = entry.get("status"), entry.get("fault") or ""
    body = entry["body"] if isinstance(entry["body"], dict) else {}
    path, what, job, key, found = entry["path"], "other", -1, "", None
    if entry["face"] == "server":
        caller = entry["headers"].get("X-Internal-Key", "")
        api_key = entry["headers"].get("X-API-Key", "")
        job = int(api_key[4:]) if api_key.startswith("key-") else -1
        if path.endswith("/entities/upsert"):
            what, key = "entity", body.get("name", "")
            answer = entry.get("answer")
            found = (answer.get("uuid") if isinstance(answer, dict) else None,
                     normal(str(body.get("user_id", ""))))
        elif path.endswith("/relationships/upsert"):
            what, key = "relationship", short(*(body.get(k) for k in (
                "source_entity_uuid", "relation_type", "target_entity_uuid", "fact")))
        elif path.endswith("/extraction-complete"):
            what, key = "complete", "failed" if body.get("error") else "completed"
            found = (body.get("entities_count"), body.get("relationships_count"),
                     body.get("error"), body.get("job_id"))
    else:
        caller = entry["headers"].get("Authorization", "").removeprefix("Bearer ")
        if path == "/api/chat":
            text = body["messages"][-1]["content"]
            question = question_of(body)
            what, key, job = question, short(question, text_asked_about(text)), number_in(text)
            if status == 200:
                found = answered(entry, question)
        elif path == "/api/embed":
            return [Call(entry["face"], at, end, status, fault, caller, "vectors", number_in(text),
                         short(text), None) for text in body.get("input", [])]
    return [Call(entry["face"], at, end, status, fault, caller, what, job, key, found)]


class Reader(threading.Thread):
    def __init__(self, sandbox):
        super().__init__(daemon=True, name=f"ledger of the {sandbox.face}")
        self.sandbox = sandbox
        self.calls = {}   # lists of them, by sequence number
        self.cursor = 0
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.wait(1.5):
            self.fetch()

    def fetch(self, last=False):
        lines = self.sandbox.call(f"/sandbox/ledger?since={self.cursor}").decode().split("\n")
        unfinished, now = False, time.time()
        for line in lines:
            if not line:
                continue
            entry = json.loads(line)
            calls = read(entry)
            self.calls[entry["seq"]] = calls
            if any(call.status is None and not last and now - call.at < GIVEN_UP for call in calls):
                unfinished = True
            if not unfinished:
                self.cursor = entry["seq"]

    def finish(self):
        self.stopping.set()
        self.join()
        self.fetch(last=True)
        return [call for seq in sorted(self.calls) for call in self.calls[seq]]
