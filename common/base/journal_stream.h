// systemd's journal as what stderr goes to: a line there may begin with its severity.
#pragma once

#include <string>

namespace ryumem {

/// Does stderr go to systemd's journal? By $JOURNAL_STREAM, which names the stream's device and
/// inode (systemd.exec(5)); a stderr that was sent elsewhere since has others.
bool stderr_is_the_journal() noexcept;

/// "<3>" for LOG_ERR of syslog(3), and so on: what a line begins with that is as severe
/// (sd-daemon(3)), so that `journalctl -p` finds it. Nothing where stderr is something else.
std::string journal_prefix(int severity);

}  // namespace ryumem
