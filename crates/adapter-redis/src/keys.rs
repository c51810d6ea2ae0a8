//! What keys are called.

use gatewright_domain::abuse::quota::CounterKey;
use std::fmt::Write as _;

/// `<prefix><key in hexadecimal>`. Not the bytes themselves: a brace among them would choose a place in a cluster.
pub(crate) fn counter(prefix: &str, CounterKey(key): CounterKey) -> String {
    let mut name = String::with_capacity(prefix.len() + 2 * key.len());
    name.push_str(prefix);
    for byte in key {
        let written = write!(name, "{byte:02x}");
        debug_assert!(written.is_ok(), "writing to a string");
    }
    name
}
