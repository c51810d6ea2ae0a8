//! The contract of [`Announcements`].

mod promise;

pub use promise::keep_the_promise_during;

use crate::race::all_at_once;
use crate::running::run;
use crate::samples::id;
use async_trait::async_trait;
use gatewright_application::ports::announcements::{Announcement, AnnouncementListener, Announcements};
use gatewright_domain::Duration;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::time::{self, Instant};

/// Starts processes that share one database, as far as announcements go.
#[async_trait]
pub trait Processes: Send + Sync {
    /// Another process. It goes on until the answer is dropped, which is a crash: nobody is told.
    async fn start(&self) -> Arc<dyn Announcements>;
}

/// Runs every case among processes of its own. A process that is gone may hold up the others for `lease`.
pub async fn suite<F, Fut>(factory: F, lease: Duration)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Arc<dyn Processes>>,
{
    run(who_listens_was_told_that_it_missed_something, factory().await).await;
    run(nobody_listens_without_a_listener, factory().await).await;
    run(all_others_hear_and_the_announcer_does_not, factory().await).await;
    run(nothing_can_be_announced, factory().await).await;
    run(who_joins_late_hears_what_is_announced_from_then_on, factory().await).await;
    run(simultaneous_announcements_are_all_heard, factory().await).await;
    run(nobody_waits_longer_than_a_lease, (factory().await, lease)).await;
    run(a72_nothing_that_was_announced_is_relied_on, factory().await).await;
}

type Shared = Arc<dyn Processes>;

/// A process that wrote down what it was told.
struct Process {
    announcements: Arc<dyn Announcements>,
    told: Arc<Told>,
}

#[derive(Default)]
struct Told {
    heard: Mutex<Vec<Announcement>>,
    missed: AtomicUsize,
}

impl AnnouncementListener for Told {
    fn heard(&self, announcement: Announcement) {
        self.heard.lock().unwrap().push(announcement);
    }

    fn missed(&self) {
        self.missed.fetch_add(1, Ordering::SeqCst);
    }
}

impl Process {
    /// Started, and listening.
    async fn started(processes: &Shared) -> Self {
        let (announcements, told) = (processes.start().await, Arc::<Told>::default());
        announcements.listen(told.clone());
        let process = Self { announcements, told };
        process.comes_to_listen().await;
        process
    }

    async fn comes_to_listen(&self) {
        comes_to_listen(self.announcements.as_ref()).await;
    }

    async fn announce(&self, announcements: &[Announcement]) {
        self.announcements.announce(announcements).await.unwrap();
    }

    /// Whether it heard `announcement`, or does not rely on anything from before.
    fn knows_of(&self, announcement: Announcement, missed_before: usize) -> bool {
        self.told.heard.lock().unwrap().contains(&announcement)
            || !self.announcements.is_listening()
            || self.missed() > missed_before
    }

    fn missed(&self) -> usize {
        self.told.missed.load(Ordering::SeqCst)
    }

    fn heard(&self) -> Vec<Announcement> {
        self.told.heard.lock().unwrap().clone()
    }
}

async fn comes_to_listen(announcements: &dyn Announcements) {
    let patience = Duration::seconds(10).unsigned_abs();
    let listens = async {
        while !announcements.is_listening() {
            time::sleep(Duration::milliseconds(5).unsigned_abs()).await;
        }
    };
    time::timeout(patience, listens).await.expect("it never came to listen");
}

fn everything() -> [Announcement; 3] {
    [
        Announcement::SessionChanged(SessionId(id(11))),
        Announcement::UserChanged(UserId(id(1))),
        Announcement::AddressRulesChanged,
    ]
}

async fn who_listens_was_told_that_it_missed_something(processes: Shared) {
    let process = Process::started(&processes).await;
    assert!(process.missed() > 0);
}

async fn nobody_listens_without_a_listener(processes: Shared) {
    let (deaf, other) = (processes.start().await, Process::started(&processes).await);
    assert!(!deaf.is_listening());
    other.announce(&everything()).await;
    assert!(!deaf.is_listening());
}

async fn all_others_hear_and_the_announcer_does_not(processes: Shared) {
    let (first, second) = (Process::started(&processes).await, Process::started(&processes).await);
    let third = Process::started(&processes).await;
    first.announce(&everything()).await;
    for other in [&second, &third] {
        assert_eq!(other.heard(), everything());
    }
    assert_eq!(first.heard(), []);
}

async fn nothing_can_be_announced(processes: Shared) {
    let (first, second) = (Process::started(&processes).await, Process::started(&processes).await);
    first.announce(&[]).await;
    assert_eq!(second.heard(), []);
}

async fn who_joins_late_hears_what_is_announced_from_then_on(processes: Shared) {
    let first = Process::started(&processes).await;
    first.announce(&everything()).await;
    let late = Process::started(&processes).await;
    first.announce(&everything()).await;
    assert_eq!(late.heard(), everything());
    late.announce(&everything()).await;
    assert_eq!(first.heard(), everything());
}

async fn simultaneous_announcements_are_all_heard(processes: Shared) {
    let announcers = Arc::new([Process::started(&processes).await, Process::started(&processes).await]);
    let third = Arc::new(Process::started(&processes).await);
    let missed = third.missed();
    let announced = all_at_once(100, |number| {
        let (announcers, third) = (Arc::clone(&announcers), Arc::clone(&third));
        let announcement = Announcement::UserChanged(UserId(id(u32::try_from(number).unwrap())));
        async move {
            announcers[number % 2].announce(&[announcement]).await;
            assert!(third.knows_of(announcement, missed), "{number}");
        }
    });
    announced.await;
}

async fn nobody_waits_longer_than_a_lease((processes, lease): (Shared, Duration)) {
    let (first, second) = (Process::started(&processes).await, Process::started(&processes).await);
    drop(second);
    let begun = Instant::now();
    first.announce(&everything()).await;
    let waited = Duration::try_from(begun.elapsed()).unwrap();
    assert!(waited < lease + Duration::seconds(2), "{waited}");
}

async fn a72_nothing_that_was_announced_is_relied_on(processes: Shared) {
    keep_the_promise_during(processes, ready(())).await;
}
