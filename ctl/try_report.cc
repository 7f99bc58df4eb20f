#include "ctl/try_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "common/base/json_build.h"
#include "common/base/text.h"
#include "ctl/print.h"

namespace ryumem {
namespace {

constexpr std::size_t kLine = 300;  // bytes of a name or a fact that are shown

std::string dollars(const std::optional<double>& usd) {
  return usd ? fmt::format("{:.6f} USD", *usd) : "cost not known";
}

std::string words_of(const Relationship& one) {
  return fmt::format("{} {} {}", one.source, one.type, one.destination);
}

std::string items_text(const DryRun& run) {
  std::string out = fmt::format("entities       {}\n", run.entities.size());
  for (const Entity& entity : run.entities)
    out += fmt::format("  {} ({})\n", one_line(entity.name, kLine), one_line(entity.type, kLine));
  out += fmt::format("relationships  {}\n", run.relationships.size());
  for (const Relationship& one : run.relationships)
    out +=
        fmt::format("  {}\n      {}\n", one_line(words_of(one), kLine), one_line(one.fact, kLine));
  out += fmt::format("left out       {}\n", run.left_out.size());
  for (const LeftOut& item : run.left_out)
    out += fmt::format("  {}: {}\n", name(item.why), one_line(item.what, kLine));
  return out;
}

std::string bill_text(const ModelBill& bill) {
  std::string out = fmt::format("{:<13}  {} {}: {}", bill.call, bill.provider,
                                one_line(bill.model, kLine), counted(bill.calls, "call"));
  if (bill.refused > 0) out += fmt::format(", {} refused", bill.refused);
  if (bill.tokens_in > 0) out += fmt::format(", {} tokens in", bill.tokens_in);
  if (bill.tokens_out > 0) out += fmt::format(", {} out", bill.tokens_out);
  if (bill.calls > 0 && bill.tokens_in == 0) out += ", tokens not told";
  return out + "; " + (bill.calls > 0 ? dollars(bill.usd) : "nothing was answered") + "\n";
}

template <class Value>
void add_number(JsonBuilder& object, const char* key, const std::optional<Value>& value) {
  if (value)
    object.number(key, *value);
  else
    object.null(key);
}

}  // namespace

std::optional<double> TryReport::usd() const {
  std::optional<double> sum;
  for (const ModelBill& bill : bills)
    if (bill.usd) sum = sum.value_or(0) + *bill.usd;
  return sum;
}

bool TryReport::all_costs_known() const {
  return std::all_of(bills.begin(), bills.end(),
                     [](const ModelBill& bill) { return bill.usd.has_value(); });
}

std::vector<ModelBill> bills_of(const AccountTable& accounts) {
  constexpr double kNano = 1e-9;
  std::vector<ModelBill> bills;
  for (const AccountRow& row : accounts.rows()) {
    if (!row.named()) continue;
    ModelBill bill;
    bill.call = row.name().call;
    bill.provider = row.name().provider;
    bill.model = row.name().model;
    bill.calls = static_cast<std::int64_t>(row.calls.load());
    for (const auto& refusals : row.refusals())
      bill.refused += static_cast<std::int64_t>(refusals.count.load());
    bill.tokens_in = static_cast<std::int64_t>(row.tokens_in.load());
    bill.tokens_out = static_cast<std::int64_t>(row.tokens_out.load());
    const bool told = bill.calls == 0 || bill.tokens_in > 0;
    if (told && row.unpriced.load() == 0)
      bill.usd = static_cast<double>(row.nano_usd.load()) * kNano;
    bills.push_back(std::move(bill));
  }
  std::sort(bills.begin(), bills.end(),
            [](const ModelBill& a, const ModelBill& b) { return a.call < b.call; });
  return bills;
}

std::vector<std::string> repairs_of(const Slot& slot) {
  std::vector<std::string> repairs;
  for (std::size_t i = 0; i < CountBy<Repair>::kSize; ++i) {
    const auto repair = static_cast<Repair>(i);
    if (slot.repairs[repair].load() > 0) repairs.emplace_back(name(repair));
  }
  return repairs;
}

std::string try_text(const TryReport& report) {
  const DryRun& run = report.run;
  std::string out = items_text(run);
  if (!report.repairs.empty())
    out += fmt::format("read kindly    {}\n", fmt::join(report.repairs, ", "));
  out += fmt::format("shape          held {}\n", report.shape);
  for (const ModelBill& bill : report.bills) out += bill_text(bill);
  if (report.bills.size() > 1)
    out += fmt::format("together       {}{}\n", dollars(report.usd()),
                       report.all_costs_known() ? "" : ", without what is not known");
  out += fmt::format("time           {:.1f} s, {}\n", report.seconds,
                     counted(static_cast<std::int64_t>(run.pieces), "piece"));
  if (run.failure)
    out += fmt::format("failed         {}: {}\n               {}\n", name(run.failure->kind()),
                       one_line(run.failure->what(), 1000), report.remedy);
  else if (run.entities.empty())
    out += "There is nothing in this text to be stored.\n";
  return out + "Nothing was stored.\n";
}

std::string try_json(const TryReport& report) {
  const DryRun& run = report.run;
  JsonBuilder entities = JsonBuilder::array();
  for (const Entity& entity : run.entities) {
    JsonBuilder item = JsonBuilder::object();
    item.string("name", entity.name).string("type", entity.type);
    entities.push(std::move(item));
  }
  JsonBuilder relationships = JsonBuilder::array();
  for (const Relationship& one : run.relationships) {
    JsonBuilder item = JsonBuilder::object();
    item.string("source", one.source)
        .string("type", one.type)
        .string("destination", one.destination)
        .string("fact", one.fact);
    relationships.push(std::move(item));
  }
  JsonBuilder left_out = JsonBuilder::array();
  for (const LeftOut& one : run.left_out) {
    JsonBuilder item = JsonBuilder::object();
    item.string("why", name(one.why)).string("what", well_formed(one.what));
    left_out.push(std::move(item));
  }
  JsonBuilder repairs = JsonBuilder::array();
  for (const std::string& repair : report.repairs) repairs.push_string(repair);
  JsonBuilder models = JsonBuilder::array();
  for (const ModelBill& bill : report.bills) {
    JsonBuilder item = JsonBuilder::object();
    item.string("call", bill.call)
        .string("provider", bill.provider)
        .string("model", bill.model)
        .integer("calls", bill.calls)
        .integer("refused", bill.refused)
        .integer("tokens_in", bill.tokens_in)
        .integer("tokens_out", bill.tokens_out);
    add_number(item, "usd", bill.usd);
    models.push(std::move(item));
  }
  JsonBuilder whole = JsonBuilder::object();
  whole.add("entities", std::move(entities))
      .add("relationships", std::move(relationships))
      .add("left_out", std::move(left_out))
      .add("repairs", std::move(repairs))
      .add("models", std::move(models));
  add_number(whole, "usd", report.usd());
  whole.boolean("all_costs_known", report.all_costs_known()).string("shape", report.shape);
  whole.integer("pieces", static_cast<std::int64_t>(run.pieces)).number("seconds", report.seconds);
  if (run.failure) {
    JsonBuilder failure = JsonBuilder::object();
    failure.string("kind", name(run.failure->kind()))
        .string("what", well_formed(run.failure->what()))
        .string("remedy", report.remedy);
    whole.add("failure", std::move(failure));
  } else {
    whole.null("failure");
  }
  return whole.print() + "\n";
}

}  // namespace ryumem
