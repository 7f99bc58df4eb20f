// What a try came to, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "common/ops/accounts.h"
#include "common/ops/options.h"
#include "common/ops/scoreboard.h"
#include "worker/pipeline/dry_run.h"

namespace ryumem {

/// All that was asked of one model.
struct ModelBill {
  std::string call;  // "chat" or "embed"
  std::string provider;
  std::string model;
  std::int64_t calls = 0;    // that were answered
  std::int64_t refused = 0;  // by the provider
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;
  std::optional<double> usd;  // nothing: the price of the model, or what it counted, is not known
  ModelBill() = default;
};

struct TryReport {
  DryRun run;
  std::vector<ModelBill> bills;      // of the models that were asked, the one that extracts first
  std::string shape;                 // how the model that extracts was held to it
  std::vector<std::string> repairs;  // what was not as promised in the answers
  std::string remedy;                // if it failed
  double seconds = 0;
  TryReport() = default;

  /// What the calls cost whose cost is known; nothing if that is none of them.
  std::optional<double> usd() const;
  bool all_costs_known() const;
};

std::vector<ModelBill> bills_of(const AccountTable& accounts);
std::vector<std::string> repairs_of(const Slot& slot);

std::string try_text(const TryReport& report);
std::string try_json(const TryReport& report);

}  // namespace ryumem
