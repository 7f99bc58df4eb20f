#include "worker/graph/graph_server.h"

#include "common/async/scope.h"
#include "common/async/timer.h"
#include "tests/support/eventually.h"
#include "tests/worker/bench.h"
#include "tests/worker/canonical_json.h"

namespace ryumem {
namespace {

using test::Bench;
using test::canonical;
using test::eventually;
using test::failure_of;
using test::with_bench;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kVector = "[0.10,-2e-1,0.3,4]";

const Tenant& acme() {
  static const Tenant tenant("user_1", "acme", "ryu_k");
  return tenant;
}

ExtractionReport report() {
  ExtractionReport out;
  out.job_id = "j";
  out.episode_uuid = "e";
  out.entities = 5;
  out.relationships = 4;
  return out;
}

Task<std::string> upsert(Bench& bench, Tenant tenant, std::string name) {
  const EntityUpsert entity(name, "PERSON", kVector);
  co_return co_await bench.graph.upsert_entity(tenant, entity, bench.cancel);
}

Task<Failure> refused_upsert(Bench& bench) {
  co_return co_await failure_of(upsert(bench, acme(), "alice"));
}

Task<Failure> refused_report(Bench& bench) {
  const ExtractionReport success = report();
  Task<std::string> reporting = bench.graph.extraction_complete(acme(), success, bench.cancel);
  co_return co_await failure_of(std::move(reporting));
}

TEST(GraphServer, UpsertsAnEntityAsTheContractSays) {
  with_bench(
      [](Bench& bench) -> Task<> {
        const std::string uuid = co_await upsert(bench, acme(), "alice");
        const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
        EXPECT_EQ(calls.size(), 1u);
        const JsonValue call = calls.at(0).root();
        EXPECT_EQ(call["method"].string(), "POST");
        EXPECT_EQ(call["path"].string(), "/internal/entities/upsert");
        EXPECT_EQ(canonical(call["headers"]),
                  canonical(std::string(R"({"Content-Type":"application/json",
                      "X-Internal-Key":"sekret","X-API-Key":"ryu_k"})")));
        EXPECT_EQ(canonical(call["body"]),
                  canonical(std::string(R"({"name":"alice","entity_type":"PERSON",
                      "name_embedding":[0.1,-0.2,0.3,4],"user_id":"user_1","customer_id":"acme",
                      "similarity_threshold":0.65})")));
        EXPECT_EQ(call["answer"]["uuid"].string(), uuid);
        EXPECT_EQ(bench.slot().of(Call::entity_upsert)[Reply::ok].load(), 1u);
      },
      {{"WORKER_INTERNAL_KEY", "sekret"}}, "sekret");
}

TEST(GraphServer, SendsAVectorByteForByte) {
  with_bench([](Bench& bench) -> Task<> {
    co_await upsert(bench, acme(), "alice");
    const std::string lines = co_await bench.control("GET", "/sandbox/ledger?vectors=1", "");
    EXPECT_THAT(lines, HasSubstr(std::string("\"name_embedding\":") + kVector));
  });
}

TEST(GraphServer, UpsertsARelationshipAsTheContractSays) {
  with_bench([](Bench& bench) -> Task<> {
    const std::string alice = co_await upsert(bench, acme(), "alice");
    RelationshipUpsert knows;
    knows.source_uuid = alice;
    knows.destination_uuid = alice;
    knows.type = "KNOWS";
    knows.fact = "Alice knows \"herself\".";
    knows.vector = kVector;
    knows.episode_uuid = "e";
    co_await bench.graph.upsert_relationship(acme(), knows, bench.cancel);
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal/relationships");
    EXPECT_EQ(calls.size(), 1u);
    const JsonValue call = calls.at(0).root();
    EXPECT_EQ(call["path"].string(), "/internal/relationships/upsert");
    EXPECT_EQ(canonical(call["body"]),
              canonical(R"({"source_entity_uuid":")" + alice + R"(","target_entity_uuid":")" +
                        alice + R"(","relation_type":"KNOWS","fact":"Alice knows \"herself\".",
                  "fact_embedding":[0.1,-0.2,0.3,4],"episode_uuid":"e","user_id":"user_1",
                  "customer_id":"acme","similarity_threshold":0.8})"));
    EXPECT_EQ(bench.slot().of(Call::relationship_upsert)[Reply::ok].load(), 1u);
  });
}

TEST(GraphServer, ReportsAnEndWithAndWithoutAnErrorAsTheContractSays) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.graph.extraction_complete(acme(), report(), bench.cancel);
    ExtractionReport failed = report();
    failed.entities = failed.relationships = 0;
    failed.error = "the model said \"no\"";
    co_await bench.graph.extraction_complete(acme(), failed, bench.cancel);
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal/episodes");
    EXPECT_EQ(calls.size(), 2u);
    EXPECT_EQ(calls.at(0).root()["path"].string(), "/internal/episodes/e/extraction-complete");
    EXPECT_EQ(canonical(calls.at(0).root()["body"]),
              canonical(std::string(R"({"job_id":"j","entities_count":5,"relationships_count":4,
                  "customer_id":"acme","error":null})")));
    EXPECT_EQ(calls.at(0).root()["answer"]["status"].string(), "completed");
    EXPECT_EQ(calls.at(1).root()["body"]["error"].string(), "the model said \"no\"");
    EXPECT_EQ(calls.at(1).root()["answer"]["status"].string(), "failed");
  });
}

TEST(GraphServer, LeavesOutTheHeadersOfKeysThatAreEmpty) {
  with_bench([](Bench& bench) -> Task<> {
    co_await upsert(bench, Tenant("u", "", ""), "alice");
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
    EXPECT_EQ(canonical(calls.at(0).root()["headers"]),
              canonical(std::string(R"({"Content-Type":"application/json"})")));
    EXPECT_EQ(calls.at(0).root()["body"]["customer_id"].string(), "");
  });
}

TEST(GraphServer, KeepsAnEpisodesIdWithinItsPlaceInThePath) {
  with_bench([](Bench& bench) -> Task<> {
    ExtractionReport odd = report();
    odd.episode_uuid = "a/../b?c=#d";
    co_await bench.graph.extraction_complete(acme(), odd, bench.cancel);
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
    EXPECT_EQ(calls.at(0).root()["path"].string(),
              "/internal/episodes/a/../b?c=#d/extraction-complete");
  });
}

TEST(GraphServer, RefusesAKeyThatWouldBecomeTwoHeaders) {
  with_bench([](Bench& bench) -> Task<> {
    for (const char* key : {"k\r\nX-Internal-Key: stolen", "k\nX: y", "k\r"}) {
      const Failure failure = co_await failure_of(upsert(bench, Tenant("u", "c", key), "alice"));
      EXPECT_EQ(failure.kind(), Kind::rejected);
      EXPECT_THAT(failure.what(), HasSubstr("X-API-Key"));
      EXPECT_THAT(failure.what(), Not(HasSubstr("stolen")));
    }
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
    EXPECT_THAT(calls, IsEmpty());
    EXPECT_EQ(bench.slot().of(Call::entity_upsert)[Reply::no_reply].load(), 0u);
  });
}

TEST(GraphServer, IsNotBelievedToWorkForAKeyThatCouldNotBeSent) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await refused_upsert(bench);
        const std::function<bool()> due = [&bench] { return !bench.circuits.server.open(); };
        co_await eventually("a probe is due", Seconds(10), due);
        co_await failure_of(upsert(bench, Tenant("u", "c", "x\ny"), "alice"));
        EXPECT_EQ(bench.shown(Dependency::server), CircuitState::half_open);
      },
      {{"SERVER_URL", "http://127.0.0.1:1"}});
}

TEST(GraphServer, TakesAWrongInternalKeyForAnOutageAndSaysWhichVariable) {
  with_bench(
      [](Bench& bench) -> Task<> {
        const Failure failure = co_await refused_upsert(bench);
        EXPECT_EQ(failure.kind(), Kind::outage);
        EXPECT_THAT(failure.what(), HasSubstr("Invalid internal key"));
        EXPECT_THAT(failure.what(), HasSubstr("set WORKER_INTERNAL_KEY"));
        EXPECT_THAT(failure.what(), Not(HasSubstr("wrong_secret")));
        bench.close_circuits();
        const Failure report = co_await refused_report(bench);
        EXPECT_EQ(report.kind(), Kind::outage);
        const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
        EXPECT_EQ(calls.size(), 2u);  // not tried again
      },
      {{"WORKER_INTERNAL_KEY", "wrong_secret"}, {"RYUMEM_WORKER_CALL_TRIES", "5"}}, "sekret");
}

TEST(GraphServer, TakesAnUnknownEpisodeForGone) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.control("POST", "/sandbox/episodes/absent", R"({"episode_uuid":"e"})");
    const Failure failure = co_await refused_report(bench);
    EXPECT_EQ(failure.kind(), Kind::gone);
    EXPECT_THAT(failure.what(), HasSubstr("Episode not found: e"));
  });
}

TEST(GraphServer, TakesA404OfAnUpsertForAWrongAddress) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.inject(R"({"path":"/internal/entities","status":404,"body":"nginx"})");
    const Failure failure = co_await refused_upsert(bench);
    EXPECT_EQ(failure.kind(), Kind::outage);
    EXPECT_THAT(failure.what(), HasSubstr("is SERVER_URL that of a Ryumem server?"));
  });
}

TEST(GraphServer, TakesAValidationErrorForRejectedAndDoesNotTryAgain) {
  with_bench(
      [](Bench& bench) -> Task<> {
        for (const int status : {400, 413, 422}) {
          co_await bench.control("DELETE", "/sandbox/ledger", "");
          co_await bench.inject("{\"status\":" + std::to_string(status) +
                                ",\"body\":\"{\\\"detail\\\":[{\\\"loc\\\":[\\\"body\\\"]}]}\"}");
          const Failure failure = co_await refused_upsert(bench);
          EXPECT_EQ(failure.kind(), Kind::rejected) << status;
          EXPECT_THAT(failure.what(), HasSubstr("\"loc\""));
          const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
          EXPECT_EQ(calls.size(), 1u);
        }
      },
      {{"RYUMEM_WORKER_CALL_TRIES", "5"}});
}

TEST(GraphServer, TriesAgainWhatFailedInPassing) {
  with_bench(
      [](Bench& bench) -> Task<> {
        for (const char* fault :
             {"\"status\":500", "\"status\":502", "\"status\":503", "\"status\":504",
              "\"status\":408", "\"status\":409", "\"status\":425", "\"status\":429",
              "\"reset\":true", "\"truncate\":true"}) {
          co_await bench.control("DELETE", "/sandbox/ledger", "");
          co_await bench.inject(std::string("{\"times\":2,") + fault + "}");
          const std::string uuid = co_await upsert(bench, acme(), "alice");
          EXPECT_NE(uuid, "") << fault;
          const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
          EXPECT_EQ(calls.size(), 3u) << fault;
        }
      },
      {{"RYUMEM_WORKER_CALL_TRIES", "3"}});
}

TEST(GraphServer, GivesUpAfterTheTriesItWasGiven) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await bench.inject(
            R"({"status":500,"body":"{\"detail\":\"Error upserting entity: disk\"}"})");
        const Failure failure = co_await refused_upsert(bench);
        EXPECT_EQ(failure.kind(), Kind::transient);
        EXPECT_THAT(failure.what(), HasSubstr("server, entity_upsert: status 500"));
        EXPECT_THAT(failure.what(), HasSubstr("disk"));
        const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
        EXPECT_EQ(calls.size(), 2u);
        EXPECT_EQ(bench.slot().of(Call::entity_upsert)[Reply::server_error].load(), 2u);
      },
      {{"RYUMEM_WORKER_CALL_TRIES", "2"}});
}

TEST(GraphServer, DoesNotWaitLongerForAServerThanACallMayTake) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await bench.inject(R"({"face":"server","hang":true})");
        const Monotonic::time_point began = Monotonic::now();
        const Failure failure = co_await refused_upsert(bench);
        EXPECT_EQ(failure.kind(), Kind::transient);
        const double seconds = seconds_between(began, Monotonic::now());
        EXPECT_GT(seconds, 0.9);
        EXPECT_LT(seconds, 5);
        EXPECT_EQ(bench.slot().of(Call::entity_upsert)[Reply::no_reply].load(), 1u);
      },
      {{"RYUMEM_WORKER_CALL_TIMEOUT_SECONDS", "1"}});
}

TEST(GraphServer, TakesNobodyListeningForUnreachable) {
  with_bench(
      [](Bench& bench) -> Task<> {
        const Failure failure = co_await refused_upsert(bench);
        EXPECT_EQ(failure.kind(), Kind::unreachable);
        EXPECT_THAT(failure.what(), HasSubstr("127.0.0.1:1"));
      },
      {{"SERVER_URL", "http://127.0.0.1:1"}});
}

TEST(GraphServer, TakesAGatewayWithoutAServerForUnreachable) {
  with_bench([](Bench& bench) -> Task<> {
    for (const int status : {502, 503, 504}) {
      co_await bench.inject("{\"status\":" + std::to_string(status) + "}");
      const Failure failure = co_await refused_upsert(bench);
      EXPECT_EQ(failure.kind(), Kind::unreachable) << status;
      bench.close_circuits();
    }
  });
}

TEST(GraphServer, IsNotAskedWhileItsCircuitIsOpen) {
  with_bench([](Bench& bench) -> Task<> {
    EXPECT_EQ(bench.shown(Dependency::server), CircuitState::closed);
    co_await bench.inject(R"({"face":"server","status":403,"body":"no such key"})");
    co_await refused_upsert(bench);
    EXPECT_EQ(bench.shown(Dependency::server), CircuitState::open);
    EXPECT_THAT(bench.slot().of(Dependency::server).reason_text(), HasSubstr("no such key"));
    const Failure failure = co_await refused_report(bench);
    EXPECT_EQ(failure.kind(), Kind::unreachable);
    EXPECT_THAT(failure.what(), HasSubstr("the circuit of the server is open"));
    EXPECT_THAT(failure.what(), HasSubstr("no such key"));
    const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
    EXPECT_EQ(calls.size(), 1u);
    // The next probe that is answered closes it.
    co_await bench.control("DELETE", "/sandbox/faults", "");
    const std::function<bool()> due = [&bench] { return !bench.circuits.server.open(); };
    co_await eventually("a probe is due", Seconds(10), due);
    co_await upsert(bench, acme(), "alice");
    EXPECT_EQ(bench.shown(Dependency::server), CircuitState::closed);
    EXPECT_EQ(bench.slot().of(Dependency::server).reason_text(), "");
  });
}

TEST(GraphServer, TakesASuccessWithoutWhatItPromisesForABadAnswer) {
  with_bench([](Bench& bench) -> Task<> {
    for (const char* body :
         {"{}", "[]", "null", "nonsense", R"({\"uuid\":7})", R"({\"uuid\":\"\"})"}) {
      co_await bench.inject(std::string("{\"path\":\"/internal/\",\"status\":200,\"body\":\"") +
                            body + "\"}");
      const Failure upsert = co_await refused_upsert(bench);
      EXPECT_EQ(upsert.kind(), Kind::bad_answer) << body;
      const Failure report = co_await refused_report(bench);
      EXPECT_EQ(report.kind(), Kind::bad_answer) << body;
    }
    EXPECT_EQ(bench.slot().of(Call::entity_upsert)[Reply::ok].load(), 0u);
    EXPECT_EQ(bench.slot().of(Call::entity_upsert)[Reply::unreadable].load(), 6u);
  });
}

TEST(GraphServer, DoesNotFollowARedirect) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.inject(
        R"({"path":"/internal/","status":307,"body":"x","headers":{"Location":"/elsewhere"}})");
    const Failure failure = co_await refused_upsert(bench);
    EXPECT_EQ(failure.kind(), Kind::outage);
    EXPECT_THAT(failure.what(), HasSubstr("SERVER_URL leads elsewhere"));
  });
}

Task<> upsert_in_scope(Bench* bench, std::string name) { co_await upsert(*bench, acme(), name); }

TEST(GraphServer, SendsNoMoreCallbacksAtOnceThanItMay) {
  with_bench(
      [](Bench& bench) -> Task<> {
        co_await bench.inject(R"({"face":"server","latency_ms":{"min":20,"max":20}})");
        Scope scope;
        for (int i = 0; i < 12; ++i) scope.spawn(upsert_in_scope(&bench, std::to_string(i)));
        co_await scope.join();
        const std::vector<JsonDocument> calls = co_await bench.calls("/internal");
        EXPECT_EQ(calls.size(), 12u);
        std::int64_t most = 0;
        for (const JsonDocument& call : calls)
          most = std::max(most, call.root()["in_flight"].integer().value_or(0));
        EXPECT_EQ(most, 3);
      },
      {{"RYUMEM_WORKER_CALLBACK_CONCURRENCY", "3"}});
}

TEST(GraphServer, ACancelledCallEndsAtOnceWithTheReason) {
  with_bench([](Bench& bench) -> Task<> {
    co_await bench.inject(R"({"face":"server","hang":true})");
    Cancel cancel;
    const Deadline deadline(cancel, Millis(50), Failure(Kind::stopping, "enough"));
    const ExtractionReport success = report();
    Task<std::string> reporting = bench.graph.extraction_complete(acme(), success, cancel);
    const Failure failure = co_await failure_of(std::move(reporting));
    EXPECT_EQ(failure.kind(), Kind::stopping);
    EXPECT_EQ(bench.slot().of(Call::extraction_complete)[Reply::no_reply].load(), 0u);
  });
}

}  // namespace
}  // namespace ryumem
