"""What the peers have seen: nothing half done, nothing paid for or delivered twice without need."""
import bisect
import dataclasses
from collections import defaultdict

from .adversary import END_OF_DRAIN

UPSERTS = ("entity", "relationship")
QUESTIONS = ("entities", "relationships", "vectors")


def usable(call):
    """Was it carried out, and did whoever waited get an answer that he could use?"""
    effects = [word for word in call.fault.split(", ") if word and not word.startswith("latency")]
    return call.status == 200 and call.end > 0 and not effects


class Doubt:
    """Which calls may have been carried out without their caller having it written down."""

    AFTER_REDIS = 2.0  # until those who waited for it have written everything down
    AROUND = 0.2       # an event takes its time
    LAST_WORDS = 4.0   # how long a worker whose drain is over tries to write down what it has

    def __init__(self, windows, settings):
        self.settings = settings
        windows = windows + self.ends_without_redis(windows)
        self.windows = {kind: sorted((w for w in windows if w.kind == kind), key=lambda w: w.begin)
                        for kind in ("crash", "redis", "line")}
        self.begins = {kind: [w.begin for w in found] for kind, found in self.windows.items()}
        self.longest = max([w.end - w.begin for w in windows], default=0.0)
        self.known = {}

    def ends_without_redis(self, windows):
        """A worker that has to end waits for Redis no longer than this, and what it could not write
        down is lost like in a crash."""
        return [dataclasses.replace(end, kind="crash") for end in windows
                if end.why == END_OF_DRAIN and any(
                    away.kind == "redis" and away.caller in (None, end.caller)
                    and away.begin < end.end + self.LAST_WORDS
                    and away.end + self.AFTER_REDIS > end.begin for away in windows)]

    def about(self, call):
        if id(call) not in self.known:
            late = call.end - call.at > self.settings.call_timeout * 0.8
            # If it failed or nobody waited for the answer any more, nothing is certain about it.
            self.known[id(call)] = (not usable(call) or late or self.hit("line", call, call.end)
                                    or self.hit("crash", call, self.written_down(call)))
        return self.known[id(call)]

    def near(self, kind, begin, end):
        """Windows that may touch this time."""
        first = bisect.bisect_left(self.begins[kind], begin - self.longest)
        return self.windows[kind][first:bisect.bisect_right(self.begins[kind], end)]

    def written_down(self, call):
        """When at the latest its caller, if he lived, had it written down."""
        slack = self.settings.note_slack
        then = call.end + slack
        for trouble in self.near("redis", call.end - slack - self.AFTER_REDIS, then + 60):
            mine = trouble.caller is None or trouble.caller == call.caller
            if mine and call.end - slack < trouble.end + self.AFTER_REDIS and trouble.begin < then:
                then = max(then, trouble.end + self.AFTER_REDIS)
        return then

    def hit(self, kind, call, until):
        return any(window.begin - self.AROUND <= until and call.at <= window.end + self.AROUND
                   and window.caller in (None, call.caller) and window.face in (None, call.face)
                   for window in self.near(kind, call.at - self.AROUND, until + self.AROUND))


def repeated(calls, doubt, what, excused):
    """(how many calls, in doubt, done more than once, sent again without doubt)."""
    total, in_doubt, again, wrong = 0, 0, 0, []
    by_key = defaultdict(list)
    for call in calls:
        if call.what in what and call.caller.startswith("host-"):
            total += 1
            by_key[(call.job, call.what, call.key)].append(call)
    for (job, sort, key), sent in by_key.items():
        answered = [call for call in sent if usable(call)]
        in_doubt += sum(doubt.about(call) for call in answered)
        if excused(job):
            continue
        again += max(0, len(answered) - 1)
        # Whatever was sent after an answer that was surely received and noted was sent in vain.
        for call, later in zip(sent, sent[1:]):
            if not doubt.about(call):
                wrong.append(f"job {job} {sort} {key}: answered {call.caller} at {call.end:.3f}, "
                             f"sent again by {later.caller} at {later.at:.3f}")
                break
    return total, in_doubt, again, wrong


def paid_once(calls, doubt, producer, findings):
    jobs = producer.jobs

    def excused(job):
        # An id that was enqueued twice is a job that was asked for twice, and so is one that a
        # Python worker had in hand beside us.
        return not 0 <= job < len(jobs) or jobs[job].enqueued > 1 or "slow" in jobs[job].peers

    for name, sorts in (("upserts", UPSERTS), ("model calls", QUESTIONS), ("reports", ("complete",))):
        total, in_doubt, again, wrong = repeated(calls, doubt, sorts, excused)
        findings.figure(f"{name} sent", total)
        findings.figure("  answered, but in doubt", in_doubt)
        findings.figure("  of these done twice", again)
        findings.figure("  per hundred sent", round(100 * again / max(1, total), 2))
        findings.promise(f"{name} repeated without doubt", wrong)
    findings.figure("calls nobody can put down to a job",
                    sum(call.job < 0 and call.what not in ("other", "complete") for call in calls))


class Graph:
    """What the server was sent for one job, and what the model had said."""

    def __init__(self):
        self.stored = {"entity": set(), "relationship": set()}
        self.said = {"entities": set(), "relationships": set()}
        self.answered = {"entities": 0, "relationships": 0}
        self.uuids = {}
        self.users = set()

    def add(self, call):
        done = call.status == 200 or "after work" in call.fault
        if call.what in UPSERTS and done and call.caller.startswith("host-"):
            self.stored[call.what].add(call.key)
        if call.what == "entity" and call.found and call.found[0]:
            self.uuids[call.key] = call.found[0]
            self.users.add(call.found[1])
        if call.what in self.said and call.found is not None:
            self.said[call.what] |= call.found
            self.answered[call.what] += 1

    def entities_are_whole(self):
        """All that the model named, and nobody else but the author, who speaks in the text."""
        missing = self.said["entities"] - self.stored["entity"]
        return not missing and self.stored["entity"] - self.said["entities"] <= self.users

    def relationships_expected(self):
        """Without those that the server made ends of one entity of, and those that name others."""
        ends = [(self.uuids.get(source), self.uuids.get(destination))
                for source, _, destination, _ in self.said["relationships"]]
        return sum(None not in pair and pair[0] != pair[1] for pair in ends)


def whole_graphs(calls, producer, findings):
    """A completion says what was stored, and that is what the model had found."""
    graphs = defaultdict(Graph)
    completions = defaultdict(list)
    of_id = {job.id: job for job in producer.jobs}
    for call in calls:
        if call.job >= 0:
            graphs[call.job].add(call)
        if call.what == "complete" and (call.status == 200 or "after work" in call.fault) and (
                call.caller.startswith("host-")):
            completions[call.job].append(call)
    partial, empty = [], []
    for number, reports in completions.items():
        job = producer.jobs[number] if 0 <= number < len(producer.jobs) else None
        graph = graphs[number]
        for call in reports:
            entities, relationships, error, job_id = call.found
            if error:
                continue
            if job is None or of_id.get(str(job_id).encode()) is not job:
                partial.append(f"job {number}: reported as {job_id}")
            elif entities == 0:
                if not graph.answered["entities"] or graph.said["entities"]:
                    empty.append(f"job {number} ({job.kind}): no entities, the model found "
                                 f"{sorted(graph.said['entities'])}")
            elif (entities != len(graph.stored["entity"])
                  or relationships != len(graph.stored["relationship"])
                  or not graph.entities_are_whole()
                  or (graph.answered["relationships"]
                      and relationships != graph.relationships_expected())):
                partial.append(
                    f"job {number} ({job.kind}): reported {entities} and {relationships}, stored "
                    f"{len(graph.stored['entity'])} and {len(graph.stored['relationship'])}, "
                    f"the model said {len(graph.said['entities'])} and "
                    f"{len(graph.said['relationships'])}")
    findings.promise("complete, but partial", partial)
    findings.promise("complete, but empty without a model's word", empty)


def told_the_truth(episodes, calls, producer, dead, completed, doubt, findings):
    """The server's last word about each episode is the job's end."""
    contradictions, in_doubt = [], 0
    reports = defaultdict(list)
    for call in calls:
        if call.what == "complete" and call.caller.startswith("host-"):
            reports[call.job].append(call)
    for job in producer.jobs:
        if job.enqueued > 1 or "slow" in job.peers or not job.readable or job.absent:
            continue
        status = episodes.get(job.episode, {}).get("status", "none")
        expected = "failed" if job.id in dead else "completed" if job.id in completed else None
        # The adversary's 200 without the work behind it: a peer takes it for an answer.
        fooled = "done" in job.peers and any(
            call.what == "complete" and call.job == job.number and call.caller == "peer" and
            "status 200" in call.fault for call in calls)
        if expected and status != expected and not fooled:
            contradictions.append(f"job {job.number} is {expected}, its episode {status}")
        surely = [call for call in reports[job.number]
                  if call.key == "completed" and not doubt.about(call)]
        maybe = [call for call in reports[job.number]
                 if call.key == "completed" and call.status == 200]
        if job.id in dead and surely:
            contradictions.append(f"job {job.number} is dead and was reported complete")
        elif job.id in dead and maybe:
            in_doubt += 1
    findings.figure("dead, after a report in doubt", in_doubt)
    findings.promise("jobs and episodes that disagree", contradictions)
