#include "worker/graph/graph_server.h"

#include "common/base/json.h"
#include "common/base/json_build.h"
#include "common/base/text.h"

namespace ryumem {
namespace {

constexpr Millis kFirstPause{250};
constexpr Millis kLongestPause{10'000};

// From this similarity on, the server takes two for the same; the peers' figures.
constexpr double kEntitySimilarity = 0.65;
constexpr double kRelationshipSimilarity = 0.8;

constexpr std::size_t kExcerpt = 300;

Failure read_error(const HttpReply& reply, Kind kind_of_404) {
  const std::string what =
      "status " + std::to_string(reply.status) + ": " + excerpt(trim(reply.body), kExcerpt);
  switch (reply.status) {
    case 401:
    case 403:
      return Failure(Kind::outage, what + "; set WORKER_INTERNAL_KEY to what the server has");
    case 404:
      return Failure(kind_of_404, what);
    case 405:
      return Failure(Kind::outage, what + "; is SERVER_URL that of a Ryumem server?");
    case 408:
    case 409:
    case 425:
    case 429:
      return Failure(Kind::transient, what).with_retry_after(reply.retry_after());
    case 502:
    case 503:
    case 504:
      return Failure(Kind::unreachable, what).with_retry_after(reply.retry_after());
    default:
      if (reply.status >= 500)
        return Failure(Kind::transient, what).with_retry_after(reply.retry_after());
      if (reply.status >= 400) return Failure(Kind::rejected, what);
      return Failure(Kind::outage, what + "; SERVER_URL leads elsewhere");
  }
}

// Redirects are not followed and only 200 is a success.
const ReadError kUpsertError = [](const HttpReply& reply) {
  const Failure failure = read_error(reply, Kind::outage);
  return reply.status == 404 ? Failure(Kind::outage, std::string(failure.what()) +
                                                         "; is SERVER_URL that of a Ryumem server?")
                             : failure;
};
const ReadError kCompleteError = [](const HttpReply& reply) {
  return read_error(reply, Kind::gone);
};

std::string text_field(const HttpReply& reply, const char* field) {
  const JsonDocument document = JsonDocument::parse(reply.body);
  const auto text = document.root()[field].string();
  if (!text || text->empty())
    throw Failure(Kind::bad_answer, std::string("the reply has no \"") + field +
                                        "\": " + excerpt(reply.body, kExcerpt));
  return std::string(*text);
}

}  // namespace

GraphServer::GraphServer(HttpClient& http, const Settings& settings, Slot& slot, Circuit& circuit)
    : http_(http),
      slot_(slot),
      circuit_(circuit),
      url_(settings.server_url),
      internal_key_(settings.internal_key),
      call_timeout_(settings.call_timeout),
      policy_(settings.call_tries, kFirstPause, kLongestPause),
      permits_(static_cast<std::size_t>(settings.callback_concurrency)) {}

Task<std::string> GraphServer::upsert_entity(const Tenant& tenant, const EntityUpsert& entity,
                                             Cancel& cancel) {
  const auto once = [&] { return try_entity(tenant, entity, cancel); };
  const auto tries = [&] { return retrying<std::string>(policy_, once, cancel); };
  co_return co_await through<std::string>(circuit_, tries);
}

Task<std::string> GraphServer::upsert_relationship(const Tenant& tenant,
                                                   const RelationshipUpsert& relationship,
                                                   Cancel& cancel) {
  const auto once = [&] { return try_relationship(tenant, relationship, cancel); };
  const auto tries = [&] { return retrying<std::string>(policy_, once, cancel); };
  co_return co_await through<std::string>(circuit_, tries);
}

Task<std::string> GraphServer::extraction_complete(const Tenant& tenant,
                                                   const ExtractionReport& report, Cancel& cancel) {
  const auto once = [&] { return try_complete(tenant, report, cancel); };
  const auto tries = [&] { return retrying<std::string>(policy_, once, cancel); };
  co_return co_await through<std::string>(circuit_, tries);
}

// The permit comes first and the body after it, so that a hundred waiting upserts are not a hundred
// copies of their vectors.
Task<std::string> GraphServer::try_entity(const Tenant& tenant, const EntityUpsert& entity,
                                          Cancel& cancel) {
  Permit permit = co_await permits_.acquire(cancel.beginning());
  JsonBuilder body = JsonBuilder::object();
  body.string("name", entity.name)
      .string("entity_type", entity.type)
      .add("name_embedding", JsonBuilder::raw(entity.vector))
      .string("user_id", tenant.user_id)
      .string("customer_id", tenant.customer_id)
      .number("similarity_threshold", kEntitySimilarity);
  const HttpReply reply =
      co_await post("/internal/entities/upsert", tenant, body.print(), Call::entity_upsert, cancel);
  co_return read_counted(slot_.of(Call::entity_upsert), [&] { return text_field(reply, "uuid"); });
}

Task<std::string> GraphServer::try_relationship(const Tenant& tenant,
                                                const RelationshipUpsert& relationship,
                                                Cancel& cancel) {
  Permit permit = co_await permits_.acquire(cancel.beginning());
  JsonBuilder body = JsonBuilder::object();
  body.string("source_entity_uuid", relationship.source_uuid)
      .string("target_entity_uuid", relationship.destination_uuid)
      .string("relation_type", relationship.type)
      .string("fact", relationship.fact)
      .add("fact_embedding", JsonBuilder::raw(relationship.vector))
      .string("episode_uuid", relationship.episode_uuid)
      .string("user_id", tenant.user_id)
      .string("customer_id", tenant.customer_id)
      .number("similarity_threshold", kRelationshipSimilarity);
  const HttpReply reply = co_await post("/internal/relationships/upsert", tenant, body.print(),
                                        Call::relationship_upsert, cancel);
  co_return read_counted(slot_.of(Call::relationship_upsert),
                         [&] { return text_field(reply, "uuid"); });
}

Task<std::string> GraphServer::try_complete(const Tenant& tenant, const ExtractionReport& report,
                                            Cancel& cancel) {
  Permit permit = co_await permits_.acquire(cancel.beginning());
  JsonBuilder body = JsonBuilder::object();
  body.string("job_id", report.job_id)
      .integer("entities_count", report.entities)
      .integer("relationships_count", report.relationships)
      .string("customer_id", tenant.customer_id);
  if (report.error.empty())
    body.null("error");
  else
    body.string("error", report.error);
  const std::string path =
      "/internal/episodes/" + percent_encode(report.episode_uuid) + "/extraction-complete";
  const HttpReply reply =
      co_await post(path, tenant, body.print(), Call::extraction_complete, cancel);
  co_return read_counted(slot_.of(Call::extraction_complete),
                         [&] { return text_field(reply, "status"); });
}

Task<HttpReply> GraphServer::post(std::string path, const Tenant& tenant, std::string body,
                                  Call call, Cancel& cancel) {
  HttpRequest request("POST", url_ + path);
  request.headers.push_back("Content-Type: application/json");
  if (!internal_key_.empty()) request.headers.push_back("X-Internal-Key: " + internal_key_);
  if (!tenant.api_key.empty()) request.headers.push_back("X-API-Key: " + tenant.api_key);
  request.body = std::move(body);
  request.timeout = call_timeout_;
  const ReadError& error = call == Call::extraction_complete ? kCompleteError : kUpsertError;
  std::optional<Failure> failed;
  try {
    co_return co_await send_counted(http_, std::move(request), error, slot_.of(call), cancel);
  } catch (const Failure& failure) {
    cancel.throw_if_requested();
    failed = failure.at("server, " + std::string(name(call)));
  }
  throw *failed;
}

}  // namespace ryumem
