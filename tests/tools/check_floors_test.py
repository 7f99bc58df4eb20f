"""tools/check-floors: each of its rules fires, and lets pass what is allowed."""

import os
import subprocess
import sys
import tempfile
import unittest

from load_tool import TOOLS, load_tool

floors = load_tool("check-floors")


def found(path, source):
    return [what for _, what in floors.check(path, source)]


def including(path, target):
    return found(path, f'#include "{target}"\n')


class Floors(unittest.TestCase):
    def assert_refused(self, path, target, word):
        what = including(path, target)
        self.assertEqual(len(what), 1, f"{path} including {target}: {what}")
        self.assertIn(word, what[0])

    def test_a_room_includes_itself_and_what_is_below(self):
        for path, target in (
            ("common/net/a.cc", "common/net/b.h"),
            ("common/net/a.cc", "common/base/json.h"),
            ("worker/llm/a.cc", "worker/providers/ollama.h"),
            ("worker/main.cc", "worker/pipeline/run_job.h"),
            ("worker/main.cc", "common/queue/queue.h"),
            ("supervisor/main.cc", "common/net/http_server.h"),
            ("sandbox/main.cc", "common/net/http_server.h"),
            ("ctl/main.cc", "common/net/http_client.h"),
        ):
            self.assertEqual(including(path, target), [], f"{path} including {target}")

    def test_upward_is_refused(self):
        self.assert_refused("common/base/a.cc", "common/async/task.h", "upward")
        self.assert_refused("common/queue/a.h", "worker/llm/asks.h", "upward")
        self.assert_refused("worker/graph/a.h", "worker/llm/asks.h", "upward")
        self.assert_refused("worker/pipeline/a.h", "worker/worker.h", "upward")

    def test_a_neighbour_is_refused(self):
        self.assert_refused("worker/providers/a.h", "worker/graph/server.h", "neighbour")
        self.assert_refused("ctl/main.cc", "supervisor/pool.h", "neighbour")
        self.assert_refused("worker/main.cc", "sandbox/faults.h", "neighbour")

    def test_the_sandbox_includes_common_only(self):
        self.assert_refused("sandbox/a.cc", "worker/providers/ollama.h", "stands apart")

    def test_the_supervisor_links_no_worker_and_no_http_client(self):
        self.assert_refused("supervisor/a.cc", "worker/providers/ollama.h", "nothing of the worker")
        self.assert_refused("supervisor/a.cc", "common/net/http_client.h", "no HTTP client")

    def test_an_include_that_is_in_no_room_is_refused(self):
        self.assert_refused("common/base/a.cc", "text.h", "no room")
        self.assert_refused("common/base/a.cc", "common/base/detail/text.h", "no room")
        self.assert_refused("common/base/a.cc", "tests/support/temp_dir.h", "no room")

    def test_a_file_that_is_in_no_room_is_refused(self):
        self.assertEqual(len(found("common/a.h", "")), 1)
        self.assertEqual(len(found("misc/a.h", "")), 1)

    def test_tests_include_anything(self):
        self.assertEqual(including("tests/common/base/a_test.cc", "worker/llm/asks.h"), [])

    def test_system_includes_are_no_business_of_the_floors(self):
        self.assertEqual(found("common/base/a.cc", "#include <uv.h>\n"), [])

    def test_coroutine_handles_stay_in_the_async_room(self):
        source = "\nstd::coroutine_handle<> h;\n"
        self.assertEqual(list(floors.check("common/net/a.cc", source))[0][0], 2)
        self.assertEqual(len(found("tests/common/net/a_test.cc", source)), 1)
        self.assertEqual(found("common/async/a.cc", source), [])
        self.assertEqual(found("common/net/a.cc", "// no coroutine_handle here\n"), [])

    def test_the_script_prints_the_place_and_fails(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "common/base"))
            path = os.path.join(root, "common/base/a.h")
            with open(path, "w", encoding="utf-8") as file:
                file.write('#pragma once\n\n#include "common/net/redis.h"\n')
            command = [sys.executable, os.path.join(TOOLS, "check-floors"), root]
            bad = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(bad.returncode, 1)
            self.assertTrue(bad.stdout.startswith("common/base/a.h:3: "), bad.stdout)
            with open(path, "w", encoding="utf-8") as file:
                file.write("#pragma once\n")
            good = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual((good.returncode, good.stdout), (0, ""))


if __name__ == "__main__":
    unittest.main()
