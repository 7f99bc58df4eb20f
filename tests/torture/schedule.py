"""What the adversary will do and when: a function of seed, length and number of hosts alone."""
import hashlib
import json
import random

# Weight, shortest and longest time it lasts, what it needs for itself ("host" and "worker" become
# the numbered ones that the dice choose).
EVENTS = {
    "kill_worker": (14, 0, 0, ["host"]),
    "kill_supervisor": (6, 0.2, 2, ["host"]),
    "kill_host": (5, 0.5, 7, ["host"]),
    "stop_worker": (7, 1, 8, ["host"]),
    "stop_host": (3, 1, 8, ["host"]),
    "drain": (5, 0, 1, ["host"]),
    "kill_redis": (4, 0.2, 4, ["redis"]),
    "stop_redis": (4, 0.5, 6, ["redis"]),
    "sleep_redis": (3, 0.5, 3, ["redis"]),
    "drop_redis": (6, 0, 0, ["redis"]),
    "redis_refuse": (3, 0.5, 6, ["redis-link"]),
    "redis_blackhole": (4, 0.5, 8, ["redis-link"]),
    "redis_swallow": (4, 0.3, 6, ["redis-link"]),
    "redis_delay": (3, 1, 5, ["redis-link"]),
    "drop_server": (5, 0, 0, ["server"]),
    "server_refuse": (3, 0.5, 4, ["server"]),
    "server_blackhole": (3, 0.5, 5, ["server"]),
    "server_swallow": (3, 0.3, 3, ["server"]),
    "drop_model": (5, 0, 0, ["model"]),
    "model_refuse": (3, 0.5, 4, ["model"]),
    "model_blackhole": (2, 0.5, 5, ["model"]),
    "server_faults": (12, 0.5, 4, ["server-faults"]),
    "model_faults": (14, 0.5, 5, ["model-faults"]),
}

SERVER_FAULTS = [
    {"status": 500, "rate": 0.5}, {"status": 503, "rate": 1.0}, {"status": 502, "rate": 0.3},
    {"status": 500, "rate": 0.4, "after_work": True},
    {"status": 429, "rate": 0.3, "headers": {"Retry-After": "1"}},
    {"reset": True, "rate": 0.4}, {"reset": True, "rate": 0.3, "after_work": True},
    {"hang": True, "rate": 0.2}, {"hang": True, "rate": 0.2, "after_work": True},
    {"truncate": True, "rate": 0.3}, {"latency_ms": {"min": 20, "max": 60}},
    {"status": 403, "rate": 1.0}, {"status": 200, "body": "not json", "rate": 0.2},
    {"status": 301, "headers": {"Location": "/elsewhere"}, "rate": 0.3},
]
MALFORMED_CHAT = ["prose", "fence", "truncated_json", "length", "empty_object", "not_json", "blank",
                  "bare_array", "schema_echo"]
MALFORMED_VECTORS = ["wrong_count", "wrong_dimension", "nan"]
MODEL_FAULTS = [
    {"status": 500, "rate": 0.5}, {"status": 503, "rate": 1.0}, {"reset": True, "rate": 0.4},
    {"status": 429, "rate": 0.5, "headers": {"Retry-After": "1"}},
    {"reset": True, "rate": 0.3, "after_work": True}, {"hang": True, "rate": 0.3},
    {"truncate": True, "rate": 0.3}, {"latency_ms": {"min": 500, "max": 3000}, "rate": 0.5},
    {"drip": {"bytes": 50, "every_ms": 5}, "rate": 0.3},
    {"status": 404, "body": '{"error":"model \\"x\\" not found"}', "rate": 0.7},
    {"status": 401, "rate": 1.0}, {"status": 200, "body": '{"error":"out of memory"}', "rate": 0.4},
] + [{"path": "/api/chat", "malformed": kind, "rate": 0.5} for kind in MALFORMED_CHAT] + [
    {"path": "/api/embed", "malformed": kind, "rate": 0.5} for kind in MALFORMED_VECTORS]

# Always in force: the model takes its time, and every fault happens now and then.
BASELINE = (
    [{"face": "model", "path": "/api/chat", "latency_ms": {"min": 20, "max": 500}},
     {"face": "model", "path": "/api/embed", "latency_ms": {"min": 5, "max": 100}},
     {"face": "server", "latency_ms": {"min": 0, "max": 2}}] +
    [{"face": "model", "path": "/api/chat", "malformed": kind, "rate": 0.003}
     for kind in MALFORMED_CHAT] +
    [{"face": "model", "path": "/api/embed", "malformed": kind, "rate": 0.003}
     for kind in ("wrong_count", "nan")] +
    [{"face": "any", "reset": True, "after_work": True, "rate": 0.004},
     {"face": "any", "status": 500, "rate": 0.004}])


def plan(seed, seconds, hosts):
    """A list of events by their begin; each has "at", "for" and what it needs."""
    dice = random.Random(f"{seed} schedule")
    names = list(EVENTS)
    weights = [EVENTS[name][0] for name in names]
    busy = {}
    events = []
    at = 2.0
    while at < seconds:
        name = dice.choices(names, weights)[0]
        _, shortest, longest, needs = EVENTS[name]
        host, worker = dice.randrange(hosts), dice.randrange(2)
        event = {"what": name, "at": round(at, 3), "host": host, "worker": worker,
                 "for": round(min(dice.uniform(shortest, longest), seconds - at + 1), 3)}
        if name == "server_faults":
            event["rule"] = dict(dice.choice(SERVER_FAULTS), face="server")
        if name == "model_faults":
            event["rule"] = dict(dice.choice(MODEL_FAULTS), face="model")
        if name == "redis_delay":
            event["ms"] = dice.choice([20, 100, 300])
        places = [f"{need}-{host}" if need in ("host", "redis-link") else need for need in needs]
        if all(busy.get(place, 0) <= at for place in places):
            events.append(event)
            for place in places:
                busy[place] = at + event["for"] + 0.5
        at += min(dice.expovariate(1 / 1.2), 6)
    return events


def digest(events):
    text = json.dumps([events, BASELINE], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
