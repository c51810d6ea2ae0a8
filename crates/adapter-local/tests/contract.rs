//! The contract of the ports that this crate implements.

use gatewright_adapter_local::announcements::LocalAnnouncements;
use gatewright_adapter_local::rate_limiter::LocalRateLimiter;
use gatewright_adapter_local::remembered_identities::MokaRememberedIdentities;
use gatewright_application::ports::announcements::{Announcement, Announcements};
use gatewright_application::ports::rate_limiter::RateLimiter;
use gatewright_contract::{rate_limiter, remembered_identities};
use std::sync::Arc;
use time::Duration;

fn memory_of(bytes: u64) -> MokaRememberedIdentities {
    MokaRememberedIdentities::new(bytes, Duration::minutes(15))
}

#[test]
fn remembered_identities_keep_the_contract() {
    remembered_identities::suite(|| memory_of(1024 * 1024));
}

#[test]
fn remembered_identities_stay_bounded() {
    // Room for some hundred, and for those that wait to be dropped.
    remembered_identities::stays_bounded(&memory_of(1024 * 1024), 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_limiter_keeps_the_contract() {
    let fresh = || async {
        let limiter: Arc<dyn RateLimiter> = Arc::new(LocalRateLimiter::new());
        vec![limiter]
    };
    rate_limiter::suite(fresh).await;
}

/// There is no other process to make the suite's cases of.
#[tokio::test]
async fn who_is_alone_listens_and_who_is_unconnected_does_not() {
    for (announcements, listens) in [
        (LocalAnnouncements::alone(), true),
        (LocalAnnouncements::unconnected(), false),
    ] {
        assert_eq!(announcements.is_listening(), listens);
        assert_eq!(
            announcements.announce(&[Announcement::AddressRulesChanged]).await,
            Ok(())
        );
        assert_eq!(announcements.is_listening(), listens);
    }
}
