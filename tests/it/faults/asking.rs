//! How long something may take, and waiting for it by asking.

use gatewright_tests::answer::Answer;
use gatewright_tests::client::Client;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// For an answer that is promised within two seconds, by a machine that does more than this.
pub(super) const BOUNDED: Duration = Duration::from_secs(6);

/// For coming back, which is promised within five seconds.
pub(super) const BACK: Duration = Duration::from_secs(10);

/// What is answered, in bounded time.
#[track_caller]
pub(super) fn bounded<T>(call: impl Future<Output = T>) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    async move {
        let answer = timeout(BOUNDED, call).await;
        answer.unwrap_or_else(|_| panic!("no answer within {BOUNDED:?} at {caller}"))
    }
}

/// Asks until an answer is as it should be, for as long as coming back may take.
pub(super) async fn until(client: &Client, path: &str, is_so: impl Fn(&Answer) -> bool) -> Answer {
    let given_up_at = Instant::now() + BACK;
    loop {
        let answer = bounded(client.get(path)).await;
        if is_so(&answer) {
            return answer;
        }
        assert!(Instant::now() < given_up_at, "still {} {}", answer.status, answer.text);
        sleep(Duration::from_millis(20)).await;
    }
}

/// Asks until the server is ready.
pub(super) async fn until_ready(client: &Client) {
    until(client, "/health/ready", |answer| answer.status == 200).await;
}

/// The answer to whatever needs something that is away: try again, and never that somebody is not who they are.
#[track_caller]
pub(super) fn expect_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.text);
    let media_type = answer.header("content-type");
    assert!(media_type.starts_with("application/problem+json"), "{media_type}");
    let retry_after: u32 = answer.header("retry-after").parse().unwrap();
    assert!(retry_after > 0);
}
