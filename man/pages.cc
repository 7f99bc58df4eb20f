#include "man/pages.h"

#include <fmt/format.h>

#include <cctype>
#include <functional>

#include "common/base/failure.h"
#include "common/base/text.h"
#include "man/mdoc.h"

namespace ryumem {
namespace {

std::string heading(Section section) {
  std::string text(name(section));
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

// Help texts begin small and end without a stop, being half sentences of --help.
std::string sentence(std::string text) {
  if (text.empty()) return text;
  const bool name_first = text.find("://") < text.find(' ') || text.rfind("redis", 0) == 0;
  if (!name_first && text.rfind("true", 0) != 0 && text.rfind("false", 0) != 0)
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  if (text.back() != '.') text += '.';
  return text;
}

std::string facts(const Option& option) {
  std::string out = *option.fallback == '\0' ? std::string("No default.\n")
                                             : fmt::format("The default is\n.Ql {}\\& .\n",
                                                           mdoc_escape(option.fallback));
  if (option.most != 0)
    out += fmt::format("From {} to {}.\n", mdoc_escape(std::to_string(option.least)), option.most);
  if (option.restart) out += "A change takes effect at the next start.\n";
  return out;
}

std::string list(const std::vector<Option>& table,
                 const std::function<std::string(const Option&)>& item) {
  std::string out;
  Section section = Section::count;
  for (const Option& option : table) {
    const std::string text = item(option);
    if (text.empty()) continue;
    if (option.section != section) {
      if (section != Section::count) out += ".El\n";
      out += fmt::format(".Ss {}\n.Bl -tag -width Ds\n", heading(option.section));
      section = option.section;
    }
    out += text;
  }
  return section == Section::count ? out : out + ".El\n";
}

}  // namespace

std::string options_as_flags(const std::vector<Option>& table) {
  return list(table, [](const Option& option) {
    const std::string head =
        option.secret ? fmt::format(".It Fl \\-{}\\-file Ar FILE\n", mdoc_escape(option.name))
                      : fmt::format(".It Fl \\-{} Ar {}\n", mdoc_escape(option.name),
                                    mdoc_escape(option.value_name));
    const std::string kept =
        option.secret ? "A secret: the first line of\n.Ar FILE ,\nor the variable itself.\n" : "";
    const std::string variable =
        option.secret ? fmt::format("Variables:\n.Ev {0} ,\n.Ev {0}_FILE .\n", option.variable)
                      : fmt::format("Variable:\n.Ev {} .\n", option.variable);
    return head + mdoc_prose(sentence(option.help)) + kept + facts(option) + variable;
  });
}

std::string options_as_lines(const std::vector<Option>& table) {
  return list(table, [](const Option& option) -> std::string {
    if (option.section == Section::files) return {};  // they say where such a file is
    std::string out = fmt::format(".It Ic {} No = Ar {}\n", mdoc_escape(option.name),
                                  mdoc_escape(option.value_name));
    if (option.secret)
      out += fmt::format(".It Ic {}\\-file No = Ar FILE\n", mdoc_escape(option.name));
    return out + mdoc_prose(sentence(option.help)) + facts(option);
  });
}

std::string options_as_variables(const std::vector<Option>& table) {
  return list(table, [](const Option& option) -> std::string {
    const std::string file = option.secret ? fmt::format(".It Ev {}_FILE\n", option.variable) : "";
    return fmt::format(".It Ev {}\n", option.variable) + file + mdoc_prose(sentence(option.help)) +
           facts(option);
  });
}

std::string verbs_as_sections(const std::vector<VerbPage>& verbs) {
  std::string out;
  for (const VerbPage& verb : verbs) {
    out += fmt::format(".Ss {}\n", verb.name);
    for (const Paragraph& paragraph : verb.paragraphs) {
      if (&paragraph != &verb.paragraphs.front()) out += ".Pp\n";
      out += ".Bl -item -compact -offset indent\n";
      for (const Usage& usage : paragraph.usages) out += ".It\n" + mdoc_prose(usage.line);
      out += ".El\n.Pp\n";
      bool in_list = false;
      for (const Remark& remark : paragraph.remarks) {
        if (!remark.of.empty() && !in_list) out += ".Bl -tag -width Ds\n";
        if (remark.of.empty() && in_list) out += ".El\n.Pp\n";
        in_list = !remark.of.empty();
        if (in_list) out += fmt::format(".It Li {}\n", mdoc_escape(remark.of));
        out += mdoc_prose(sentence(remark.text));
      }
      if (in_list) out += ".El\n";
    }
  }
  return out;
}

std::string metrics_as_sections(const std::vector<MetricFacts>& metrics) {
  std::string out;
  std::string group;
  for (const MetricFacts& metric : metrics) {
    if (metric.group != group)
      out += fmt::format("{}.Ss {}\n.Bl -tag -width Ds\n", group.empty() ? "" : ".El\n",
                         mdoc_escape(metric.group));
    group = metric.group;
    out += fmt::format(".It Li {} Pq {}\n", metric.name, metric.type) + mdoc_prose(metric.help);
    for (const auto& [label, values] : metric.labels) {
      out += fmt::format("Label\n.Va {}", label);
      std::string words;
      for (const std::string& value : values) words += (words.empty() ? "" : ", ") + value;
      out += words.empty() ? " .\n" : " :\n" + mdoc_prose(words + ".");
    }
  }
  return group.empty() ? out : out + ".El\n";
}

std::string fill_page(std::string_view page, const std::map<std::string, std::string>& parts) {
  std::string out;
  std::vector<std::string> lines = split(page, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (const std::string& line : lines) {
    if (line.size() < 3 || line.front() != '@' || line.back() != '@') {
      out += line + "\n";
      continue;
    }
    const auto part = parts.find(line.substr(1, line.size() - 2));
    if (part == parts.end()) throw Failure(Kind::internal, "there is no part called " + line);
    out += part->second;
  }
  return out;
}

}  // namespace ryumem
