//! Processes that hear one another in memory.

use async_trait::async_trait;
use gatewright_application::ports::announcements::{Announcement, AnnouncementListener, Announcements};
use gatewright_application::ports::error::PortError;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// What connects the processes.
#[derive(Default)]
pub struct AnnouncementHub(Arc<Mutex<Vec<Weak<HubProcess>>>>);

/// One process: it hears the others of its hub from when it is made, for as long as it is connected.
pub struct HubProcess {
    others: Arc<Mutex<Vec<Weak<HubProcess>>>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_disconnected: bool,
    listener: Option<Arc<dyn AnnouncementListener>>,
    undelivered: Vec<Announcement>,
}

impl AnnouncementHub {
    /// Another process, which is connected.
    #[must_use]
    pub fn join(&self) -> Arc<HubProcess> {
        let process = Arc::new(HubProcess {
            others: Arc::clone(&self.0),
            state: Mutex::default(),
        });
        locked(&self.0).push(Arc::downgrade(&process));
        process
    }
}

impl HubProcess {
    /// Cuts the process off: it hears nothing, and what it announces waits.
    pub fn disconnect(&self) {
        locked(&self.state).is_disconnected = true;
    }

    /// Connects it again: it is told that it missed something, and what waited is delivered.
    pub fn reconnect(&self) {
        let mut state = locked(&self.state);
        if let Some(listener) = &state.listener {
            listener.missed();
        }
        state.is_disconnected = false;
        let undelivered = mem::take(&mut state.undelivered);
        drop(state);
        self.tell_others(&undelivered);
    }

    fn tell_others(&self, announcements: &[Announcement]) {
        let processes: Vec<Arc<Self>> = locked(&self.others).iter().filter_map(Weak::upgrade).collect();
        for other in processes.iter().filter(|other| !std::ptr::eq(other.as_ref(), self)) {
            other.hear(announcements);
        }
    }

    fn hear(&self, announcements: &[Announcement]) {
        let state = locked(&self.state);
        if let (false, Some(listener)) = (state.is_disconnected, &state.listener) {
            for heard in announcements {
                listener.heard(*heard);
            }
        }
    }
}

#[async_trait]
impl Announcements for HubProcess {
    async fn announce(&self, announcements: &[Announcement]) -> Result<(), PortError> {
        let mut state = locked(&self.state);
        if state.is_disconnected {
            state.undelivered.extend(announcements);
            return Err(PortError::Unavailable {
                dependency: "hub",
                reason: "disconnected".to_owned(),
            });
        }
        drop(state);
        self.tell_others(announcements);
        Ok(())
    }

    fn is_listening(&self) -> bool {
        let state = locked(&self.state);
        !state.is_disconnected && state.listener.is_some()
    }

    fn listen(&self, listener: Arc<dyn AnnouncementListener>) {
        let mut state = locked(&self.state);
        listener.missed();
        state.listener = Some(listener);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
