#include "sandbox/graph_listing.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "common/base/json_build.h"
#include "common/base/text.h"

namespace ryumem::sandbox {
namespace {

constexpr std::size_t kWidestColumn = 40;

struct Figures {
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::int64_t users = 0;
  std::int64_t entities = 0;
  std::int64_t relationships = 0;
  std::int64_t mentions = 0;
};

Figures figures_of(const GraphStore& store) {
  Figures figures;
  for (const auto& [uuid, episode] : store.episodes())
    ++(episode.error.empty() ? figures.completed : figures.failed);
  for (const auto& [owner, graph] : store.graphs()) {
    ++figures.users;
    figures.entities += static_cast<std::int64_t>(graph.entities.size());
    figures.relationships += static_cast<std::int64_t>(graph.relationships.size());
    for (const Entity& entity : graph.entities) figures.mentions += entity.mentions;
  }
  return figures;
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return std::string(text) + std::string(taken < width ? width - taken : 0, ' ');
}

// What somebody sent must not break the lines of the listing.
std::string one_line(std::string_view text) { return excerpt(text, 400); }

std::string name_of(const UserGraph& graph, const std::string& uuid) {
  return one_line(graph.entities[graph.entity_by_uuid.at(uuid)].name);
}

std::string entities_text(const UserGraph& graph) {
  std::vector<const Entity*> sorted;
  std::size_t name_width = 6;
  std::size_t type_width = 4;
  for (const Entity& entity : graph.entities) {
    sorted.push_back(&entity);
    name_width = std::max(name_width, display_width(one_line(entity.name)));
    type_width = std::max(type_width, display_width(one_line(entity.type)));
  }
  name_width = std::min(name_width, kWidestColumn);
  type_width = std::min(type_width, kWidestColumn);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Entity* a, const Entity* b) { return a->mentions > b->mentions; });
  std::string text =
      fmt::format("  {}  {}  MENTIONS\n", padded("ENTITY", name_width), padded("TYPE", type_width));
  for (const Entity* entity : sorted)
    text += fmt::format("  {}  {}  {:>8}\n", padded(one_line(entity->name), name_width),
                        padded(one_line(entity->type), type_width), entity->mentions);
  return text;
}

std::string relationships_text(const UserGraph& graph) {
  std::size_t width = 0;
  std::vector<std::string> arrows;
  for (const Relationship& relationship : graph.relationships) {
    arrows.push_back(fmt::format("{} -{}-> {} (x{})", name_of(graph, relationship.source),
                                 one_line(relationship.type), name_of(graph, relationship.target),
                                 relationship.mentions));
    width = std::max(width, display_width(arrows.back()));
  }
  width = std::min(width, kWidestColumn + 20);
  std::string text;
  for (std::size_t i = 0; i < arrows.size(); ++i)
    text += fmt::format("  {}  \"{}\"\n", padded(arrows[i], width),
                        one_line(graph.relationships[i].fact));
  return text;
}

JsonBuilder figures_json(const Figures& figures) {
  JsonBuilder json = JsonBuilder::object();
  json.integer("episodes_completed", figures.completed)
      .integer("episodes_failed", figures.failed)
      .integer("users", figures.users)
      .integer("entities", figures.entities)
      .integer("relationships", figures.relationships)
      .integer("mentions", figures.mentions);
  return json;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  const auto size = static_cast<std::int32_t>(utf8.size());
  for (std::int32_t at = 0; at < size;) {
    UChar32 c = 0;
    U8_NEXT(utf8.data(), at, size, c);
    if (c < 0) c = 0xFFFD;
    const int type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR) continue;
    const int east_asian = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    width += east_asian == U_EA_WIDE || east_asian == U_EA_FULLWIDTH ? 2 : 1;
  }
  return width;
}

std::string graph_text(const GraphStore& store) {
  std::string text;
  for (const auto& [owner, graph] : store.graphs()) {
    text += fmt::format("User {}{}\n\n", one_line(owner.user_id),
                        owner.customer_id.empty()
                            ? ""
                            : fmt::format(" of customer {}", one_line(owner.customer_id)));
    text += entities_text(graph) + "\n";
    if (!graph.relationships.empty()) text += relationships_text(graph) + "\n";
  }
  for (const auto& [uuid, episode] : store.episodes())
    if (!episode.error.empty())
      text += fmt::format("Episode {} failed: {}\n", one_line(uuid), one_line(episode.error));
  const Figures figures = figures_of(store);
  return text + fmt::format(
                    "{} episodes completed, {} failed; {} entities, {} mentions, "
                    "{} relationships\n",
                    figures.completed, figures.failed, figures.entities, figures.mentions,
                    figures.relationships);
}

std::string graph_json(const GraphStore& store) {
  JsonBuilder users = JsonBuilder::array();
  for (const auto& [owner, graph] : store.graphs()) {
    JsonBuilder entities = JsonBuilder::array();
    for (const Entity& entity : graph.entities) {
      JsonBuilder item = JsonBuilder::object();
      item.string("uuid", entity.uuid)
          .string("name", entity.name)
          .string("entity_type", entity.type)
          .string("summary", entity.summary)
          .integer("mentions", entity.mentions);
      entities.push(std::move(item));
    }
    JsonBuilder relationships = JsonBuilder::array();
    for (const Relationship& relationship : graph.relationships) {
      JsonBuilder item = JsonBuilder::object();
      const auto& by_uuid = graph.entity_by_uuid;
      item.string("uuid", relationship.uuid)
          .string("source", graph.entities[by_uuid.at(relationship.source)].name)
          .string("relation_type", relationship.type)
          .string("target", graph.entities[by_uuid.at(relationship.target)].name)
          .string("fact", relationship.fact)
          .string("source_entity_uuid", relationship.source)
          .string("target_entity_uuid", relationship.target)
          .string("episode_uuid", relationship.episode)
          .integer("mentions", relationship.mentions);
      relationships.push(std::move(item));
    }
    JsonBuilder user = JsonBuilder::object();
    user.string("customer_id", owner.customer_id)
        .string("user_id", owner.user_id)
        .add("entities", std::move(entities))
        .add("relationships", std::move(relationships));
    users.push(std::move(user));
  }
  JsonBuilder json = JsonBuilder::object();
  json.add("users", std::move(users)).add("figures", figures_json(figures_of(store)));
  return json.print();
}

std::string episodes_json(const GraphStore& store) {
  JsonBuilder episodes = JsonBuilder::array();
  for (const auto& [uuid, episode] : store.episodes()) {
    JsonBuilder item = JsonBuilder::object();
    item.string("episode_uuid", uuid)
        .string("status", episode.error.empty() ? "completed" : "failed")
        .string("job_id", episode.job_id)
        .string("customer_id", episode.customer_id)
        .integer("entities_count", episode.entities)
        .integer("relationships_count", episode.relationships)
        .integer("reports", episode.reports);
    if (episode.error.empty())
      item.null("error");
    else
      item.string("error", episode.error);
    episodes.push(std::move(item));
  }
  JsonBuilder absent = JsonBuilder::array();
  for (const std::string& uuid : store.absent_episodes()) absent.push_string(uuid);
  JsonBuilder json = JsonBuilder::object();
  json.add("episodes", std::move(episodes)).add("absent", std::move(absent));
  return json.print();
}

}  // namespace ryumem::sandbox
