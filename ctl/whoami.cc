#include "ctl/whoami.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace ryumem {

std::string who_is_asking() {
  char host[256] = "unknown-host";
  gethostname(host, sizeof(host) - 1);
  std::string user = std::to_string(getuid());
  const passwd* entry = getpwuid(getuid());
  const char* behind_sudo = std::getenv("SUDO_USER");
  if (behind_sudo != nullptr && *behind_sudo != '\0')
    user = behind_sudo;
  else if (entry != nullptr)
    user = entry->pw_name;
  return user + "@" + host;
}

}  // namespace ryumem
