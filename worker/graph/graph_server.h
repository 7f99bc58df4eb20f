// The Ryumem server's callbacks: the only way into its graph. Facts about them are in
// docs/wire.md; they were read from the running server.
#pragma once

#include <string>
#include <string_view>

#include "common/net/http_client.h"
#include "common/net/retry.h"
#include "common/ops/circuit.h"
#include "common/ops/counted.h"
#include "common/ops/options.h"
#include "common/ops/scoreboard.h"

namespace ryumem {

/// For whom a callback speaks, out of the job.
struct Tenant {
  std::string user_id;
  std::string customer_id;
  std::string api_key;  // forwarded as X-API-Key unless empty; never logged

  Tenant(std::string user, std::string customer, std::string key)
      : user_id(std::move(user)), customer_id(std::move(customer)), api_key(std::move(key)) {}
};

/// Views into what the caller keeps until the call is done. `vector` is JSON text.
struct EntityUpsert {
  std::string_view name;
  std::string_view type;
  std::string_view vector;

  EntityUpsert(std::string_view the_name, std::string_view the_type, std::string_view the_vector)
      : name(the_name), type(the_type), vector(the_vector) {}
};

struct RelationshipUpsert {
  std::string_view source_uuid;
  std::string_view destination_uuid;
  std::string_view type;
  std::string_view fact;
  std::string_view vector;
  std::string_view episode_uuid;

  RelationshipUpsert() = default;
};

struct ExtractionReport {
  std::string job_id;
  std::string episode_uuid;
  int entities = 0;
  int relationships = 0;
  std::string error;  // empty: the extraction succeeded

  ExtractionReport() = default;
};

class GraphServer {
 public:
  /// All four outlive it.
  GraphServer(HttpClient& http, const Settings& settings, Slot& slot, Circuit& circuit);

  // Each waits for one of the process's callback permits, then tries until the server has taken it,
  // as long as that is worthwhile. Failures: unreachable, transient (no answer
  // in time, 5xx), outage (403: the internal
  // key is wrong; no such endpoint), rejected (400, 422: the same body will always fail), gone (no
  // such episode), bad_answer.

  // Each gives the uuid, or the status, that the server answered with.

  Task<std::string> upsert_entity(const Tenant& tenant, const EntityUpsert& entity, Cancel& cancel);
  Task<std::string> upsert_relationship(const Tenant& tenant,
                                        const RelationshipUpsert& relationship, Cancel& cancel);
  Task<std::string> extraction_complete(const Tenant& tenant, const ExtractionReport& report,
                                        Cancel& cancel);

 private:
  Task<HttpReply> post(std::string path, const Tenant& tenant, std::string body, Call call,
                       Cancel& cancel);
  Task<std::string> try_entity(const Tenant& tenant, const EntityUpsert& entity, Cancel& cancel);
  Task<std::string> try_relationship(const Tenant& tenant, const RelationshipUpsert& relationship,
                                     Cancel& cancel);
  Task<std::string> try_complete(const Tenant& tenant, const ExtractionReport& report,
                                 Cancel& cancel);

  HttpClient& http_;
  Slot& slot_;
  Circuit& circuit_;
  std::string url_;
  std::string internal_key_;
  Millis call_timeout_;
  RetryPolicy policy_;
  Semaphore permits_;
};

}  // namespace ryumem
