// What tests and people ask of the sandbox itself.
#include <charconv>

#include "common/base/failure.h"
#include "common/base/json_build.h"
#include "sandbox/graph_listing.h"
#include "sandbox/sandbox.h"

namespace ryumem::sandbox {
namespace {

HttpAnswer said(int status, const char* key, const std::string& what) {
  JsonBuilder body = JsonBuilder::object();
  body.string(key, what);
  return HttpAnswer(status, body.print());
}

HttpAnswer done() { return HttpAnswer(200, "{\"ok\":true}"); }

HttpAnswer wrong_method() { return said(405, "error", "this path has no such method"); }

std::string param(const HttpQuery& query, const std::string& key) {
  const auto found = query.params.find(key);
  return found == query.params.end() ? "" : found->second;
}

}  // namespace

HttpAnswer Sandbox::control(const HttpQuery& query) {
  try {
    const std::string& path = query.path;
    if (path == "/sandbox/faults") return control_faults(query);
    if (path == "/sandbox/ledger") return control_ledger(query);
    if (path == "/sandbox/manners") return control_manners(query);
    if (path == "/sandbox/rates") return control_rates(query);
    if (path == "/sandbox/script") return control_script(query);
    if (path == "/sandbox/episodes/absent") {
      if (query.method != "POST") return wrong_method();
      const JsonDocument body = JsonDocument::parse(query.body);
      const auto uuid = body.root()["episode_uuid"].string();
      if (!uuid) throw Failure(Kind::rejected, "\"episode_uuid\" is missing");
      store_.mark_absent(std::string(*uuid));
      return done();
    }
    if (path == "/sandbox/graph" && query.method == "DELETE") {
      store_.clear();
      return done();
    }
    if (query.method != "GET") return wrong_method();
    if (path == "/healthz") return HttpAnswer(200, "ok\n", "text/plain");
    if (path == "/sandbox/graph")
      return HttpAnswer(200, graph_text(store_), "text/plain; charset=utf-8");
    if (path == "/sandbox/graph.json") return HttpAnswer(200, graph_json(store_));
    if (path == "/sandbox/episodes") return HttpAnswer(200, episodes_json(store_));
    return said(404, "error", "no such path; sandbox/README.md lists them");
  } catch (const Failure& failure) {
    return said(400, "error", failure.what());
  }
}

HttpAnswer Sandbox::control_faults(const HttpQuery& query) {
  if (query.method == "GET") return HttpAnswer(200, faults_.json());
  if (query.method == "DELETE")
    faults_.clear();
  else if (query.method == "POST")
    faults_.set(JsonDocument::parse(query.body).root());
  else
    return wrong_method();
  faults_changed_.notify();
  return HttpAnswer(200, faults_.json());
}

HttpAnswer Sandbox::control_ledger(const HttpQuery& query) {
  if (query.method == "DELETE") {
    ledger_.clear();
    return done();
  }
  if (query.method != "GET") return wrong_method();
  Ledger::Filter filter;
  if (const std::string since = param(query, "since"); !since.empty()) {
    const auto [end, error] =
        std::from_chars(since.data(), since.data() + since.size(), filter.since);
    if (error != std::errc() || end != since.data() + since.size())
      throw Failure(Kind::rejected, "\"since\" is not a sequence number");
  }
  filter.path = param(query, "path");
  filter.vectors = param(query, "vectors") == "1";
  return HttpAnswer(200, ledger_.lines(filter), "application/x-ndjson");
}

HttpAnswer Sandbox::control_manners(const HttpQuery& query) {
  if (query.method == "DELETE")
    manners_ = options_.manners;
  else if (query.method == "POST")
    manners_.set(JsonDocument::parse(query.body).root());
  else if (query.method != "GET")
    return wrong_method();
  return HttpAnswer(200, manners_.json());
}

HttpAnswer Sandbox::control_rates(const HttpQuery& query) {
  if (query.method == "DELETE")
    rates_.clear_figures();
  else if (query.method != "GET")
    return wrong_method();
  return HttpAnswer(200, rates_.json());
}

HttpAnswer Sandbox::control_script(const HttpQuery& query) {
  if (query.method == "DELETE") {
    script_.clear();
    return done();
  }
  if (query.method != "POST") return wrong_method();
  script_.set(JsonDocument::parse(query.body).root());
  return done();
}

}  // namespace ryumem::sandbox
