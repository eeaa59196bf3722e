//! The clock of this machine.

use super::Check;
use vocabulary::Clock;

/// Business runs on this machine's clock: one that stands before this program was written is wrong.
pub(super) fn check() -> Check {
    let now = Clock::system().real_now();
    if now.rfc3339().as_str() < "2026-11-01" {
        return Check::wrong(
            "clock",
            format!("{now} cannot be"),
            "set the clock, and switch on NTP (`timedatectl set-ntp true`)",
        );
    }
    Check::fine("clock", format!("{} WIB", now.wib()))
}
