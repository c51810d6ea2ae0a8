//! Who a request is made by.

use gatewright_domain::Timestamp;
use gatewright_domain::access::claims::AccessClaims;
use gatewright_domain::account::user::User;

/// The bearer of a verified access token whose session is live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What the token says.
    pub claims: AccessClaims,
    /// The user as stored, roles and status included.
    pub user: User,
    /// Until when this holds without looking again: the earliest end of token and session.
    pub good_until: Timestamp,
}
