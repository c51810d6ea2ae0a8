//! What is read off at the moment somebody looks, and the page on which it is shown.

use crate::ports::error::PortError;
use async_trait::async_trait;

/// Something that goes up and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gauge {
    /// Connections of clients that are open.
    HttpConnections,
    /// Requests that wait for their answer.
    HttpRequestsInFlight,
    /// Passwords that wait for a hashing thread.
    PasswordHashQueueDepth,
    /// Hashing threads at work.
    PasswordHashThreadsBusy,
    /// Connections of the database pool that nobody uses.
    DatabasePoolIdle,
    /// Connections of the database pool in use.
    DatabasePoolInUse,
    /// Who waits for a connection of the database pool.
    DatabasePoolWaiting,
    /// Whether Redis answered last time: 1 or 0.
    RedisUp,
    /// Whether Redis is left alone for a while: 1 or 0.
    RedisBreakerOpen,
    /// Mails that have not left yet.
    OutboxWaiting,
    /// Mails set aside.
    OutboxParked,
    /// For how many seconds the oldest due mail has been due; 0 where none is.
    OutboxOldestDueAge,
}

/// Knows some gauges without asking anybody.
pub trait GaugeSource: Send + Sync {
    /// Tells each to `found`. MUST NOT block.
    fn read(&self, found: &mut dyn FnMut(Gauge, f64));
}

/// Has to ask for some gauges.
#[async_trait]
pub trait AskedGaugeSource: Send + Sync {
    /// Asks.
    async fn ask(&self) -> Result<Vec<(Gauge, f64)>, PortError>;
}

/// Everything that was measured, in the form in which it is collected.
#[async_trait]
pub trait MetricsPage: Send + Sync {
    /// The media type of the text.
    fn media_type(&self) -> &'static str;

    /// Reads the gauges and writes the page. What cannot be read now is left out.
    async fn text(&self) -> String;
}
