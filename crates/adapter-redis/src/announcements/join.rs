//! Becoming a member.

use super::registry::Registry;
use crate::options::RedisOptions;
use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{ConnectionInfo, ProtocolVersion, PushInfo, RedisError, RedisResult};
use std::io;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::{Instant, timeout};

/// Redirections to follow in a cluster.
const MOST_REDIRECTIONS: usize = 3;

/// Somebody who has just become a member.
pub(super) struct Joined {
    pub(super) name: String,
    pub(super) connection: MultiplexedConnection,
    /// What is published to it, in order, and word of the connection's end.
    pub(super) pushes: UnboundedReceiver<PushInfo>,
    /// It was a member by then.
    pub(super) since: Instant,
}

/// Becomes a member under `name` in place of `former`, at the first node that lets it.
pub(super) async fn join(
    options: &RedisOptions,
    registry: &Registry,
    name: &str,
    former: &str,
) -> Result<Joined, String> {
    let join = Join {
        options,
        registry,
        name,
        former,
    };
    let mut last = "there is no node".to_owned();
    for node in options.nodes() {
        match timeout(options.connection_timeout(), join.by_way_of(node)).await {
            Ok(Ok(joined)) => return Ok(joined),
            Ok(Err(error)) => last = error.to_string(),
            Err(_) => "no answer in time".clone_into(&mut last),
        }
    }
    Err(last)
}

struct Join<'a> {
    options: &'a RedisOptions,
    registry: &'a Registry,
    name: &'a str,
    former: &'a str,
}

impl Join<'_> {
    /// In a cluster, another node may hold the registry.
    async fn by_way_of(&self, node: &ConnectionInfo) -> RedisResult<Joined> {
        let mut node = node.clone();
        for _ in 0..MOST_REDIRECTIONS {
            match self.at(&node).await {
                Err(error) => match redirection(&error, &node) {
                    Some(other) => node = other,
                    None => return Err(error),
                },
                joined => return joined,
            }
        }
        Err(io::Error::other("the cluster redirects in circles").into())
    }

    async fn at(&self, node: &ConnectionInfo) -> RedisResult<Joined> {
        // With RESP3 one connection is subscribed and sends commands, so there is one order of everything.
        let settings = node.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let client = self.options.client(&node.clone().set_redis_settings(settings))?;
        let (sender, pushes) = mpsc::unbounded_channel();
        let config = self.options.connection_config().set_push_sender(sender);
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        // Subscribed first: what is announced from the moment of joining must be heard.
        let channels = [self.registry.common_channel(), self.registry.channel_of(self.name)];
        connection.subscribe(&channels).await?;
        self.registry.join(connection.clone(), self.name, self.former).await?;
        Ok(Joined {
            name: self.name.to_owned(),
            connection,
            pushes,
            since: Instant::now(),
        })
    }
}

fn redirection(error: &RedisError, node: &ConnectionInfo) -> Option<ConnectionInfo> {
    let (address, _slot) = error.redirect_node()?;
    let (host, port) = address.rsplit_once(':')?;
    let host = host.trim_matches(['[', ']']);
    Some(RedisOptions::node_at(node, host, port.parse().ok()?))
}
