//! Opening connections: to the first host that takes writes, with our settings, in bounded time.

use crate::error::with_causes;
use crate::options::PostgresOptions;
use crate::tls::{TlsError, connector};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use thiserror::Error;
use tokio::runtime::{Handle, Id};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A connection that nobody uses for a while is probed, before a firewall forgets it.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_RETRIES: u32 = 3;
/// What was sent and is not acknowledged for so long ends the connection. Callers are answered long before.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);

/// Asynchronous commits would lose answered changes with the power. A stricter setting than the default stays.
const DURABLE_COMMITS: &str =
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'";

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConnectError {
    /// No host could be reached, let us in and takes writes. It tells what the last one said.
    #[error("cannot connect: {0}")]
    Refused(String),
    /// No host answered in time.
    #[error("no answer to a connection attempt within {0:?}")]
    TimedOut(Duration),
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Serving calls, each statement in bounded time.
    Calls,
    /// Changing the schema, which may take as long as it takes.
    Migration,
}

/// Opens connections.
pub(crate) struct Connector {
    hosts: Vec<Config>,
    /// Which host is tried first: the one that was connected to last.
    preferred: AtomicUsize,
    tls: MakeRustlsConnect,
    patience: Duration,
}

impl Connector {
    /// For connections as `options` want them.
    pub(crate) fn new(options: &PostgresOptions, purpose: Purpose) -> Result<Arc<Self>, TlsError> {
        let tls = connector(options)?;
        let settings = session_settings(options, purpose);
        Ok(Arc::new(Self {
            hosts: each_host(&options.server)
                .into_iter()
                .map(|server| with_defaults(server, options, &settings))
                .collect(),
            preferred: AtomicUsize::new(0),
            tls,
            patience: options.acquire_timeout,
        }))
    }

    /// Connects to the first host that answers, lets us in and takes writes. Each gets an equal share of the time, so that
    /// one that hangs does not keep us from the next.
    pub(crate) async fn connect(&self) -> Result<Connection, ConnectError> {
        let count = self.hosts.len();
        let share = self.patience / u32::try_from(count).unwrap_or(u32::MAX);
        let first = self.preferred.load(Ordering::Relaxed);
        let mut outcome = Err(ConnectError::TimedOut(self.patience));
        for number in (first..count).chain(0..first) {
            let Some(host) = self.hosts.get(number) else { continue };
            outcome = match timeout(share, open(host, &self.tls)).await {
                Ok(opened) => opened.map_err(ConnectError::Refused),
                Err(_) => Err(ConnectError::TimedOut(share)),
            };
            if outcome.is_ok() {
                self.preferred.store(number, Ordering::Relaxed);
                break;
            }
        }
        outcome
    }
}

async fn open(host: &Config, tls: &MakeRustlsConnect) -> Result<Connection, String> {
    let (client, driver) = host.connect(tls.clone()).await.map_err(|error| with_causes(&error))?;
    let driver = Driver(tokio::spawn(async move {
        if let Err(error) = driver.await {
            tracing::warn!(error = with_causes(&error), "a connection to the database ended");
        }
    }));
    let mut client = AsyncPgConnection::try_from(client)
        .await
        .map_err(|error| error.to_string())?;
    client
        .batch_execute(DURABLE_COMMITS)
        .await
        .map_err(|error| error.to_string())?;
    Ok(Connection {
        client,
        driver,
        home: Handle::current().id(),
        opened_at: Instant::now(),
    })
}

/// An open connection. It ends at once when it is dropped, whatever the server is doing.
pub(crate) struct Connection {
    client: AsyncPgConnection,
    driver: Driver,
    home: Id,
    opened_at: Instant,
}

impl Connection {
    /// Whether it has not ended, as far as is known on this side.
    pub(crate) fn is_open(&self) -> bool {
        !self.driver.0.is_finished()
    }

    /// Whether the runtime of the caller is the one that opened it and that runs its driver.
    pub(crate) fn is_of_this_runtime(&self) -> bool {
        Handle::try_current().is_ok_and(|runtime| runtime.id() == self.home)
    }

    /// Since when it exists.
    pub(crate) fn age(&self) -> Duration {
        self.opened_at.elapsed()
    }

    /// The driver's own connection, and what has to live as long.
    pub(crate) fn into_parts(self) -> (AsyncPgConnection, Driver) {
        (self.client, self.driver)
    }
}

impl Deref for Connection {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        &self.client
    }
}

/// The task that moves bytes. Left alone it would wait for answers that nobody waits for any more.
pub(crate) struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Options of the command line kind, sent with the first message. What the URL asks for comes last and wins.
fn session_settings(options: &PostgresOptions, purpose: Purpose) -> String {
    let ours = match purpose {
        Purpose::Calls => format!(
            "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={}",
            options.statement_timeout.as_millis(),
            options.lock_timeout.as_millis(),
            options.idle_in_transaction_timeout.as_millis(),
        ),
        Purpose::Migration => "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0".to_owned(),
    };
    let theirs = options.server.get_options().unwrap_or_default();
    format!("{ours} -c default_transaction_isolation=read\\ committed {theirs}")
}

fn with_defaults(mut server: Config, options: &PostgresOptions, settings: &str) -> Config {
    server.options(settings);
    server.ssl_mode(options.tls.negotiation());
    server.target_session_attrs(TargetSessionAttrs::ReadWrite);
    if server.get_application_name().is_none() {
        server.application_name("gatewright");
    }
    if server.get_tcp_user_timeout().is_none() {
        server.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    if server.get_keepalives_idle() == Config::new().get_keepalives_idle() {
        server.keepalives_idle(KEEPALIVE_IDLE);
    }
    if server.get_keepalives_interval().is_none() {
        server.keepalives_interval(KEEPALIVE_INTERVAL);
    }
    if server.get_keepalives_retries().is_none() {
        server.keepalives_retries(KEEPALIVE_RETRIES);
    }
    server
}

/// The same settings with one host each.
fn each_host(server: &Config) -> Vec<Config> {
    let count = server.get_hosts().len().max(server.get_hostaddrs().len());
    (0..count).map(|number| only_host(server, number)).collect()
}

/// The driver has no way to take hosts away, so everything else is put into a new one.
fn only_host(server: &Config, number: usize) -> Config {
    let mut only = Config::new();
    match server.get_hosts().get(number) {
        Some(Host::Tcp(name)) => {
            only.host(name);
        }
        #[cfg(unix)]
        Some(Host::Unix(folder)) => {
            only.host_path(folder);
        }
        None => {}
    }
    if let Some(address) = server.get_hostaddrs().get(number) {
        only.hostaddr(*address);
    }
    let ports = server.get_ports();
    if let Some(port) = ports.get(number).or_else(|| ports.first()) {
        only.port(*port);
    }
    if let Some(user) = server.get_user() {
        only.user(user);
    }
    if let Some(password) = server.get_password() {
        only.password(password);
    }
    if let Some(name) = server.get_dbname() {
        only.dbname(name);
    }
    if let Some(name) = server.get_application_name() {
        only.application_name(name);
    }
    if let Some(timeout) = server.get_connect_timeout() {
        only.connect_timeout(*timeout);
    }
    if let Some(timeout) = server.get_tcp_user_timeout() {
        only.tcp_user_timeout(*timeout);
    }
    if let Some(interval) = server.get_keepalives_interval() {
        only.keepalives_interval(interval);
    }
    if let Some(retries) = server.get_keepalives_retries() {
        only.keepalives_retries(retries);
    }
    only.keepalives(server.get_keepalives());
    only.keepalives_idle(server.get_keepalives_idle());
    only.ssl_negotiation(server.get_ssl_negotiation());
    only.channel_binding(server.get_channel_binding());
    only
}
