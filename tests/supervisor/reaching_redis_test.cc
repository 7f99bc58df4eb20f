// All programs reach Redis in each way that REDIS_URL knows: jobs are done over TLS with our own
// certificate, as an ACL user in another database, over a socket, and by way of sentinels through a
// failover.
#include "tests/supervisor/whole_daemon.h"
#include "tests/support/sentinel.h"
#include "tests/support/tls_redis.h"
#include "tests/worker/process_fixture.h"

namespace ryumem {
namespace {

using test::certificates;
using test::ChildProcess;
using test::kPatience;
using test::RedisServer;
using test::Sentinel;
using test::wait_until;
using test::WholeDaemon;
using testing::HasSubstr;

using Words = std::vector<std::string>;

// What an operator sees of a job, by the same way.
std::string shown(const std::string& id, const Words& variables) {
  ChildProcess ctl({test::program("ryumemctl"), "jobs", "show", id}, variables);
  EXPECT_EQ(ctl.wait(kPatience), 0) << ctl.err();
  return ctl.out();
}

class OverTls : public test::WorkerTest {
 protected:
  OverTls() : OverTls(test::free_port()) {}
  explicit OverTls(int port) : WorkerTest(test::tls_arguments(port, "yes")), port_(port) {}
  Words variables() const {
    return {"REDIS_URL=rediss://127.0.0.1:" + std::to_string(port_),
            "REDIS_CA_FILE=" + certificates().authority(),
            "REDIS_CERT_FILE=" + certificates().client(),
            "REDIS_KEY_FILE=" + certificates().client_key()};
  }

  int port_;
};

TEST_F(OverTls, AJobIsDoneWithACertificateOfOurOwn) {
  WholeDaemon daemon(redis, sandbox, variables());
  ASSERT_TRUE(daemon.ready()) << daemon.process().err();
  put("a");
  EXPECT_TRUE(becomes("a", "completed")) << daemon.process().err();
  EXPECT_THAT(shown("a", variables()), HasSubstr("completed"));
}

TEST_F(OverTls, WithoutTheCertificateNothingIsReadyAndTheReasonIsTold) {
  Words without = variables();
  without.resize(2);
  WholeDaemon daemon(redis, sandbox, without);
  ASSERT_TRUE(wait_until(kPatience, [&] { return daemon.port() != 0; })) << daemon.process().err();
  EXPECT_TRUE(wait_until(kPatience, [&] {
    return daemon.process().err().find("redis at 127.0.0.1:") != std::string::npos;
  })) << daemon.process().err();
  EXPECT_EQ(test::http_get(daemon.port(), "/readyz").status, 503);
}

TEST_F(OverTls, AJobIsDoneAsAnAclUserInAnotherDatabaseOverASocket) {
  redis.ask({"ACL", "SETUSER", "worker", "on", ">p@ss:word", "~*", "&*", "+@all"});
  redis.ask({"ACL", "SETUSER", "default", "off"});  // for connections to come
  redis.ask({"SELECT", "2"});
  const Words by_socket = {"REDIS_URL=unix://worker:p%40ss%3Aword@" + redis.socket_path() +
                           "?db=2"};
  put("a");
  WholeDaemon daemon(redis, sandbox, by_socket);
  EXPECT_TRUE(becomes("a", "completed")) << daemon.process().err();
  EXPECT_THAT(shown("a", by_socket), HasSubstr("completed"));
}

class BySentinels : public test::WorkerTest {
 protected:
  static void put_into(RedisServer& server, const std::string& id) {
    server.ask({"SET", "ryumem:job:" + id, new_body(test::episode_job(id)), "EX", "86400"});
    server.ask({"LPUSH", "ryumem:extraction_jobs", id});
  }
  static bool completed_in(RedisServer& server, const std::string& id) {
    return wait_until(kPatience, [&] {
      try {
        return server.ask({"GET", "ryumem:job:" + id}).find("\"completed\"") != std::string::npos;
      } catch (const std::runtime_error&) {
        return false;  // it closes its connections when its role changes
      }
    });
  }
};

TEST_F(BySentinels, JobsAreDoneBeforeAndAfterAFailover) {
  RedisServer replica({"--replicaof", "127.0.0.1", std::to_string(redis.port())});
  const Sentinel sentinel(redis, "s3cret");
  const Words variables = {
      "REDIS_URL=redis+sentinel://127.0.0.1:" + std::to_string(sentinel.port()) + "/jobs",
      "REDIS_SENTINEL_PASSWORD=s3cret"};
  WholeDaemon daemon(redis, sandbox, variables);
  ASSERT_TRUE(daemon.ready()) << daemon.process().err();
  put("a");
  EXPECT_TRUE(completed_in(replica, "a")) << daemon.process().err();
  ASSERT_TRUE(wait_until(kPatience, [&] { return sentinel.knows_a_replica(); }));
  redis.kill();
  ASSERT_TRUE(wait_until(kPatience, [&] {
    try {
      return replica.ask({"ROLE"}).rfind("master", 0) == 0;
    } catch (const std::runtime_error&) {
      return false;
    }
  }));
  put_into(replica, "b");
  EXPECT_TRUE(completed_in(replica, "b")) << daemon.process().err();
  EXPECT_THAT(shown("b", variables), HasSubstr("completed"));
  EXPECT_TRUE(daemon.ready()) << daemon.process().err();
}

}  // namespace
}  // namespace ryumem
