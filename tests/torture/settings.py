"""What a run is made of, in one place; all times in seconds."""
import os
from dataclasses import dataclass, field


@dataclass
class Settings:
    seconds: int = 60        # how long the adversary is at work
    seed: int = 1
    hosts: int = 1           # supervisors, each with its own connections to everything
    bin_dir: str = ""        # of the daemons
    home: str = ""           # private directory of the run: Redis' files, ports, logs
    rate: float = 12.0       # jobs per second
    workers: int = 2         # processes per host
    concurrency: int = 16    # jobs in hand per process
    callbacks: int = 8       # callbacks under way per process
    peers: int = 2           # clients that behave like the Python worker
    lease: int = 4
    job_timeout: int = 15    # also: how long a peer's job may stay in the processing list
    call_timeout: int = 4
    drain: int = 5
    dimensions: int = 100    # the sandbox' vectors of different texts stay apart from there on
    max_settle: int = 240    # all must be settled so long after the last fault was mended
    # An answer is in the journal so long after it was given, unless something is in the way.
    note_slack: float = 1.0
    environment: dict = field(default_factory=lambda: dict(os.environ))

    def of_worker(self, redis_port, server_port, model_port, host):
        """The environment of a supervisor. The keys tell its calls apart: the
        models are the same everywhere, since vectors of another model would be asked for anew."""
        environment = {k: v for k, v in self.environment.items()
                       if not k.startswith(("RYUMEM_WORKER_", "LLM_", "EMBEDDING_", "OLLAMA_"))
                       or k.startswith(("RYUMEM_WORKER_BINARY", "RYUMEM_WORKER_TORTURE_"))}
        environment.update({
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}",
            "SERVER_URL": f"http://127.0.0.1:{server_port}",
            "WORKER_INTERNAL_KEY": f"host-{host}",
            "LLM_PROVIDER": "ollama",
            "EMBEDDING_PROVIDER": "ollama",
            "OLLAMA_BASE_URL": f"http://127.0.0.1:{model_port}",
            "OLLAMA_API_KEY": f"host-{host}",
            "LLM_MODEL": "chat",
            "EMBEDDING_MODEL": "vectors",
            "EMBEDDING_DIMENSIONS": str(self.dimensions),
            "RYUMEM_WORKER_PROCESSES": str(self.workers),
            "RYUMEM_WORKER_CONCURRENCY": str(self.concurrency),
            "RYUMEM_WORKER_CALLBACK_CONCURRENCY": str(self.callbacks),
            "RYUMEM_WORKER_LEASE_SECONDS": str(self.lease),
            "RYUMEM_WORKER_JOB_TIMEOUT_SECONDS": str(self.job_timeout),
            "RYUMEM_WORKER_CALL_TIMEOUT_SECONDS": str(self.call_timeout),
            "RYUMEM_WORKER_CALL_TRIES": "3",
            "RYUMEM_WORKER_RETRY_FIRST_DELAY_SECONDS": "1",
            "RYUMEM_WORKER_RETRY_LONGEST_DELAY_SECONDS": "8",
            "RYUMEM_WORKER_KEEP_ALIVE_SECONDS": "2",
            "RYUMEM_WORKER_DRAIN_TIMEOUT_SECONDS": str(self.drain),
        })
        return environment
