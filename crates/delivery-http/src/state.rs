//! What every request can reach.

use crate::development::DevelopmentMailbox;
use crate::openapi;
use crate::operations::health_board::HealthBoard;
use crate::pages::Pages;
use crate::settings::HttpSettings;
use crate::traffic::Traffic;
use actix_web::web::Bytes;
use gatewright_application::application::Application;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::gauges::MetricsPage;
use gatewright_application::ports::measurements::{Measurements, Unmeasured};
use gatewright_application::ports::secrets::Secrets;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What can be seen of the service while it works.
#[derive(Clone)]
pub struct Observation {
    /// Takes note of requests.
    pub measurements: Arc<dyn Measurements>,
    /// What `/metrics` shows; without it there is no such page.
    pub metrics: Option<Arc<dyn MetricsPage>>,
    /// Counts what is going on; a gauge source for that page.
    pub traffic: Arc<Traffic>,
}

impl Default for Observation {
    /// Nothing is measured.
    fn default() -> Self {
        Self {
            measurements: Arc::new(Unmeasured),
            metrics: None,
            traffic: Arc::default(),
        }
    }
}

/// The use cases and settings behind the routes. Made once, shared by all workers.
pub struct HttpState {
    pub(crate) application: Application,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) secrets: Arc<dyn Secrets>,
    pub(crate) settings: HttpSettings,
    pub(crate) trusted_origins: Vec<String>,
    pub(crate) pages: Pages,
    pub(crate) openapi: Bytes,
    pub(crate) mailbox: Option<Arc<dyn DevelopmentMailbox>>,
    pub(crate) observation: Observation,
    pub(crate) health: HealthBoard,
    draining: AtomicBool,
}

impl HttpState {
    /// State over `application`. With a `mailbox`, `/dev/mail` shows what is in it; there is none in production.
    #[must_use]
    pub fn new(
        application: Application,
        clock: Arc<dyn Clock>,
        secrets: Arc<dyn Secrets>,
        settings: HttpSettings,
        mailbox: Option<Arc<dyn DevelopmentMailbox>>,
        observation: Observation,
    ) -> Self {
        Self {
            health: HealthBoard::new(application.check_health.clone()),
            application,
            clock,
            secrets,
            trusted_origins: settings.trusted_origins(),
            pages: Pages::new(&settings),
            openapi: openapi::document(&settings),
            settings,
            mailbox,
            observation,
            draining: AtomicBool::new(false),
        }
    }

    /// From now on, readiness is off and every answer asks its client to open a new connection: the first step
    /// of a graceful stop, since a server that only stops listening goes on serving the connections it has.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether [`drain`](Self::drain) was called.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
