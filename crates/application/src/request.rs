//! The circumstances of a request, for audit events and notices.

use gatewright_domain::session::client::{Client, UserAgent, counted_network};
use std::net::IpAddr;

/// Where a command comes from.
#[derive(Debug, Clone, Default)]
pub struct RequestContext {
    /// The client.
    pub client: Client,
    /// The request's id, as the caller sees it.
    pub request_id: String,
}

impl RequestContext {
    /// The network of the client, as it is counted and compared.
    #[must_use]
    pub fn network(&self) -> Option<IpAddr> {
        self.client.address.map(counted_network)
    }

    /// "Firefox on Linux, 192.0.2.7": for mails, in words of our own.
    #[must_use]
    pub fn describe_client(&self) -> String {
        let program = self.client.user_agent.as_ref().map(UserAgent::rough_name);
        let address = self.client.address.map(|address| address.to_canonical().to_string());
        let known: Vec<String> = program.into_iter().chain(address).collect();
        if known.is_empty() {
            "an unknown place".to_owned()
        } else {
            known.join(", ")
        }
    }
}
