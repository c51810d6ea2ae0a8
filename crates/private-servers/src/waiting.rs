//! Waiting by asking.

use std::thread;
use std::time::{Duration, Instant};

/// Asks every few milliseconds until the answer is yes; answers whether it was within `patience`.
#[expect(clippy::disallowed_methods, reason = "waits for other processes")]
pub fn wait_until(patience: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let given_up_at = Instant::now() + patience;
    loop {
        if is_so() {
            return true;
        }
        if Instant::now() >= given_up_at {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}
