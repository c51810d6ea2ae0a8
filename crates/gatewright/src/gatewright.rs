//! One instance: built from a configuration, served by itself or mounted into a host application.

use crate::background::{BackgroundWork, Beside};
use crate::config::Config;
use crate::config::background::SchedulerPlace;
use crate::config::environment::Environment;
use crate::config::fault::{Fault, Faults};
use crate::config::observation::METRICS_BIND;
use crate::config::server::BIND;
use crate::config::setting::Setting;
use crate::start_error::StartError;
use crate::wiring::storage::{Database, lock_data_folder};
use crate::wiring::{self, Wired};
use actix_web::web::ServiceConfig;
use gatewright_application::application::Application;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_delivery_http::server::ServerSettings;
use gatewright_delivery_http::settings::HttpSettings;
use gatewright_delivery_http::state::HttpState;
use gatewright_delivery_http::{routes, server};
use gatewright_scheduler::Work as ScheduledWork;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::sync::oneshot;
use url::Url;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// How long a start waits for a database that is starting as well.
const PATIENCE: Duration = Duration::from_secs(2);

/// One instance. Any number of them may live in one process, each over its own data folder.
pub struct Gatewright {
    config: Config,
    /// Boxed: the use cases are some kilobytes, and the instance is moved into futures.
    wired: Box<Wired>,
    http: Arc<HttpState>,
}

impl Gatewright {
    /// Opens the storage that `config` names, migrates it, and builds everything over it. Blocks for a moment. `port` is
    /// the one the instance is reached at where no public base URL is configured.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn build(config: Config, port: u16) -> Result<Self, StartError> {
        let public_base_url = config.public_base_url(port);
        let wired = wiring::wire(&config, &public_base_url)?;
        let mailbox = wired.mailbox.clone();
        let mailbox = mailbox.filter(|_| config.environment == Environment::Development);
        let http = HttpState::new(
            wired.application.clone(),
            Arc::clone(&wired.clock),
            Arc::clone(&wired.secrets),
            http_settings(&config, public_base_url),
            mailbox,
            wired.observation.clone(),
        );
        Ok(Self {
            config,
            wired: Box::new(wired),
            http: Arc::new(http),
        })
    }

    /// The use cases.
    #[must_use]
    pub fn application(&self) -> &Application {
        &self.wired.application
    }

    /// Mounts every route, for `App::configure` or a scope's: once for each worker.
    pub fn mount(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        routes::configure(Arc::clone(&self.http))
    }

    /// Starts what goes on beside the requests, on the present tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] where another process serves from the same data folder.
    pub fn start_background_work(&self) -> Result<BackgroundWork, StartError> {
        let place = self.config.background.scheduler;
        let scheduled = (place == SchedulerPlace::Embedded).then(|| self.scheduled_work());
        self.start(scheduled)
    }

    /// Starts the sending of mails and the jobs alone, on the present tokio runtime: for a process that serves nothing. Any number of
    /// them may run on one database, beside servers.
    #[must_use]
    fn start_scheduler(&self) -> BackgroundWork {
        let scheduled = ScheduledWork {
            // A server, or another of these, may be sending.
            sends_alone: false,
            ..self.scheduled_work()
        };
        let beside = Beside {
            scheduled: Some(scheduled),
            database: self.wired.database.clone(),
            keys: None,
        };
        BackgroundWork::start(None, beside)
    }

    fn start(&self, scheduled: Option<ScheduledWork>) -> Result<BackgroundWork, StartError> {
        let data_folder = match &self.wired.database {
            Database::Sqlite(_) => Some(lock_data_folder(&self.config.storage)?),
            Database::Postgres(_) => None,
        };
        let beside = Beside {
            scheduled,
            database: self.wired.database.clone(),
            keys: self.wired.key_ring_reload.clone(),
        };
        Ok(BackgroundWork::start(data_folder, beside))
    }

    fn scheduled_work(&self) -> ScheduledWork {
        ScheduledWork {
            run_job: self.wired.application.run_job.clone(),
            dispatch_mail: self.wired.application.dispatch_mail.clone(),
            mail_signal: Arc::clone(&self.wired.mail_signal),
            sends_alone: matches!(self.wired.database, Database::Sqlite(_)),
        }
    }

    /// Serves on `listener` until `stop` is ready. Then readiness is off; after the time that a load balancer was given to
    /// see that, nothing new is accepted, what is under way is finished within the configured time, due mails leave, and the
    /// storage is closed.
    ///
    /// # Errors
    /// [`StartError`] where the listener cannot be used, or the server ends by itself.
    pub async fn serve(
        self,
        listener: TcpListener,
        background: BackgroundWork,
        stop: impl Future<Output = ()>,
    ) -> Result<(), StartError> {
        let watchers = self.watchers()?;
        let work = async {
            let outcome = self.serve_requests(listener, stop).await;
            background.stop().await;
            outcome
        };
        let outcome = self.while_watched(watchers, work).await;
        self.close().await;
        outcome
    }

    /// Sends mails and runs jobs until `stop` is ready, and serves nothing; then what is under way is finished, and the storage closed.
    ///
    /// # Errors
    /// [`StartError`] where the listener for metrics cannot be used.
    pub async fn schedule(self, stop: impl Future<Output = ()>) -> Result<(), StartError> {
        let watchers = self.watchers()?;
        let background = self.start_scheduler();
        let work = async {
            stop.await;
            background.stop().await;
            Ok(())
        };
        let outcome = self.while_watched(watchers, work).await;
        self.close().await;
        outcome
    }

    /// Where whoever watches the process asks for metrics and health.
    fn watchers(&self) -> Result<Option<TcpListener>, StartError> {
        let address = self.config.observation.metrics_bind;
        address.map(|address| listen(&METRICS_BIND, address)).transpose()
    }

    /// Does `work`, and answers `watchers` until it is done.
    async fn while_watched(
        &self,
        watchers: Option<TcpListener>,
        work: impl Future<Output = Result<(), StartError>>,
    ) -> Result<(), StartError> {
        let Some(listener) = watchers else {
            return work.await;
        };
        let (done, until_done) = oneshot::channel::<()>();
        let answering = server::serve_observation(listener, Arc::clone(&self.http), async {
            // Either way the work is over.
            let _ = until_done.await;
        });
        let working = async {
            let outcome = work.await;
            drop(done);
            outcome
        };
        let (outcome, answered) = tokio::join!(working, answering);
        if let Err(error) = answered {
            tracing::error!(%error, "metrics were not served to the end");
        }
        outcome
    }

    /// Waits a moment for a database that cannot be reached or is not up to date yet. Where it stays away, whatever asks it
    /// is told so.
    pub async fn wait_for_storage(&self) {
        self.wired.database.wait_until_ready(PATIENCE).await;
    }

    pub(crate) fn health_probes(&self) -> &[Arc<dyn HealthProbe>] {
        &self.wired.health_probes
    }

    /// Closes the storage: finishes what it has begun and takes nothing more.
    pub async fn close(&self) {
        if let Some(announcements) = &self.wired.announcements {
            announcements.close().await;
        }
        self.wired.database.close().await;
    }

    async fn serve_requests(&self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<(), StartError> {
        let config = &self.config.server;
        let settings = ServerSettings {
            workers: config.workers,
            stop_delay: config.shutdown_delay.unsigned_abs(),
            stop_timeout: config.shutdown_timeout.unsigned_abs(),
        };
        server::serve(listener, Arc::clone(&self.http), settings, stop)
            .await
            .map_err(|error| StartError::dependency("the HTTP server", &error))
    }
}

/// Whether `config` can be used, as far as that shows without opening anything.
///
/// # Errors
/// [`Faults`]: everything that is wrong.
pub fn check(config: &Config) -> Result<(), Faults> {
    wiring::check(config)
}

/// A listener on the configured address. Needs a tokio runtime.
///
/// # Errors
/// [`StartError`] where the address cannot be listened on.
pub fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    listen(&BIND, address)
}

fn listen(setting: &Setting, address: SocketAddr) -> Result<TcpListener, StartError> {
    let listen = || {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        }?;
        socket.set_reuseaddr(cfg!(unix))?;
        socket.bind(address)?;
        socket.listen(BACKLOG)?.into_std()
    };
    listen().map_err(|error| Fault::of(setting, &format!("cannot listen on {address}: {error}")).into())
}

fn http_settings(config: &Config, public_base_url: Url) -> HttpSettings {
    let mut cors_origins = config.browsers.allowed_origins.clone();
    if config.server.public_base_url.is_none() {
        cors_origins.extend(by_number(&public_base_url));
    }
    HttpSettings {
        cors_origins,
        cookie_same_site: config.browsers.cookie_same_site,
        service_name: config.mail.product_name.clone(),
        password_min_length: config.passwords.policy.min_length,
        metrics_on_main_port: config.environment == Environment::Development
            && config.observation.metrics_bind.is_none(),
        ..HttpSettings::new(public_base_url)
    }
}

/// `http://127.0.0.1:…` for `http://localhost:…`: who tries things out may come by either.
fn by_number(localhost: &Url) -> Option<Url> {
    let mut url = localhost.clone();
    url.set_host(Some("127.0.0.1")).ok()?;
    Some(url)
}

#[cfg(test)]
mod tests;
