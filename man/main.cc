// ryumem-manual: writes the manual pages, completions and the sample configuration that are
// installed. It is a step of the build and is not installed itself.
//   ryumem-manual PAGES HELP OUT
// PAGES: the folder of the *.in files. HELP: a folder with what `ryumemd --help` and
// `ryumemctl --help` say, in ryumemd and ryumemctl. OUT: where to write.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/ops/metrics.h"
#include "common/ops/options.h"
#include "common/ops/sample_config.h"
#include "man/completions.h"
#include "man/pages.h"
#include "man/verbs.h"

namespace ryumem {
namespace {

namespace fs = std::filesystem;

std::string read_whole(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw Failure(Kind::system, path.string() + " cannot be read");
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

void write_whole(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw Failure(Kind::system, path.string() + " cannot be written");
}

void make(const fs::path& pages, const fs::path& help, const fs::path& out) {
  const std::vector<Option>& table = option_table();
  const std::vector<VerbPage> verbs = read_verbs(read_whole(help / "ryumemctl"));
  const std::map<std::string, std::string> parts = {
      {"options-as-flags", options_as_flags(table)},
      {"options-as-lines", options_as_lines(table)},
      {"options-as-variables", options_as_variables(table)},
      {"verbs", verbs_as_sections(verbs)},
      {"metrics", metrics_as_sections(metric_facts())},
  };
  for (const fs::directory_entry& entry : fs::directory_iterator(pages)) {
    if (entry.path().extension() != ".in") continue;
    const std::string name = entry.path().stem();
    const std::string section = fs::path(name).extension().string().substr(1);
    write_whole(out / ("man" + section) / name, fill_page(read_whole(entry.path()), parts));
  }
  write_whole(out / "ryumemd.conf", sample_config());
  const std::vector<ShellFlag> flags = flags_of_ryumemd(table, read_whole(help / "ryumemd"));
  write_whole(out / "bash/ryumemd", complete_ryumemd(Shell::bash, flags));
  write_whole(out / "bash/ryumemctl", complete_ryumemctl(Shell::bash, verbs));
  write_whole(out / "zsh/_ryumemd", complete_ryumemd(Shell::zsh, flags));
  write_whole(out / "zsh/_ryumemctl", complete_ryumemctl(Shell::zsh, verbs));
  write_whole(out / "fish/ryumemd.fish", complete_ryumemd(Shell::fish, flags));
  write_whole(out / "fish/ryumemctl.fish", complete_ryumemctl(Shell::fish, verbs));
}

}  // namespace
}  // namespace ryumem

int main(int argc, char** argv) {
  try {
    if (argc != 4)
      throw ryumem::Failure(ryumem::Kind::usage, "usage: ryumem-manual PAGES HELP OUT");
    ryumem::make(argv[1], argv[2], argv[3]);
    return 0;
  } catch (...) {
    const ryumem::Failure failure = ryumem::current_failure();
    fmt::print(stderr, "ryumem-manual: {}\n", failure.what());
    return ryumem::exit_code(failure);
  }
}
