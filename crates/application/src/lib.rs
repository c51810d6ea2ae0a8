//! The use cases of user authentication, and the ports they need.
//!
//! One use case a file, `<area>/<verb_noun>.rs`: it parses into value objects, reads, hashes or
//! verifies, lets the domain decide, and hands over one list of changes. Nothing is open meanwhile.
//! The crate imports `gatewright-domain` alone; databases, tokens, mail and HTTP stand behind
//! [`ports`].
//!
//! Start reading at [`session::sign_in`] for a typical use case, or at [`application`] for all of them.

pub mod abuse;
pub mod account;
pub mod administration;
pub mod application;
pub mod audit;
pub mod challenge;
pub mod input;
pub mod jobs;
pub mod mail;
pub mod operations;
pub mod password;
pub mod ports;
pub mod registration;
pub mod request;
pub mod session;
