// The Ryumem server's face: its four internal endpoints, as the server answers them.
#pragma once

#include <string>

#include "common/net/http_message.h"
#include "sandbox/graph_store.h"

namespace ryumem::sandbox {

class ServerFace {
 public:
  /// An empty key lets every caller in. The store must outlive the face.
  ServerFace(GraphStore& store, std::string internal_key)
      : store_(store), internal_key_(std::move(internal_key)) {}

  /// Is this a path of the server?
  static bool takes(const std::string& path) { return path.starts_with("/internal/"); }

  /// Does the work and gives the answer: 200, 403, 404, 405, 422 or 500.
  HttpAnswer answer(const HttpQuery& query);

 private:
  HttpAnswer upsert_entity(const std::string& body);
  HttpAnswer upsert_relationship(const std::string& body);
  HttpAnswer extraction_complete(const std::string& episode_uuid, const std::string& body);

  GraphStore& store_;
  std::string internal_key_;
};

}  // namespace ryumem::sandbox
