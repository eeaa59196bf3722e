//! Until when something counts that is to count no more.

use crate::{Clock, Timestamp};

/// Until when a key of before counts. Whoever took one that was thrown away must not speak for ever.
#[derive(Clone, Debug)]
pub struct Until {
    clock: Clock,
    end: Timestamp,
}

impl Until {
    /// To this moment of real time, by this clock.
    pub fn new(clock: Clock, end: Timestamp) -> Self {
        Until { clock, end }
    }

    /// Whether it counts no more.
    pub fn is_over(&self) -> bool {
        self.clock.real_now() >= self.end
    }
}
