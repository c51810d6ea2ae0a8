//! A connection to one server or to a cluster.

use crate::options::RedisOptions;
use deadpool_redis::redis::aio::{ConnectionLike, MultiplexedConnection};
use deadpool_redis::redis::cluster::ClusterClient;
use deadpool_redis::redis::cluster_async::ClusterConnection;
use deadpool_redis::redis::{Cmd, Pipeline, RedisFuture, RedisResult, Value};
use deadpool_redis::{Pool, PoolError};
use std::io;

/// Opens connections.
pub(super) enum Opener {
    Server(Pool),
    Cluster(Box<ClusterClient>),
}

/// A connection. Clones share it, and their commands wait for each other's answers only as far as Redis does.
#[derive(Clone)]
pub(crate) enum Connection {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Opener {
    pub(super) fn new(options: &RedisOptions) -> RedisResult<Self> {
        match options.nodes() {
            [server] if !options.is_cluster() => Ok(Self::Server(options.pool(server)?)),
            _ => Ok(Self::Cluster(Box::new(options.cluster_client()?))),
        }
    }

    /// A new connection, whose driver is a task of the present runtime.
    pub(super) async fn open(&self) -> RedisResult<Connection> {
        match self {
            Self::Server(pool) => {
                let taken = pool.get().await.map_err(|error| match error {
                    PoolError::Backend(error) => error,
                    other => io::Error::other(other).into(),
                })?;
                // A connection that broke never works again, so it does not go back.
                Ok(Connection::Server(deadpool_redis::Connection::take(taken)))
            }
            Self::Cluster(client) => client.get_async_connection().await.map(Connection::Cluster),
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(connection) => connection.req_packed_commands(commands, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(commands, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
