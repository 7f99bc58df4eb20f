"""Reads job bodies as the Ryumem server does, strictly: the fields, types and states of its job.

Usage: peer_job.py FILE    FILE: bodies, each ended by a NUL
Prints a line per body: job_id, status, retry_count, max_retries, and the content as JSON.
Exits 1 with pydantic's words for a body that the server could not read.
"""

import datetime
import enum
import json
import sys
import typing

import pydantic


class Status(str, enum.Enum):
    pending = "pending"
    processing = "processing"
    completed = "completed"
    failed = "failed"


class Job(pydantic.BaseModel):
    job_id: pydantic.StrictStr
    episode_uuid: pydantic.StrictStr
    content: pydantic.StrictStr
    user_id: pydantic.StrictStr
    customer_id: pydantic.StrictStr = ""
    api_key: pydantic.StrictStr = ""
    context: typing.Optional[pydantic.StrictStr] = None
    created_at: datetime.datetime
    status: Status = Status.pending
    retry_count: pydantic.StrictInt = 0
    max_retries: pydantic.StrictInt = 3


def main(path):
    with open(path, "rb") as file:
        bodies = file.read().split(b"\0")[:-1]
    for body in bodies:
        job = Job.parse_raw(body)
        print(
            job.job_id,
            job.status.value,
            job.retry_count,
            job.max_retries,
            json.dumps(job.content),
        )


if __name__ == "__main__":
    main(sys.argv[1])
