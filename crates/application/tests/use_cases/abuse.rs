//! Rate limits while the server that counts for all processes is away.

use gatewright_application::abuse::stricter_while_away::StricterWhileAway;
use gatewright_application::ports::rate_limiter::RateLimiter as _;
use gatewright_domain::Duration;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::abuse::rate_limit::{RateDecision, RateLimit};
use gatewright_fakes::manual_clock::ManualClock;
use gatewright_fakes::rate_limiter::ListedRates;
use std::num::NonZeroU32;
use std::sync::Arc;

const LIMIT: RateLimit = RateLimit {
    key: CounterKey([7; 32]),
    burst: 6,
    window: Duration::minutes(1),
    cool_down: Duration::ZERO,
};

struct Scene {
    shared: Arc<ListedRates>,
    local: Arc<ListedRates>,
    limiter: StricterWhileAway,
}

fn three_processes() -> Scene {
    let clock = Arc::<ManualClock>::default();
    let shared = Arc::new(ListedRates::by(clock.clone()));
    let local = Arc::new(ListedRates::by(clock));
    let limiter = StricterWhileAway {
        shared: shared.clone(),
        local: local.clone(),
        processes: NonZeroU32::new(3).unwrap(),
    };
    Scene { shared, local, limiter }
}

async fn admitted_of_ten(scene: &Scene) -> usize {
    let mut admitted = 0;
    for _ in 0..10 {
        let decision = scene.limiter.admit(&LIMIT).await.unwrap();
        admitted += usize::from(matches!(decision, RateDecision::Admitted { .. }));
    }
    admitted
}

#[tokio::test]
async fn while_it_is_there_the_shared_one_counts_alone() {
    let scene = three_processes();
    assert_eq!(admitted_of_ten(&scene).await, 6);
    scene.shared.set_away(true);
    assert_eq!(admitted_of_ten(&scene).await, 2, "the local one had counted before");
}

#[tokio::test]
async fn while_it_is_away_a_process_admits_its_share() {
    let scene = three_processes();
    scene.shared.set_away(true);
    assert_eq!(admitted_of_ten(&scene).await, 2);
    scene.shared.set_away(false);
    assert_eq!(admitted_of_ten(&scene).await, 6);
}

#[tokio::test]
async fn where_nobody_can_count_nobody_is_admitted() {
    let scene = three_processes();
    scene.shared.set_away(true);
    scene.local.set_away(true);
    assert_eq!(admitted_of_ten(&scene).await, 0);
}
