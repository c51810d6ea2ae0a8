//! Where Redis is, and how it is spoken to.

use crate::authorities::{AuthoritiesFault, with_those_of_the_system};
use deadpool_redis::redis::cluster::ClusterClient;
use deadpool_redis::redis::io::tcp::TcpSettings;
use deadpool_redis::redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, RedisResult,
    TlsCertificates,
};
use deadpool_redis::{Manager, Pool};
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::time::Duration;
use thiserror::Error;

/// A connection is made within this time, or within that of a call where that is longer.
const LONGEST_CONNECT: Duration = Duration::from_secs(1);

/// Where Redis is, and how it is spoken to. `Debug` shows no user and no password.
#[derive(Clone)]
pub struct RedisOptions {
    nodes: Vec<ConnectionInfo>,
    is_cluster: bool,
    /// PEM; `None` for those of the system alone.
    authorities: Option<Vec<u8>>,
    key_prefix: String,
    timeout: Duration,
}

/// What is wrong with a URL. It never holds the URL itself, in which a password may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RedisOptionsFault {
    /// Another scheme.
    #[error("the URL does not begin with redis://, rediss://, redis+cluster:// or rediss+cluster://")]
    Scheme,
    /// A query or a fragment.
    #[error("the URL has a `?` or `#` in it; in a password they are written %3F and %23")]
    Query,
    /// The host is missing or cannot be one, or the port is none.
    #[error("the URL names no host, or one that cannot be; it reads redis://user:password@host:6379/0")]
    Host,
    /// Several hosts of one server.
    #[error("the URL names several hosts, which only a cluster has: redis+cluster://host1,host2")]
    SeveralHosts,
    /// Not a database number.
    #[error("the database after the host is not a number, as in redis://host:6379/0")]
    Database,
    /// A cluster has one database.
    #[error("the URL names a database, and a cluster has none but 0")]
    ClusterDatabase,
    /// A prefix that would choose a place in a cluster, or none.
    #[error("the key prefix is empty or has a brace in it")]
    KeyPrefix,
}

impl RedisOptions {
    /// Reads `redis://user:password@host:port/database`, `rediss://` for TLS, or, with any number of hosts, `redis+cluster://`
    /// and `rediss+cluster://`. User, password, port and database may be left out; user and password are percent-encoded.
    /// `key_prefix` begins every key and channel; `timeout` bounds every call.
    ///
    /// # Errors
    /// [`RedisOptionsFault`].
    pub fn parse(url: &SecretString, key_prefix: &str, timeout: Duration) -> Result<Self, RedisOptionsFault> {
        let url = url.expose_secret();
        let (scheme, rest) = url.split_once("://").ok_or(RedisOptionsFault::Scheme)?;
        let (scheme, is_cluster) = match scheme {
            "redis" | "rediss" => (scheme, false),
            "redis+cluster" => ("redis", true),
            "rediss+cluster" => ("rediss", true),
            _ => return Err(RedisOptionsFault::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(RedisOptionsFault::Query);
        }
        if key_prefix.is_empty() || key_prefix.contains(['{', '}']) {
            return Err(RedisOptionsFault::KeyPrefix);
        }
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        check_database(database, is_cluster)?;
        let (user, hosts) = authority
            .rsplit_once('@')
            .map_or(("", authority), |(user, hosts)| (user, hosts));
        let at = if authority.contains('@') { "@" } else { "" };
        let node = |host: &str| node(&format!("{scheme}://{user}{at}{host}/{database}"));
        let nodes = hosts.split(',').map(node).collect::<Result<Vec<_>, _>>()?;
        if nodes.len() > 1 && !is_cluster {
            return Err(RedisOptionsFault::SeveralHosts);
        }
        Ok(Self {
            nodes,
            is_cluster,
            authorities: None,
            key_prefix: key_prefix.to_owned(),
            timeout,
        })
    }

    /// Trusts these authorities (certificates in PEM) besides the system's.
    ///
    /// # Errors
    /// [`AuthoritiesFault`].
    pub fn trusting(mut self, authorities: &[u8]) -> Result<Self, AuthoritiesFault> {
        self.authorities = Some(with_those_of_the_system(authorities)?);
        Ok(self)
    }

    pub(crate) fn key_prefix(&self) -> &str {
        &self.key_prefix
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn is_cluster(&self) -> bool {
        self.is_cluster
    }

    /// The server, or the nodes of the cluster that are known beforehand.
    pub(crate) fn nodes(&self) -> &[ConnectionInfo] {
        &self.nodes
    }

    /// Another node of the cluster of `known`, spoken to in the same way. An empty host is that of `known`.
    pub(crate) fn node_at(known: &ConnectionInfo, host: &str, port: u16) -> ConnectionInfo {
        let addr = match known.addr() {
            ConnectionAddr::TcpTls {
                host: known_host,
                insecure,
                tls_params,
                ..
            } => ConnectionAddr::TcpTls {
                host: if host.is_empty() { known_host } else { host }.to_owned(),
                port,
                insecure: *insecure,
                tls_params: tls_params.clone(),
            },
            ConnectionAddr::Tcp(known_host, _) if host.is_empty() => ConnectionAddr::Tcp(known_host.clone(), port),
            _ => ConnectionAddr::Tcp(host.to_owned(), port),
        };
        known.clone().set_addr(addr)
    }

    /// The client of one node.
    pub(crate) fn client(&self, node: &ConnectionInfo) -> RedisResult<Client> {
        match node.addr() {
            ConnectionAddr::TcpTls { .. } if self.authorities.is_some() => {
                Client::build_with_tls(node.clone(), self.certificates())
            }
            _ => Client::open(node.clone()),
        }
    }

    /// A pool of one connection to the one server. It is there for the connection's life; what it costs to take one out of a
    /// pool, two commands, is more than what a call costs, so the connection is cloned and not given back.
    pub(crate) fn pool(&self, server: &ConnectionInfo) -> RedisResult<Pool> {
        let server = self.client(server)?.get_connection_info().clone();
        let manager = Manager::new_with_config(server, self.connection_config())?;
        let pool = Pool::builder(manager).max_size(1).build();
        // Only a pool with time-outs of its own can fail to be built.
        pool.map_err(|error| std::io::Error::other(error).into())
    }

    /// The client of the cluster. deadpool's manager can be told neither times nor authorities, and a connection to a cluster
    /// mends itself.
    pub(crate) fn cluster_client(&self) -> RedisResult<ClusterClient> {
        let builder = ClusterClient::builder(self.nodes.iter().cloned())
            .connection_timeout(self.connection_timeout())
            .response_timeout(self.timeout)
            .tcp_settings(tcp_settings());
        let builder = match &self.authorities {
            Some(_) => builder.certs(self.certificates()),
            None => builder,
        };
        builder.build()
    }

    pub(crate) fn connection_config(&self) -> AsyncConnectionConfig {
        AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connection_timeout()))
            .set_response_timeout(Some(self.timeout))
    }

    pub(crate) fn connection_timeout(&self) -> Duration {
        self.timeout.max(LONGEST_CONNECT)
    }

    fn certificates(&self) -> TlsCertificates {
        TlsCertificates {
            client_tls: None,
            root_cert: self.authorities.clone(),
        }
    }
}

fn check_database(database: &str, is_cluster: bool) -> Result<(), RedisOptionsFault> {
    match database.parse::<u32>() {
        Ok(0) => Ok(()),
        Ok(_) if is_cluster => Err(RedisOptionsFault::ClusterDatabase),
        Ok(_) => Ok(()),
        Err(_) if database.is_empty() => Ok(()),
        Err(_) => Err(RedisOptionsFault::Database),
    }
}

fn node(url: &str) -> Result<ConnectionInfo, RedisOptionsFault> {
    let node = url.into_connection_info().map_err(|_| RedisOptionsFault::Host)?;
    Ok(node.set_tcp_settings(tcp_settings()))
}

/// Without delay: a call is a small packet, and its answer is waited for.
fn tcp_settings() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}

impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<String> = self.nodes.iter().map(|node| node.addr().to_string()).collect();
        f.debug_struct("RedisOptions")
            .field("addresses", &addresses)
            .field("is_cluster", &self.is_cluster)
            .field("key_prefix", &self.key_prefix)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
