//! The promise of announcing, under races.

use super::{Processes, comes_to_listen};
use gatewright_application::ports::announcements::{Announcement, AnnouncementListener, Announcements};
use gatewright_domain::Duration;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::task::{JoinSet, yield_now};
use tokio::time;

/// Announcements that must have succeeded, and times that something remembered must have been of use, until it is enough.
const ENOUGH: u32 = 100;

/// Changes something and announces it, over and over, until `disturbance` is over and then some more, while other processes
/// read and remember it, and asserts that none of them ever relies on what had changed when it began to ask. The processes
/// have to be on their feet again when the disturbance ends.
pub async fn keep_the_promise_during(processes: Arc<dyn Processes>, disturbance: impl Future<Output = ()>) {
    let truth = Arc::<Truth>::default();
    let (mut rememberers, mut uses) = (JoinSet::new(), Vec::new());
    for _ in 0..2 {
        let rememberer = Rememberer::started(processes.as_ref(), &truth).await;
        uses.push(Arc::clone(&rememberer.used));
        rememberers.spawn(rememberer.ask_until_it_is_over());
    }
    let announcer = processes.start().await;
    announcer.listen(Arc::<Memory>::default());
    comes_to_listen(announcer.as_ref()).await;
    let mut disturbance = pin!(disturbance);
    loop {
        tokio::select! {
            biased;
            () = &mut disturbance => break,
            _ = truth.change_and_announce(announcer.as_ref()) => {}
        }
    }
    comes_to_listen(announcer.as_ref()).await;
    let mut succeeded = 0;
    let is_enough = || uses.iter().all(|used| used.load(Ordering::SeqCst) >= ENOUGH);
    while succeeded < ENOUGH || !is_enough() {
        succeeded += u32::from(truth.change_and_announce(announcer.as_ref()).await);
        // One that failed ends the case.
        if let Some(ended) = rememberers.try_join_next() {
            ended.unwrap();
        }
        yield_now().await;
    }
    truth.is_over.store(true, Ordering::SeqCst);
    rememberers.join_all().await;
}

/// What changes, and up to where everybody knows.
#[derive(Default)]
struct Truth {
    version: AtomicU64,
    announced: AtomicU64,
    is_over: AtomicBool,
}

impl Truth {
    async fn change_and_announce(&self, announcer: &dyn Announcements) -> bool {
        let version = self.version.fetch_add(1, Ordering::SeqCst) + 1;
        let outcome = announcer.announce(&[Announcement::AddressRulesChanged]).await;
        if outcome.is_ok() {
            self.announced.fetch_max(version, Ordering::SeqCst);
        } else {
            time::sleep(Duration::milliseconds(5).unsigned_abs()).await;
        }
        outcome.is_ok()
    }
}

/// A version that is remembered, by the rule of epochs.
#[derive(Default)]
struct Memory(Mutex<(u64, Option<u64>)>);

impl Memory {
    fn recall(&self) -> Option<u64> {
        self.0.lock().unwrap().1
    }

    fn epoch(&self) -> u64 {
        self.0.lock().unwrap().0
    }

    fn remember(&self, version: u64, epoch: u64) {
        let mut memory = self.0.lock().unwrap();
        if memory.0 == epoch {
            memory.1 = Some(version);
        }
    }

    fn forget(&self) {
        let mut memory = self.0.lock().unwrap();
        *memory = (memory.0 + 1, None);
    }
}

impl AnnouncementListener for Memory {
    fn heard(&self, _: Announcement) {
        self.forget();
    }

    fn missed(&self) {
        self.forget();
    }
}

struct Rememberer {
    truth: Arc<Truth>,
    memory: Arc<Memory>,
    announcements: Arc<dyn Announcements>,
    used: Arc<AtomicU32>,
}

impl Rememberer {
    async fn started(processes: &dyn Processes, truth: &Arc<Truth>) -> Self {
        let (announcements, memory) = (processes.start().await, Arc::<Memory>::default());
        announcements.listen(memory.clone());
        comes_to_listen(announcements.as_ref()).await;
        Self {
            truth: Arc::clone(truth),
            memory,
            announcements,
            used: Arc::default(),
        }
    }

    async fn ask_until_it_is_over(self) {
        while !self.truth.is_over.load(Ordering::SeqCst) {
            self.ask().await;
        }
    }

    /// What a request does.
    async fn ask(&self) {
        let announced = self.truth.announced.load(Ordering::SeqCst);
        if self.announcements.is_listening()
            && let Some(version) = self.memory.recall()
        {
            assert!(
                version >= announced,
                "relied on {version} after {announced} was announced"
            );
            self.used.fetch_add(1, Ordering::SeqCst);
            return yield_now().await;
        }
        let epoch = self.memory.epoch();
        let version = self.truth.version.load(Ordering::SeqCst);
        yield_now().await;
        self.memory.remember(version, epoch);
    }
}
