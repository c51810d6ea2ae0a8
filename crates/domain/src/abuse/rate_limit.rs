//! Rate limits: a burst, a pace, and a pause for whoever exceeds them.

use crate::Duration;
use crate::abuse::quota::CounterKey;

/// At most `burst` at once, and `burst` in each `window` in the long run: the generic cell rate algorithm (GCRA, ITU-T I.371),
/// which has no window whose edge allows twice as much at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// What is counted.
    pub key: CounterKey,
    /// How many are allowed at once; at least one.
    pub burst: u32,
    /// In what span of time as many become free again; longer than zero.
    pub window: Duration,
    /// How long nothing is allowed once somebody was refused; zero for none.
    pub cool_down: Duration,
}

/// What a rate limit says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateDecision {
    /// Go on.
    Admitted {
        /// How many more would be admitted at this moment.
        remaining: u32,
    },
    /// Not now.
    Refused {
        /// When the next one will be admitted; longer than zero.
        retry_after: Duration,
    },
}
